"""Gradients of matrix products in the form that is compiled well.

TensorFlow's gradient of `a @ b` asks for products of transposed matrices. XLA has fast code for small products of
matrices as they lie in memory only, and a plain triple loop for all others: for a network of 60 × 60 weights that
makes the whole training step take twice as long. So matrices are transposed first, which costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import tensorflow as tf
from tensorflow.python.framework import ops

_ENTRY = ops.gradient_registry._registry["MatMul"]
_GRADIENT = "type"
_original = _ENTRY[_GRADIENT]


@contextmanager
def plain_products() -> Iterator[None]:
    """Has gradients of matrix products that are traced inside multiply matrices as they lie in memory."""
    with mock.patch.dict(_ENTRY, {_GRADIENT: _gradients}):
        yield


def _gradients(operation: Any, upstream: Any) -> tuple[Any, Any]:
    if operation.get_attr("transpose_a") or operation.get_attr("transpose_b") or upstream.dtype.is_complex:
        gradients: tuple[Any, Any] = _original(operation, upstream)
        return gradients
    a, b = operation.inputs
    unwanted = getattr(operation, "skip_input_indices", None) or ()
    return (
        None if 0 in unwanted else tf.matmul(upstream, tf.transpose(b)),
        None if 1 in unwanted else tf.matmul(tf.transpose(a), upstream),
    )
