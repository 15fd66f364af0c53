"""Philox4x32-10, the generator behind TensorFlow's random draws, in a form that is compiled well.

Four numbers come of a counter and a key by ten rounds of multiplications (Salmon et al., "Parallel random numbers:
as easy as 1, 2, 3", SC 2011). XLA's own code does all ten for one number after the other, 13 ns each. Here a round
is a step of a loop over the words of all groups of four, a few operations on whole arrays.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.compiler.tf2xla.ops import gen_xla_ops

_ROUNDS = 10
_FACTORS = np.array([[0xD2511F53], [0xCD9E8D57]], np.uint64)
_KEY_STEPS = np.array([[0x9E3779B9], [0xBB67AE85]], np.uint64)
# With which TensorFlow makes key and counter of a seed.
_SEED_KEY = np.array([[0x3EC8F720], [0x02461E29]], np.uint64)

Words = tuple[Any, Any]


def key_and_counter(seed: Any) -> tuple[Any, Any]:
    """The key and the counter that TensorFlow's processor kernels make of a seed.

    Args:
        seed: (2,) integers.

    Returns:
        The key, (1,) uint64, and the counter, (2,) uint64, lower half first.
    """
    words = tf.bitcast(tf.cast(seed, tf.int64), tf.uint64)[:, None]
    even, odd = _rounds((_lower(words), _upper(words)), tf.constant(_SEED_KEY))
    joined = tf.bitwise.bitwise_or(even, tf.bitwise.left_shift(odd, _shift()))[:, 0]
    return joined[:1], tf.concat([tf.zeros((1,), tf.uint64), joined[1:]], 0)


def bits(shape: Any, key: Any, counter: Any) -> Any:
    """The random bits that the kernels draw.

    Args:
        shape: Of the result; known while tracing.
        key: (1,) uint64.
        counter: (2,) uint64.

    Returns:
        uint32 numbers.
    """
    count = size(shape)
    groups = tf.cast(tf.range(-(-count // 4)), tf.uint64)
    low = counter[0] + groups
    counters = tf.stack([low, counter[1] + tf.cast(low < groups, tf.uint64)])
    keys = tf.stack([_lower(key), _upper(key)])
    even, odd = _rounds((_lower(counters), _upper(counters)), keys)
    words = tf.transpose(tf.stack([even, odd], axis=1), (2, 0, 1))
    return tf.reshape(tf.reshape(tf.cast(words, tf.uint32), (-1,))[:count], shape)


def size(shape: Any) -> int:
    """How many numbers an array of a shape has that is known while tracing."""
    return math.prod(tf.get_static_value(tf.convert_to_tensor(shape)).tolist())


def _rounds(words: Words, keys: Any) -> Words:
    """All rounds over (2, groups) even and odd words with (2, 1) keys, each 32 bits in a uint64."""

    def a_round(number: Any, even: Any, odd: Any, keys: Any) -> tuple[Any, Any, Any, Any]:
        products = tf.reverse(even * _FACTORS, [0])
        return number + 1, _xor(_upper(products), odd, keys), _lower(products), _lower(keys + _KEY_STEPS)

    # A number of rounds that XLA does not see, or it would unroll the loop and make one expression of all of them.
    (rounds,) = gen_xla_ops.xla_optimization_barrier([_ROUNDS + tf.cast(_upper(keys[0, 0]), tf.int32)])
    _, even, odd, _ = tf.while_loop(lambda number, *_: number < rounds, a_round, (0, *words, keys))
    return even, odd


def _upper(values: Any) -> Any:
    """The upper 32 of 64 bits."""
    return tf.bitwise.right_shift(values, _shift())


def _lower(values: Any) -> Any:
    """The lower 32 of 64 bits."""
    return tf.bitwise.bitwise_and(values, tf.constant(0xFFFFFFFF, tf.uint64))


def _shift() -> Any:
    return tf.constant(32, tf.uint64)


def _xor(*values: Any) -> Any:
    return functools.reduce(tf.bitwise.bitwise_xor, values)
