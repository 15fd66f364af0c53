from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from harness.errors import UsageError
from harness.visualization import draw_filters
from harness.visualization.filters import filter_kernel, filter_pictures
from tests.unit.visualization.conftest import drawn


def test_filters_on_rgb_are_drawn_in_colour_about_grey(model: Any, base: Any) -> None:
    kernel = base.get_layer("first").get_weights()[0]
    pictures = drawn(draw_filters(model, "first"))
    assert [picture.shape for picture in pictures] == [(3, 3, 3)] * 4
    expected = 0.5 + kernel / (2 * np.abs(kernel).max())
    np.testing.assert_allclose(np.stack(pictures, axis=-1), expected, rtol=1e-6)


def test_other_filters_are_drawn_channel_by_channel(model: Any, base: Any) -> None:
    kernel = base.get_layer("second").get_weights()[0]
    figure = draw_filters(model, "second")
    for number, picture in enumerate(drawn(figure)):
        filter_number, channel = divmod(number, 4)
        np.testing.assert_array_equal(picture, kernel[:, :, channel, filter_number])
    assert figure.axes[0].images[0].get_cmap().name == "gray"
    assert figure.axes[0].images[0].get_clim() == pytest.approx((-np.abs(kernel).max(), np.abs(kernel).max()))


def test_filters_on_one_channel_make_a_square() -> None:
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(9, 3, name="conv")])
    figure = draw_filters(model, "conv")
    extents = [image.get_extent() for image in figure.axes[0].images]
    assert len({left for left, *_ in extents}) == len({top for *_, top in extents}) == 3
    assert figure.axes[0].get_title(loc="left") == "conv: 9 filters of 3 × 3"
    assert [text.get_text() for text in figure.axes[0].texts] == [str(number) for number in range(9)]


def test_a_transposed_convolution_has_its_filters_turned_round() -> None:
    layer = keras.layers.Conv2DTranspose(2, 3, name="up")
    model = keras.Sequential([keras.Input((8, 8, 3)), layer])
    assert layer.kernel.shape == (3, 3, 2, 3)
    np.testing.assert_array_equal(filter_kernel(model, "up"), layer.get_weights()[0].transpose(0, 1, 3, 2))


def test_weights_that_are_all_zero_are_grey() -> None:
    (picture, *_) = drawn(filter_pictures(np.zeros((3, 3, 3, 2), np.float32)).draw("conv"))
    assert (picture == 0.5).all()


@pytest.mark.parametrize("name", ["output", "flatten"])
def test_a_layer_without_filters_names_those_that_have_them(model: Any, name: str) -> None:
    with pytest.raises(UsageError, match=r"no two-dimensional filters.*: first, second, depthwise$"):
        draw_filters(model, name)
