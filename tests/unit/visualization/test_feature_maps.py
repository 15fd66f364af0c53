from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from harness.errors import UsageError
from harness.visualization import draw_feature_maps
from harness.visualization.feature_maps import feature_maps
from tests.unit.visualization.conftest import drawn


def test_each_channel_is_drawn_as_keras_computes_it(base: Any, model: Any, image: Any) -> None:
    expected = keras.Model(base.inputs[0], base.get_layer("second").output)(image[None]).numpy()[0]
    pictures = drawn(draw_feature_maps(model, image, "second"))
    assert len(pictures) == 5
    for channel, picture in enumerate(pictures):
        np.testing.assert_allclose(picture, expected[..., channel], rtol=1e-5, atol=1e-6)


def test_a_filter_that_copies_a_channel_shows_that_channel(image: Any) -> None:
    layer = keras.layers.Conv2D(3, 1, use_bias=False, name="copy")
    model = keras.Sequential([keras.Input((8, 8, 3)), layer])
    layer.set_weights([np.eye(3)[None, None]])
    np.testing.assert_allclose(feature_maps(model, image, "copy"), image.transpose(2, 0, 1), rtol=1e-6)


def test_all_maps_share_one_scale(model: Any, image: Any) -> None:
    figure = draw_feature_maps(model, image, "first")
    scales = {image.get_clim() for image in figure.axes[0].images}
    assert scales == {(feature_maps(model, image, "first").min(), feature_maps(model, image, "first").max())}


def test_of_many_channels_the_first_are_drawn() -> None:
    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Conv2D(70, 1, name="wide")])
    figure = draw_feature_maps(model, np.ones((4, 4)), "wide")
    assert len(figure.axes[0].images) == 64
    assert figure.axes[0].get_title(loc="left") == "wide: first 64 of 70 feature maps of 4 × 4"


def test_a_layer_without_maps_names_those_that_have_them(model: Any, image: Any) -> None:
    with pytest.raises(
        UsageError, match=r"shape \(2,\); .*Layers that have them: first, second, depthwise, dropout"
    ):
        draw_feature_maps(model, image, "output")
