from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from harness.errors import UsageError
from harness.visualization import draw_weights
from tests.unit.visualization.conftest import drawn


def softmax(shape: tuple[int, ...], units: int = 3) -> Any:
    layers = [keras.layers.Flatten()] if len(shape) > 1 else []
    return keras.Sequential([keras.Input(shape), *layers, keras.layers.Dense(units, name="output")])


@pytest.mark.parametrize(
    ("shape", "image"), [((16,), (4, 4)), ((4, 4), (4, 4)), ((2, 8), (2, 8)), ((2, 8, 1), (2, 8))]
)
def test_each_unit_is_an_image_of_its_weights(shape: tuple[int, ...], image: tuple[int, int]) -> None:
    model = softmax(shape)
    kernel = model.layers[-1].get_weights()[0]
    for unit, picture in enumerate(drawn(draw_weights(model, "output"))):
        np.testing.assert_array_equal(picture, kernel[:, unit].reshape(image))


def test_a_unit_that_looks_at_one_pixel_shows_that_pixel() -> None:
    model = softmax((28, 28), 2)
    kernel = np.zeros((784, 2))
    kernel[5 * 28 + 9, 1] = 1.0
    model.layers[-1].set_weights([kernel, np.zeros(2)])
    picture = drawn(draw_weights(model, "output"))[1]
    assert np.argwhere(picture).tolist() == [[5, 9]]


def test_units_are_labelled_and_zero_is_in_the_middle_of_the_scale() -> None:
    figure = draw_weights(softmax((16,)), "output", labels=["cat", "dog", "owl"])
    assert [text.get_text() for text in figure.axes[0].texts] == ["cat", "dog", "owl"]
    low, high = figure.axes[0].images[0].get_clim()
    assert low == -high < 0
    assert figure.axes[1].get_ylabel() == "weight"


def test_the_shape_of_the_images_may_be_given() -> None:
    assert drawn(draw_weights(softmax((12,)), "output", image_shape=(3, 4)))[0].shape == (3, 4)


def test_inputs_that_are_no_image_are_refused() -> None:
    with pytest.raises(UsageError, match="12 inputs, which are no grey image of 3 × 3"):
        draw_weights(softmax((12,)), "output")


def test_a_layer_that_is_not_dense_names_those_that_are(model: Any) -> None:
    with pytest.raises(UsageError, match=r"\(Conv2D\) is not dense. Dense layers: output$"):
        draw_weights(model, "first")
