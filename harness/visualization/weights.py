"""The weights of a dense layer on pixels as images: one for each unit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import UsageError
from harness.report.figures.image_grid import image_grid
from harness.visualization.layers import Shape, all_layers, find_layer, input_shape

if TYPE_CHECKING:
    import keras
    from matplotlib.figure import Figure

MOST_UNITS = 64


def draw_weights(
    model: keras.Model, layer: str, *, labels: Sequence[Any] = (), image_shape: tuple[int, int] | None = None
) -> Figure:
    """Draws how much each pixel speaks for (orange, light) or against (blue, dark) each unit of a dense layer.

    Args:
        model: A Keras model whose layer takes flattened grey images.
        layer: Name of the dense layer.
        labels: A name for each unit, such as the classes of a softmax; numbers by default.
        image_shape: Height and width of the images; by default those of the model's input, or of a square.

    Raises:
        UnknownNameError: No such layer.
        UsageError: The layer is not dense, or its inputs are no image of that shape.

    Example:
        >>> import keras
        >>> model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10, name="output")])
        >>> draw_weights(model, "output").axes[0].get_title(loc="left")
        'output: weights of 10 units on 28 × 28 pixels'
    """
    images = weight_images(model, layer, image_shape)
    count, height, width = images.shape
    some = f"{count}" if count <= MOST_UNITS else f"the first {MOST_UNITS} of {count}"
    names = labels if len(labels) == count else range(count)
    return image_grid(
        images[:MOST_UNITS],
        [str(name) for name in names],
        columns=5 if count == 10 else None,
        colours="diverging",
        value="weight",
        title=f"{layer}: weights of {some} units on {height} × {width} pixels",
    )


def weight_images(
    model: keras.Model, layer: str, image_shape: tuple[int, int] | None = None
) -> NDArray[np.float32]:
    """The weights of a dense layer, one image a unit.

    Args:
        model, layer, image_shape: As for `draw_weights`.

    Returns:
        (units, height, width) float32.
    """
    import keras

    found = find_layer(model, layer)
    if not _is_dense(found):
        dense = [each.name for each in all_layers(model) if _is_dense(each)]
        raise UsageError(
            f"Layer '{layer}' ({type(found).__name__}) is not dense. Dense layers: {', '.join(dense) or 'none'}"
        )
    weights = np.asarray(keras.ops.convert_to_numpy(found.kernel), dtype=np.float32).T
    height, width = image_shape or _shape_of(input_shape(model), weights.shape[1])
    if height * width != weights.shape[1]:
        raise UsageError(
            f"Layer '{layer}' has {weights.shape[1]} inputs, which are no grey image of {height} × {width}; "
            "name a layer that takes the pixels themselves"
        )
    return weights.reshape(-1, height, width)


def _is_dense(layer: Any) -> bool:
    return len(getattr(getattr(layer, "kernel", None), "shape", ())) == 2


def _shape_of(shape: Shape | None, pixels: int) -> tuple[int, int]:
    """Height and width of the model's input if it is a grey image, else of the square with that many pixels."""
    plain = [side for side in shape or () if side is not None]
    if len(plain) >= 2 and math.prod(plain) == pixels == plain[0] * plain[1]:
        return plain[0], plain[1]
    side = math.isqrt(pixels)
    return side, side
