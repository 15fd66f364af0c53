"""A small network on colour images, with a network inside it."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray


@pytest.fixture(scope="session")
def base() -> keras.Model:
    """The part of `model` that makes feature maps."""
    layers = [
        keras.Input((8, 8, 3)),
        keras.layers.Conv2D(4, 3, activation="relu", name="first"),
        keras.layers.Conv2D(5, 3, name="second"),
        keras.layers.DepthwiseConv2D(2, name="depthwise"),
        keras.layers.Dropout(0.9, name="dropout"),
        keras.layers.Flatten(name="flatten"),
    ]
    keras.utils.set_random_seed(4)
    return keras.Sequential(layers, name="base")


@pytest.fixture(scope="session")
def model(base: keras.Model) -> keras.Model:
    """A classifier whose convolutions are in a model of their own, as in transfer learning."""
    inputs = keras.Input((8, 8, 3))
    outputs = keras.layers.Dense(2, activation="softmax", name="output")(base(inputs))
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.SGD(0.1), loss="sparse_categorical_crossentropy")
    return model


@pytest.fixture(scope="session")
def image() -> NDArray[Any]:
    """(8, 8, 3) numbers."""
    return np.random.default_rng(0).normal(size=(8, 8, 3)).astype(np.float32)


def drawn(figure: Any) -> list[NDArray[Any]]:
    """The images of a figure, in their order."""
    return [np.asarray(image.get_array()) for image in figure.axes[0].images]
