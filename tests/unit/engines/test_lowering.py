from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from harness.engines.vectorized.lowering import direct_lowering

X = np.array([[-2.5, -0.0, 0.0], [1e-30, 3.0, np.inf], [-np.inf, np.nan, 0.5]], np.float32)
UPSTREAM = np.arange(1, 10, dtype=np.float32).reshape(3, 3)
IMAGES = np.random.default_rng(0).normal(size=(2, 3, 4, 5)).astype(np.float32)


def traced(function: Callable[..., Any], *arrays: Any, direct: bool) -> tuple[list[Any], set[str]]:
    """The values of a function of arrays, compiled, and the types of the operations it is made of."""
    graph = tf.function(function, autograph=False, jit_compile=True)
    with direct_lowering() if direct else nullcontext():
        concrete = graph.get_concrete_function(*(tf.TensorSpec(array.shape, array.dtype) for array in arrays))
    values = [value.numpy() for value in tf.nest.flatten(concrete(*map(tf.constant, arrays)))]
    return values, {operation.type for operation in concrete.graph.get_operations()}


def assert_replaced(kind: str, function: Callable[..., Any], *arrays: Any) -> None:
    """A function gives the same numbers without an operation of that kind."""
    ours, types = traced(function, *arrays, direct=True)
    theirs, original = traced(function, *arrays, direct=False)
    assert kind in original
    assert kind not in types
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one, other)


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "Abs": tf.abs,
    "Log1p": tf.math.log1p,
    "Reciprocal": tf.math.reciprocal,
    "Relu": tf.nn.relu,
    "Sign": tf.sign,
}


@pytest.mark.parametrize("kind", FUNCTIONS)
def test_an_operation_keeps_its_value_and_its_gradient(kind: str) -> None:
    def function(x: Any, upstream: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = FUNCTIONS[kind](x)
        return value, tape.gradient(value, x, upstream, unconnected_gradients="zero")

    assert_replaced(kind, function, X, UPSTREAM)


def test_the_gradient_of_relu_is_zero_at_zero() -> None:
    assert_replaced(
        "ReluGrad", lambda x, upstream: tf.raw_ops.ReluGrad(gradients=upstream, features=x), X, UPSTREAM
    )


@pytest.mark.parametrize(
    ("shape", "data_format"), [((6, 5), "NHWC"), ((2, 3, 4, 5), "NHWC"), ((2, 3, 4, 5), "NCHW")]
)
def test_gradients_of_biases_are_sums(shape: tuple[int, ...], data_format: str) -> None:
    upstream = np.resize(IMAGES, shape)
    gradient = partial(tf.raw_ops.BiasAddGrad, data_format=data_format)
    ours, types = traced(lambda x: gradient(out_backprop=x), upstream, direct=True)
    channels = len(shape) - 1 if data_format == "NHWC" else 1
    expected = upstream.astype(np.float64).sum(tuple(axis for axis in range(len(shape)) if axis != channels))
    np.testing.assert_allclose(ours[0], expected, rtol=1e-6, atol=1e-6)
    assert "BiasAddGrad" not in types


def test_a_choice_between_numbers_is_the_same() -> None:
    assert_replaced("Select", lambda x, y: tf.raw_ops.Select(condition=x > 0, x=x, y=y), X, UPSTREAM)


def test_a_choice_between_rows_stays_as_it_is() -> None:
    def function(x: Any, y: Any) -> Any:
        return tf.raw_ops.Select(condition=tf.constant([True, False, True]), x=x, y=y)

    (ours,), types = traced(function, X, UPSTREAM, direct=True)
    np.testing.assert_array_equal(ours, np.where([[True], [False], [True]], X, UPSTREAM))
    assert "Select" in types


@pytest.mark.parametrize("dtype", [np.float64, np.int32])
def test_numbers_of_another_type_stay_as_they_are(dtype: type) -> None:
    (ours,), types = traced(tf.abs, np.array([-3, 4], dtype), direct=True)
    np.testing.assert_array_equal(ours, [3, 4])
    assert "Abs" in types
