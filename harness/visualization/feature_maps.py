"""Feature maps: what the channels of a layer show of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import UsageError
from harness.report.figures.image_grid import image_grid
from harness.visualization.layers import all_layers, find_layer, layer_output

if TYPE_CHECKING:
    import keras
    from matplotlib.figure import Figure

MOST_MAPS = 64


def draw_feature_maps(model: keras.Model, image: NDArray[Any], layer: str) -> Figure:
    """Draws the output of a layer for one image: a picture for each of its first 64 channels, on one scale.

    Args:
        model: A Keras model, trained or not.
        image: (height, width, channels) as the model takes it, preprocessed if it was trained so.
        layer: Name of a layer whose output is (height, width, channels), such as a convolution or pooling.

    Raises:
        UnknownNameError: No such layer.
        UsageError: The image has another shape than the model takes, or the layer's output is no image.

    Example:
        >>> import keras
        >>> model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3, name="conv")])
        >>> figure = draw_feature_maps(model, np.zeros((8, 8, 3)), "conv")
        >>> figure.axes[0].get_title(loc="left")
        'conv: 4 feature maps of 6 × 6'
    """
    maps = feature_maps(model, image, layer)
    count, height, width = maps.shape
    some = f"{count}" if count <= MOST_MAPS else f"first {MOST_MAPS} of {count}"
    return image_grid(
        maps[:MOST_MAPS],
        [str(number) for number in range(count)],
        value="output of the layer",
        title=f"{layer}: {some} feature maps of {height} × {width}",
    )


def feature_maps(model: keras.Model, image: NDArray[Any], layer: str) -> NDArray[np.float32]:
    """The output of a layer for one image, channels first.

    Args:
        model, image, layer: As for `draw_feature_maps`.

    Returns:
        (channels, height, width) float32.
    """
    output = layer_output(model, image, layer)
    if output.ndim != 3:
        raise UsageError(
            f"The output of layer '{layer}' is of shape {output.shape}; feature maps need "
            f"(height, width, channels). Layers that have them: {', '.join(_layers_with_maps(model)) or 'none'}"
        )
    data_format = getattr(find_layer(model, layer), "data_format", None)
    return output if data_format == "channels_first" else np.moveaxis(output, -1, 0)


def _layers_with_maps(model: keras.Model) -> list[str]:
    # Layers of subclassed models have no symbolic output.
    outputs = ((layer.name, getattr(layer, "output", None)) for layer in _symbolic(model))
    return [name for name, output in outputs if len(getattr(output, "shape", ())) == 4]


def _symbolic(model: keras.Model) -> list[keras.Layer]:
    return [layer for layer in all_layers(model) if getattr(layer, "_inbound_nodes", None)]
