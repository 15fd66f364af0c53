"""Which operations give the same for a row in every epoch, and in every company."""

from __future__ import annotations

from typing import Any

import keras

_layers = keras.layers
_AUGMENTATION = "keras.src.layers.preprocessing.image_preprocessing"
# These mix the images of a batch, and their labels with them.
_MIXING = (_layers.MixUp, _layers.CutMix)
# They take the argument `training` and make nothing of it.
_ALWAYS_THE_SAME = (_layers.Resizing, _layers.CenterCrop)
_ELEMENTWISE = {"Add", "Subtract", "Multiply", "Divide", "TrueDivide", "Negative", "Cast", "Flip"}


def why_it_changes(operation: Any) -> str | None:
    """Tells why what an operation makes of a row is not the same in each epoch and each batch.

    That a layer was called with `training=False` does not count: `model.fit` overrides it.

    Args:
        operation: A layer, a model, or another operation of a functional model.

    Returns:
        The reason in one line, or None.

    Example:
        >>> why_it_changes(keras.layers.Dropout(0.2, name="drop"))
        "'drop' does something else in training"
        >>> why_it_changes(keras.layers.Flatten()) is None
        True
    """
    if isinstance(operation, _layers.InputLayer):
        return None
    if isinstance(operation, keras.Model):
        return _why_a_model_changes(operation)
    reason = (
        _why_a_layer_changes(operation) if isinstance(operation, keras.Layer) else _why_an_op_changes(operation)
    )
    return reason and f"'{operation.name}' {reason}"


def is_augmentation(operation: Any) -> bool:
    """Whether an operation changes images at random in training, each by itself, and learns nothing."""
    if isinstance(operation, keras.Sequential) and (graph := functional(operation)) is not None:
        parts = [part for part in graph.operations if not isinstance(part, _layers.InputLayer)]
        return any(map(is_augmentation, parts)) and all(
            is_augmentation(part) or why_it_changes(part) is None for part in parts
        )
    kind = type(operation)
    return kind.__module__.startswith(_AUGMENTATION) and kind not in (*_MIXING, *_ALWAYS_THE_SAME)


def functional(model: keras.Model) -> Any | None:
    """The graph of a model that Keras put together from layers, or None if it has code of its own."""
    if not type(model).__module__.startswith("keras."):
        return None
    graph = model._functional if isinstance(model, keras.Sequential) else model
    return graph if type(graph).__name__ == "Functional" else None


def _why_a_model_changes(model: keras.Model) -> str | None:
    graph = functional(model)
    if graph is None:
        return f"'{model.name}' has code of its own"
    return next(filter(None, map(why_it_changes, graph.operations)), None)


def _why_an_op_changes(operation: Any) -> str | None:
    kind = type(operation)
    known = kind.__module__.startswith("keras.") and kind.__name__ in _ELEMENTWISE
    return None if known and not _goes_across_rows(getattr(operation, "axis", -1)) else "may look across rows"


def _why_a_layer_changes(layer: Any) -> str | None:
    kind = type(layer)
    if not kind.__module__.startswith("keras.") or isinstance(layer, _layers.Lambda):
        return "has code of its own"
    if layer.trainable_variables:
        return "is trained"
    if getattr(layer, "activity_regularizer", None) is not None:
        return "adds to the loss"
    if isinstance(layer, _layers.Masking) or getattr(layer, "mask_zero", False):
        return "makes a mask"
    if _goes_across_rows(getattr(layer, "axis", -1)):
        return "looks across rows"
    if isinstance(layer, _layers.BatchNormalization):
        return "is not frozen" if layer.trainable else None
    if layer._call_has_training_arg and kind not in _ALWAYS_THE_SAME:
        return "does something else in training"
    return None


def _goes_across_rows(axis: Any) -> bool:
    axes = axis if isinstance(axis, (list, tuple)) else [axis]
    return any(each is None or each == 0 for each in axes)
