"""A layer's output, held against Keras' own way to it."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from harness.errors import UnknownNameError, UsageError
from harness.visualization.layers import find_layer, input_shape, layer_output


@pytest.mark.parametrize("name", ["first", "second", "depthwise", "dropout", "flatten"])
def test_output_is_that_of_a_model_that_ends_there(base: Any, model: Any, image: Any, name: str) -> None:
    expected = keras.Model(base.inputs[0], base.get_layer(name).output)(image[None]).numpy()[0]
    for whole in (base, model):  # by itself, and as a layer of another model
        np.testing.assert_allclose(layer_output(whole, image, name), expected, rtol=1e-5, atol=1e-6)


def test_a_layer_that_was_looked_at_works_as_before(model: Any, image: Any) -> None:
    before = model(image[None]).numpy()
    layer_output(model, image, "second")
    assert "call" not in vars(find_layer(model, "second"))
    np.testing.assert_array_equal(model(image[None]).numpy(), before)


class Subclassed(keras.Model):  # type: ignore[misc]
    """Has no graph of layers, and a layer that it does not use."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = keras.layers.Conv2D(2, 3, name="conv")
        self.spare = keras.layers.Dense(1, name="spare")

    def build(self, input_shape: Any) -> None:
        self.conv.build(input_shape)
        self.spare.build(input_shape)

    def call(self, x: Any) -> Any:
        return self.conv(x)


def subclassed() -> Any:
    model = Subclassed()
    model(np.zeros((1, 8, 8, 3), np.float32))
    return model


def test_a_subclassed_model_can_be_looked_into(image: Any) -> None:
    model = subclassed()
    np.testing.assert_allclose(layer_output(model, image, "conv"), model(image[None]).numpy()[0], rtol=1e-6)


def test_a_layer_that_is_not_used_is_named(image: Any) -> None:
    with pytest.raises(UsageError, match="does not use its layer 'spare'"):
        layer_output(subclassed(), image, "spare")


def test_an_unknown_layer_is_told_which_there_are(model: Any) -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown layer 'frist'. Did you mean 'first'.* flatten, output"):
        find_layer(model, "frist")


def test_an_image_of_another_size_is_refused(model: Any) -> None:
    with pytest.raises(UsageError, match=r"one image of shape \(8, 8, 3\)\. Received: shape \(9, 8, 3\)"):
        layer_output(model, np.zeros((9, 8, 3)), "first")


def test_a_grey_image_needs_no_axis_of_channels_and_may_be_flattened() -> None:
    grey = np.arange(16.0).reshape(4, 4)
    for shape in ((4, 4, 1), (4, 4), (16,)):
        model = keras.Sequential([keras.Input(shape), keras.layers.Rescaling(2.0, name="twice")])
        np.testing.assert_array_equal(layer_output(model, grey, "twice").ravel(), 2 * grey.ravel())


def test_several_inputs_are_refused() -> None:
    inputs = [keras.Input((2,)), keras.Input((2,))]
    model = keras.Model(inputs, keras.layers.Add()(inputs))
    with pytest.raises(UsageError, match="one input"):
        input_shape(model)
