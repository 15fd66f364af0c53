from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from harness.engines.vectorized.matrix_gradients import plain_products

RANDOM = np.random.default_rng(0)
A, B, UPSTREAM = (RANDOM.normal(size=shape).astype(np.float32) for shape in ((3, 4), (4, 5), (3, 5)))


def gradients(product: Callable[[Any, Any], Any], a: Any, b: Any, *, plain: bool) -> tuple[list[Any], list[str]]:
    """The gradients of both factors, and the operations of the graph that computes them."""

    def function(a: Any, b: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch((a, b))
            result = product(a, b)
        return tape.gradient(result, (a, b), output_gradients=tf.constant(UPSTREAM))

    with plain_products() if plain else nullcontext():
        traced = tf.function(function, autograph=False).get_concrete_function(tf.constant(a), tf.constant(b))
    transposed = [
        operation.type
        for operation in traced.graph.get_operations()
        if operation.type == "MatMul" and (operation.get_attr("transpose_a") or operation.get_attr("transpose_b"))
    ]
    return [value.numpy() for value in traced(tf.constant(a), tf.constant(b))], transposed


def test_gradients_are_those_of_tensorflow_and_of_the_formula() -> None:
    ours, transposed = gradients(tf.matmul, A, B, plain=True)
    theirs, _ = gradients(tf.matmul, A, B, plain=False)
    assert not transposed
    for one, other, formula in zip(ours, theirs, (UPSTREAM @ B.T, A.T @ UPSTREAM), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)
        np.testing.assert_allclose(one, formula, rtol=1e-5)


@pytest.mark.parametrize("side", ["transpose_a", "transpose_b"])
def test_products_of_transposed_matrices_keep_their_gradients(side: str) -> None:
    a, b = (A.T.copy(), B) if side == "transpose_a" else (A, B.T.copy())
    ours, _ = gradients(lambda a, b: tf.matmul(a, b, **{side: True}), a, b, plain=True)
    expected = [UPSTREAM @ B.T, A.T @ UPSTREAM]
    expected[side == "transpose_b"] = expected[side == "transpose_b"].T
    for one, formula in zip(ours, expected, strict=True):
        np.testing.assert_allclose(one, formula, rtol=1e-5)


def test_no_gradient_is_made_that_nobody_asks_for() -> None:
    def function(a: Any, b: Any) -> Any:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(b)
            result = tf.matmul(a, b)
        return tape.gradient(result, b)

    with plain_products():
        graph = tf.function(function, autograph=False).get_concrete_function(tf.constant(A), tf.constant(B)).graph
    assert [operation.type for operation in graph.get_operations()].count("MatMul") == 2


def test_nothing_is_changed_outside() -> None:
    gradients(tf.matmul, A, B, plain=True)
    assert gradients(tf.matmul, A, B, plain=False)[1]
