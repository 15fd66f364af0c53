"""Operations in a form that TensorFlow lowers to XLA quickly.

Most operations are lowered by a few lines of code each. Some go through MLIR, 6 to 10 ms each, which for a small
network adds up to a quarter of the time that compiling takes. While a program is traced, those are replaced by
others with the same value, bit for bit but for the sign of a zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest import mock

import tensorflow as tf
from tensorflow.python.eager import record
from tensorflow.python.framework import op_def_library

_original = op_def_library._apply_op_helper


@contextmanager
def direct_lowering() -> Iterator[None]:
    """Has the operations that are traced inside lowered without MLIR, where they can be."""
    with mock.patch.object(op_def_library, "_apply_op_helper", _apply):
        yield


class _Original(NamedTuple):
    """What a gradient tape asks of the operation that was replaced."""

    inputs: Sequence[tf.Tensor]
    attributes: Mapping[str, Any]

    def _get_attr_type(self, name: str) -> int:
        kind: int = self.inputs[-1].dtype.as_datatype_enum
        return kind

    def get_attr(self, name: str) -> Any:
        return self.attributes[name]


def _apply(type_name: str, name: str | None = None, **arguments: Any) -> tuple[Any, Any, Any, Any]:
    inputs = [argument for argument in arguments.values() if isinstance(argument, tf.Tensor)]
    output = None
    if type_name in _REPLACEMENTS and inputs and inputs[-1].dtype == tf.float32:
        with record.stop_recording():  # the tape takes down the original
            output = _REPLACEMENTS[type_name](**arguments)
    if output is None:
        result: tuple[Any, Any, Any, Any] = _original(type_name, name=name, **arguments)
        return result
    return None, None, _Original(inputs, arguments), [output]


def _bias_add_grad(out_backprop: tf.Tensor, data_format: str | bytes) -> tf.Tensor:
    rank = out_backprop.shape.rank
    channels = 1 if tf.compat.as_str(data_format) == "NCHW" else rank - 1
    return tf.reduce_sum(out_backprop, [axis for axis in range(rank) if axis != channels])


def _relu_grad(gradients: tf.Tensor, features: tf.Tensor) -> tf.Tensor:
    return tf.where(features > 0, gradients, 0.0)


def _select(condition: tf.Tensor, t: tf.Tensor, e: tf.Tensor) -> tf.Tensor | None:
    # A vector would select rows.
    return tf.where(condition, t, e) if condition.shape == t.shape else None


def _sign(x: tf.Tensor) -> tf.Tensor:
    return tf.where(x > 0, 1.0, tf.where(x < 0, -1.0, x))


_REPLACEMENTS: dict[str, Callable[..., tf.Tensor | None]] = {
    "Abs": lambda x: tf.maximum(x, -x),
    "BiasAddGrad": _bias_add_grad,
    "Log1p": lambda x: tf.math.xlog1py(1.0, x),
    "Reciprocal": lambda x: 1.0 / x,
    "Relu": lambda features: tf.maximum(features, 0.0),
    "ReluGrad": _relu_grad,
    "Select": _select,
    "Sign": _sign,
}
