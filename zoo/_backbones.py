"""The convolutional bases of `keras.applications`, by name, and the scaling of pixels that each wants."""

from __future__ import annotations

import contextlib
import difflib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

import keras
import numpy as np
from keras import layers, ops

from zoo.weights import load_weights_by_name

Preprocessing = Literal["keras", "rescale", "torch"]

# Of the ImageNet photographs, RGB in [0, 1], as PyTorch's models take them.
_TORCH_MEAN, _TORCH_STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


def find_backbone(name: Any) -> Callable[..., keras.Model]:
    """Finds the function of `keras.applications` that builds a backbone.

    Args:
        name: Its name, in any case, with or without hyphens and underscores.

    Raises:
        ValueError: There is none of the name.

    Example:
        >>> find_backbone("mobilenet_v2").__name__
        'MobileNetV2'
    """
    known = {each.lower(): each for each in dir(keras.applications) if each[0].isupper()}
    key = str(name).lower().replace("_", "").replace("-", "")
    if key not in known:
        raise ValueError(_unknown("base", name, known, "a backbone of keras.applications"))
    return getattr(keras.applications, known[key])  # type: ignore[no-any-return]


def build_backbone(
    name: str, input_shape: tuple[int, ...], weights: str | os.PathLike[str] | None, last_layer: str | None = None
) -> keras.Model:
    """Builds a backbone without its classifier.

    Args:
        name: As `find_backbone` takes it; the model gets its lower-case form.
        input_shape: `(height, width, channels)`.
        weights: "imagenet", None for random ones, or the path of an HDF5 file.
        last_layer: Name of the layer to end at, or None for the whole.

    Raises:
        ValueError: Unknown name or layer, image too small, or the weights cannot be had.
    """
    function = find_backbone(name)
    downloaded = weights if weights == "imagenet" else None
    settings = {"include_top": False, "input_shape": input_shape, "name": function.__name__.lower()}
    with _downloads(name, downloaded):
        base = function(weights=downloaded, **settings)
    if last_layer is not None:
        base = _ended_at(base, last_layer)
    if weights is not None and not downloaded:
        _load(base, weights)
    return base


def preprocessed(x: Any, preprocessing: Preprocessing, base: str) -> Any:
    """Scales pixels from 0…255 to what a backbone's weights want.

    Args:
        x: Symbolic `(images, height, width, 3)`, RGB.
        preprocessing: "keras" for what the backbone's own `preprocess_input` does, "rescale" for [0, 1], "torch"
            for [0, 1] less the mean of the ImageNet photographs, over their standard deviation.
        base: The backbone.
    """
    if preprocessing == "rescale":
        return layers.Rescaling(1 / 255, name="rescale")(x)
    if preprocessing == "torch":
        return _rescaled(x, 1 / (255 * _TORCH_STD), -_TORCH_MEAN / _TORCH_STD)
    flips, scale, offset = _affine(sys.modules[find_backbone(base).__module__].preprocess_input)
    if flips:
        x = ops.flip(x, axis=1 if keras.config.image_data_format() == "channels_first" else -1)
    return x if (scale == 1).all() and (offset == 0).all() else _rescaled(x, scale, offset)


def _affine(preprocess: Callable[..., Any]) -> tuple[bool, Any, Any]:
    """Reads off what `preprocess_input` does: a flip of RGB to BGR, if any, then a scale and an offset."""
    black, white, red = np.zeros((1, 1, 1, 3)), np.full((1, 1, 1, 3), 255.0), np.array([[[[255.0, 0, 0]]]])
    offset, most, of_red = (preprocess(pixel.copy(), "channels_last")[0, 0, 0] for pixel in (black, white, red))
    return bool(of_red[0] == offset[0]), (most - offset) / 255, offset


def _rescaled(x: Any, scale: Any, offset: Any) -> Any:
    if keras.config.image_data_format() == "channels_first":
        offset = offset.reshape(3, 1, 1)  # Keras does so for the scale only
    return layers.Rescaling(scale.tolist(), offset.tolist(), name="rescale")(x)


@contextlib.contextmanager
def _downloads(name: str, weights: str | None) -> Iterator[None]:
    """Says in one line why weights could not be had; keeps Keras' progress out of standard output."""
    if weights is None:
        yield
        return
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except ValueError:
        raise
    except Exception as error:  # Keras raises a bare Exception if it cannot fetch a file
        reason = " ".join(str(error).split())
        raise ValueError(
            f"The ImageNet weights of {name} cannot be downloaded ({reason}); pass weights=PATH to a local .h5 or "
            ".weights.h5 file, or weights=None for random ones"
        ) from error


def _ended_at(base: keras.Model, name: str) -> keras.Model:
    names = [layer.name for layer in base.layers]
    if name not in names:
        raise ValueError(_unknown("truncate_at", name, names, f"a layer of {base.name}"))
    return keras.Model(base.inputs, base.get_layer(name).output, name=base.name)


def _load(base: keras.Model, path: str | os.PathLike[str]) -> None:
    report = load_weights_by_name(base, path)
    if not report.is_complete:
        raise ValueError(f"'{path}' does not hold all weights of {base.name}: {report}")


def _unknown(argument: str, value: Any, known: Iterable[str], expected: str) -> str:
    close = difflib.get_close_matches(str(value), known, n=1)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    message = f"`{argument}` must be {expected}. Received: {argument}={value!r}.{hint}"
    return f"{message} Known: {', '.join(sorted(known))}"
