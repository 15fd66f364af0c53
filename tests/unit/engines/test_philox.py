from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.ops import gen_stateless_random_ops_v2 as kernels

from harness.engines.vectorized import philox

PHILOX = 1


def compiled(function: Any, *arguments: Any) -> Any:
    return tf.function(function, jit_compile=True, autograph=False)(*arguments)


@pytest.mark.parametrize("seed", [[0, 0], [123_456, 2], [-5, 77], [2**31 - 1, -(2**31)]])
def test_key_and_counter_are_those_of_the_kernel(seed: list[int]) -> None:
    key, counter = compiled(philox.key_and_counter, tf.constant(seed))
    expected = kernels.stateless_random_get_key_counter(tf.constant(seed))
    assert (key.numpy().tolist(), counter.numpy().tolist()) == tuple(value.numpy().tolist() for value in expected)


@pytest.mark.parametrize("shape", [(1,), (4,), (7, 5), (2, 3, 11)])
@pytest.mark.parametrize("low", [0, 2**64 - 2], ids=["", "carried over"])
def test_bits_are_those_of_the_kernel(shape: tuple[int, ...], low: int) -> None:
    key = tf.constant([2**63 + 2**33 + 12345], tf.uint64)
    counter = tf.constant(np.array([low, 17], np.uint64))
    ours = compiled(lambda key, counter: philox.bits(shape, key, counter), key, counter)
    theirs = kernels.stateless_random_uniform_full_int_v2(shape, key, counter, PHILOX, tf.uint32)
    assert (ours.numpy() == theirs.numpy()).all()
