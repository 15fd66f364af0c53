"""One image in the shape that a model takes."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.data.decoding import read_pixels
from harness.errors import DataError, UsageError
from harness.visualization.layers import Shape

_SIDE = 224  # for models that take images of any size
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601


def read_image(
    path: Path, shape: Shape | None, scale: float = 1.0, mean_image: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """Reads an image for a model, resized to what it takes; grey where the model takes one channel.

    Args:
        path: An image file, or a `.npy` array in the very form that the model takes.
        shape: Shape of one example: (height, width, channels), (height, width), or (pixels,) of a square.
        scale: Factor of the pixels, which are from 0 to 255; 1/255 for a model that takes 0 to 1. An array is
            taken as it is.
        mean_image: Subtracted from the scaled pixels, or None; (height, width, channels) as the model takes them.

    Returns:
        An array of that shape, float32.

    Raises:
        DataError: The file cannot be read.
        UsageError: The model takes no images, or others than the mean image is one of.
    """
    if path.suffix == ".npy":
        return _array(path)
    size = height, width, channels = _image_shape(shape)
    pixels: NDArray[np.float32] = read_pixels(path, (height, width)) * np.float32(scale)
    image: NDArray[np.float32] = pixels if channels == 3 else np.dot(pixels, _LUMA)
    image = image.reshape(size[: len(shape)] if shape and len(shape) > 1 else -1)
    return image if mean_image is None else _less(image, mean_image)


def _less(image: NDArray[np.float32], mean_image: NDArray[np.float32]) -> NDArray[np.float32]:
    if image.shape != mean_image.shape:
        raise UsageError(
            f"The model takes images of shape {image.shape}; its run's mean image is {mean_image.shape}"
        )
    return image - mean_image


def _array(path: Path) -> NDArray[np.float32]:
    try:
        return np.asarray(np.load(path, allow_pickle=False), dtype=np.float32)
    except (OSError, ValueError) as error:
        raise DataError(f"{path} is no array of numbers ({error}); write it with numpy.save") from None


def _image_shape(shape: Shape | None) -> tuple[int, int, int]:
    shape = shape or ()
    if len(shape) == 1 and shape[0] is not None and math.isqrt(shape[0]) ** 2 == shape[0]:
        return math.isqrt(shape[0]), math.isqrt(shape[0]), 1
    height, width, channels = (*shape, 1)[:3] if len(shape) in (2, 3) else (0, 0, 0)
    if channels not in (1, 3):
        raise UsageError(f"The model takes no images, but examples of shape {shape}; pass a .npy array")
    return height or _SIDE, width or _SIDE, channels
