"""Targets: from original labels to what a model's loss expects, and from its output back to probabilities."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.data.dataset import Task
from harness.errors import FoldError, UsageError

_ONE_HOT_LOSSES = {
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_hinge",
    "kl_divergence",
    "categorical_generalized_cross_entropy",
}
_INTEGER_LOSSES = {"sparse_categorical_crossentropy"}


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
        if values.min() < 0 or values.max() > 1:
            raise FoldError(
                f"A classifier's outputs must be probabilities. Received: {values.min():g} to {values.max():g}; "
                "end the model in sigmoid or softmax, or compile its loss with from_logits=True"
            )
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


def codec_for(model: Any, task: Task, classes: tuple[Any, ...], num_targets: int) -> TargetCodec:
    """Reads from a compiled model how its targets must look.

    Args:
        model: A compiled, built `keras.Model`.
        task: What is predicted.
        classes: Original labels, () for regression.
        num_targets: Target columns of a regression, 1 for classification.

    Raises:
        UsageError: The model is not compiled with a loss, or its outputs do not fit the data.
    """
    loss = getattr(model, "loss", None)
    if loss is None:
        raise UsageError(f"The builder must return a compiled model. Received: '{model.name}' without a loss")
    widths = tuple(int(output.shape[-1]) if len(output.shape) > 1 else 1 for output in model.outputs)
    codec = TargetCodec(task, classes, _loss_name(loss) in _ONE_HOT_LOSSES, _is_logits(loss), widths)
    _check_outputs(codec, num_targets, _loss_name(loss))
    return codec


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
    if total == 1 and (codec.one_hot or loss in _INTEGER_LOSSES):
        raise UsageError(f"The loss '{loss}' needs one output unit a class. Received: a model with 1 unit")


def _loss_name(loss: Any) -> str:
    if isinstance(loss, dict):
        loss = next(iter(loss.values()))
    if isinstance(loss, (list, tuple)):
        loss = loss[0]
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _is_logits(loss: Any) -> bool:
    if hasattr(loss, "from_logits"):
        return bool(loss.from_logits)
    return bool(getattr(loss, "_fn_kwargs", {}).get("from_logits", False))


def _from_logits(values: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.special import expit, softmax

    return np.asarray(expit(values) if values.shape[1] == 1 else softmax(values, axis=1))
