"""Random draws that are fast inside a compiled program and equal to those outside.

A draw is made of bits that depend on its seed alone (`philox.py`), and of a rule that turns them into numbers. XLA
has the bits of TensorFlow's own kernels but another rule, so the same seed gives another dropout mask. While a
program is traced, the rule becomes that of TensorFlow's processor kernels, and the bits are drawn many at a time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import tensorflow as tf
from tensorflow.compiler.tf2xla.ops import gen_xla_ops
from tensorflow.python.ops import gen_stateless_random_ops_v2 as kernels
from tensorflow.python.ops import random_ops_util

from harness.engines.vectorized import philox
from harness.errors import EngineError

_SMALLEST_UNIFORM = 1e-7
# What processors choose by themselves is Philox, too.
_PHILOX = (random_ops_util.Algorithm.PHILOX.value, random_ops_util.Algorithm.AUTO_SELECT.value)


@contextmanager
def fast_draws(*, as_xla: bool) -> Iterator[None]:
    """Mends the draws of everything traced inside.

    Args:
        as_xla: Whether to leave XLA its rule, because what is compared with is compiled by XLA, too.
    """
    if as_xla:
        patches: list[Any] = [mock.patch.object(random_ops_util, "get_key_counter_alg", _separated)]
    else:
        patches = [
            mock.patch.object(random_ops_util, "get_key_counter_alg", _key_counter_alg),
            mock.patch.object(kernels, "stateless_random_uniform_v2", _uniform),
            mock.patch.object(kernels, "stateless_random_normal_v2", _normal),
            mock.patch.object(kernels, "stateless_truncated_normal_v2", _no_truncated_normal),
        ]
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in patches:
            patch.stop()


_get_key_counter_alg = random_ops_util.get_key_counter_alg


def _separated(seed: Any, algorithm: Any) -> tuple[Any, Any, Any]:
    """Without the barrier XLA computes the key of a draw again for every single number, at 350 ns each."""
    key, counter, algorithm = _get_key_counter_alg(seed, algorithm)
    key, counter = gen_xla_ops.xla_optimization_barrier([key, counter])
    return key, counter, algorithm


def _key_counter_alg(seed: Any, algorithm: Any) -> tuple[Any, Any, Any]:
    *_, algorithm = _get_key_counter_alg(seed, algorithm)
    if algorithm not in _PHILOX:
        raise EngineError(f"Random draws must be Philox's in a compiled program. Received: algorithm {algorithm}")
    return *philox.key_and_counter(seed), algorithm


def _uniform(shape: Any, key: Any, counter: Any, alg: Any, dtype: Any = tf.float32, name: Any = None) -> Any:
    if dtype != tf.float32:
        raise EngineError(
            f"Random draws must be float32 in a compiled program. Received: {tf.as_dtype(dtype).name}"
        )
    return _to_unit(philox.bits(shape, key, counter))


def _normal(shape: Any, key: Any, counter: Any, alg: Any, dtype: Any = tf.float32, name: Any = None) -> Any:
    """Box-Muller on neighbouring pairs of uniform numbers."""
    count = philox.size(shape)
    pairs = tf.reshape(_uniform([(count + 1) // 2 * 2], key, counter, alg, dtype), (-1, 2))
    radius = tf.sqrt(-2.0 * tf.math.log(tf.maximum(pairs[:, :1], _SMALLEST_UNIFORM)))
    angle = tf.constant(2.0 * math.pi, tf.float32) * pairs[:, 1:]
    numbers = tf.concat([tf.sin(angle) * radius, tf.cos(angle) * radius], axis=1)
    return tf.reshape(tf.reshape(numbers, (-1,))[:count], shape)


def _no_truncated_normal(*_: Any, **__: Any) -> Any:
    raise EngineError("Truncated normal noise during training cannot be compiled; use the fit engine")


def _to_unit(bits: Any) -> Any:
    """Numbers in [0, 1) from the lowest 23 of 32 random bits, taken as the fraction of a float in [1, 2)."""
    fraction = tf.bitwise.bitwise_or(tf.bitwise.bitwise_and(bits, tf.constant(0x7FFFFF, tf.uint32)), _one_bits())
    return tf.bitcast(fraction, tf.float32) - 1.0


def _one_bits() -> Any:
    return tf.constant(0x3F800000, tf.uint32)
