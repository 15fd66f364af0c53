from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harness.errors import DataError, UsageError
from harness.visualization.pixels import read_image

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 6, 3), dtype=np.uint8)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    Image.fromarray(PIXELS).save(tmp_path / "picture.png")
    return tmp_path / "picture.png"


def test_colours_are_read_as_they_are(picture: Path) -> None:
    np.testing.assert_array_equal(read_image(picture, (6, 6, 3)), PIXELS)


def test_pixels_are_scaled(picture: Path) -> None:
    np.testing.assert_allclose(read_image(picture, (6, 6, 3), 1 / 255), PIXELS / 255, rtol=1e-6)


@pytest.mark.parametrize("shape", [(6, 6, 1), (6, 6), (36,)])
def test_grey_is_what_pillow_calls_grey(picture: Path, shape: tuple[int, ...]) -> None:
    grey = np.asarray(Image.fromarray(PIXELS).convert("L"), dtype=float)
    image = read_image(picture, shape)
    assert image.shape == shape
    np.testing.assert_allclose(image.reshape(6, 6), grey, atol=1)


def test_an_image_is_resized_to_what_the_model_takes(picture: Path) -> None:
    assert read_image(picture, (12, 5, 3)).shape == (12, 5, 3)
    assert read_image(picture, (None, None, 3)).shape == (224, 224, 3)


def test_an_array_is_taken_as_it_is(tmp_path: Path) -> None:
    np.save(tmp_path / "image.npy", np.eye(3))
    np.testing.assert_array_equal(read_image(tmp_path / "image.npy", (9, 9, 9), 5.0), np.eye(3))


def test_objects_in_an_array_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "image.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match="is no array of numbers"):
        read_image(tmp_path / "image.npy", (3,))


@pytest.mark.parametrize("shape", [(7,), (6, 6, 2), (2, 6, 6, 3)])
def test_a_model_that_takes_no_images_is_refused(picture: Path, shape: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="takes no images"):
        read_image(picture, shape)


def test_a_mean_image_is_subtracted_after_scaling(picture: Path) -> None:
    mean = np.full((6, 6, 3), 0.25, np.float32)
    np.testing.assert_allclose(read_image(picture, (6, 6, 3), 1 / 255, mean), PIXELS / 255 - 0.25, atol=1e-6)


def test_a_mean_image_of_another_shape_is_refused(picture: Path) -> None:
    with pytest.raises(UsageError, match=r"images of shape \(6, 6, 3\); its run's mean image is \(4, 4, 3\)"):
        read_image(picture, (6, 6, 3), 1.0, np.zeros((4, 4, 3), np.float32))
