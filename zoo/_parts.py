"""The Keras objects that several builders need, made anew for every model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import keras

from zoo._checks import as_count, as_positive


class Head(NamedTuple):
    """The output layer of a classifier, and the loss that belongs to it."""

    units: int
    activation: str
    loss: str


def classifier_head(classes: int) -> Head:
    """Chooses the output layer: a sigmoid unit for two classes, a softmax for more.

    Example:
        >>> classifier_head(3)
        Head(units=3, activation='softmax', loss='sparse_categorical_crossentropy')
    """
    classes = as_count("classes", classes, minimum=2)
    if classes == 2:
        return Head(1, "sigmoid", "binary_crossentropy")
    return Head(classes, "softmax", "sparse_categorical_crossentropy")


def fresh_initializer(initializer: Any) -> Any:
    """Makes an initializer for one layer, from a name, a configuration or an object.

    An initializer object draws the same numbers for every layer, and every model, that it is handed to;
    a copy of one without a seed draws its own.
    """
    found = keras.initializers.get(initializer)
    return found.clone() if isinstance(found, keras.initializers.Initializer) else found


def fresh_optimizer(optimizer: str, learning_rate: Any) -> Any:
    """Makes an optimizer for one model, from a name: an object remembers the variables it trained first."""
    if not isinstance(optimizer, str):
        raise ValueError(f"`optimizer` must be a name such as 'adam'. Received: optimizer={optimizer!r}")
    config = {"learning_rate": as_learning_rate(learning_rate)}
    return keras.optimizers.get({"class_name": optimizer, "config": config})


def as_learning_rate(learning_rate: Any) -> Any:
    """Checks a learning rate: a number above 0, or a schedule."""
    if isinstance(learning_rate, keras.optimizers.schedules.LearningRateSchedule):
        return learning_rate
    return as_positive("learning_rate", learning_rate)


def as_metrics(metrics: str | Sequence[str]) -> list[str]:
    """Lists metric names for `compile`, from one name or several."""
    return [metrics] if isinstance(metrics, str) else list(metrics)


def leaf_layers(model: keras.Model) -> Iterator[keras.layers.Layer]:
    """The layers of a model, those of models within it in their place."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from leaf_layers(layer)
        else:
            yield layer
