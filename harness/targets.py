"""Targets: from original labels to what a model's loss expects, and from its output back to probabilities."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.data.dataset import Dataset, Task
from harness.errors import FoldError, UsageError

# What a rounding error may put outside of [0, 1].
_ROUNDING = 1e-6


@dataclass(frozen=True)
class TargetCodec:
    """How one model wants its targets, and how its outputs are read.

    Attributes:
        task: What is predicted.
        classes: Original labels in scikit-learn's order; the last of two is the positive class.
        one_hot: Whether the loss takes one column a class.
        from_logits: Whether the outputs are logits.
        widths: Columns of each of the model's outputs.

    Example:
        >>> codec = TargetCodec("binary", ("M", "R"), one_hot=False, from_logits=False, widths=(1,))
        >>> codec.encode(np.array(["R", "M"])).tolist()
        [[1.0], [0.0]]
        >>> codec.decode(np.array([[0.75]])).tolist()
        [[0.25, 0.75]]
    """

    task: Task
    classes: tuple[Any, ...]
    one_hot: bool
    from_logits: bool
    widths: tuple[int, ...]

    def encode(self, y: NDArray[Any]) -> NDArray[Any]:
        """Encodes original labels or numbers for the loss.

        Returns:
            (n, t) float32 for regression and binary crossentropy, (n, C) float32 one-hot, or (n,) int32 codes.

        Raises:
            UsageError: A label that is not among the classes.
        """
        if self.task == "regression":
            return np.asarray(y, dtype=np.float32).reshape(len(y), -1)
        codes = encode_labels(y, self.classes)
        if self.one_hot:
            return np.eye(len(self.classes), dtype=np.float32)[codes]
        if self.widths == (1,):
            return codes.astype(np.float32)[:, None]
        return codes.astype(np.int32)

    def decode(self, outputs: NDArray[Any]) -> NDArray[np.float64]:
        """Reads a model's outputs.

        Args:
            outputs: (n, width) raw outputs of the model, several heads side by side.

        Returns:
            (n, C) class probabilities in the order of `classes`, or (n, t) predicted numbers.

        Raises:
            FoldError: Outputs of a classifier that are no probabilities.
        """
        values = np.asarray(outputs, dtype=np.float64).reshape(len(outputs), -1)
        if self.task == "regression":
            return values
        if self.from_logits:
            values = _from_logits(values)
        if values.min() < -_ROUNDING or values.max() > 1 + _ROUNDING:
            raise FoldError(
                f"A classifier's outputs must be probabilities. Received: {values.min():g} to {values.max():g}; "
                "end the model in sigmoid or softmax, or compile its loss with from_logits=True"
            )
        values = np.clip(values, 0, 1)
        if values.shape[1] == 1:
            return np.hstack([1 - values, values])
        return np.asarray(values / np.maximum(values.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny))


def encode_labels(y: NDArray[Any], classes: tuple[Any, ...]) -> NDArray[np.int64]:
    """Position of each label in `classes` (sorted).

    Raises:
        UsageError: A label that is not among them.
    """
    known = np.asarray(classes)
    codes = np.searchsorted(known, y)
    wrong = known[np.minimum(codes, len(known) - 1)] != y
    if wrong.any():
        raise UsageError(f"Unknown label '{y[wrong][0]}'. Known: {', '.join(map(str, classes))}")
    return codes.astype(np.int64)


def truth_of(dataset: Dataset) -> NDArray[Any]:
    """What predictions are judged against: (n,) class codes, or (n, t) float64 numbers."""
    if dataset.task == "regression":
        return np.asarray(dataset.y, dtype=np.float64).reshape(dataset.n, -1)
    return encode_labels(dataset.y, dataset.classes)


def codec_for(
    model: Any, task: Task, classes: tuple[Any, ...], num_targets: int, input_shape: tuple[int, ...] = ()
) -> TargetCodec:
    """Reads from a compiled model how its targets must look.

    Args:
        model: A compiled, built `keras.Model`.
        task: What is predicted.
        classes: Original labels, () for regression.
        num_targets: Target columns of a regression, 1 for classification.
        input_shape: Shape of one example; only a subclassed model needs it.

    Raises:
        UsageError: The model is not compiled with a loss, or its outputs do not fit the data.
    """
    loss = _first_loss(model)
    name = _loss_name(loss)
    widths = tuple(int(shape[-1]) if len(shape) > 1 else 1 for shape in _output_shapes(model, input_shape))
    # Several units and a loss that is not for class numbers: Keras would broadcast (n,) targets in silence.
    one_hot = task != "regression" and sum(widths) > 1 and not name.startswith("sparse")
    codec = TargetCodec(task, classes, one_hot, _is_logits(loss), widths)
    _check_outputs(codec, num_targets, name)
    return codec


def _first_loss(model: Any) -> Any:
    loss = getattr(model, "loss", None)
    if isinstance(loss, dict):
        loss = next(iter(loss.values()), None)
    if isinstance(loss, (list, tuple)):
        loss = next(iter(loss), None)
    if loss is None:
        raise UsageError(f"The builder must return a compiled model. Received: '{model.name}' without a loss")
    return loss


def _output_shapes(model: Any, input_shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    import keras

    outputs = getattr(model, "outputs", None)
    if not outputs:  # a subclassed model tells them only when it is called
        outputs = keras.tree.flatten(model.compute_output_spec(keras.KerasTensor((None, *input_shape))))
    return [tuple(output.shape) for output in outputs]


def _check_outputs(codec: TargetCodec, num_targets: int, loss: str) -> None:
    total = sum(codec.widths)
    if codec.task == "regression":
        if total != num_targets:
            raise UsageError(
                f"The model has {total} output columns. The data has {num_targets} target columns; "
                "let the builder take num_outputs"
            )
        return
    count = len(codec.classes)
    if len(codec.widths) > 1:
        raise UsageError(f"A classifier must have one output. Received: a model with {len(codec.widths)}")
    if total != count and not (count == 2 and total == 1):
        raise UsageError(
            f"The model has {total} output units. The data has {count} classes; let the builder take classes"
        )
    if total == 1 and "categorical" in loss:
        raise UsageError(f"The loss '{loss}' needs one output unit a class. Received: a model with 1 unit")


def _loss_name(loss: Any) -> str:
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _is_logits(loss: Any) -> bool:
    if hasattr(loss, "from_logits"):
        return bool(loss.from_logits)
    return bool(getattr(loss, "_fn_kwargs", {}).get("from_logits", False))


def _from_logits(values: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.special import expit, softmax

    return np.asarray(expit(values) if values.shape[1] == 1 else softmax(values, axis=1))
