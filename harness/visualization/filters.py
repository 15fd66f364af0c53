"""The filters of a convolution as small images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import UsageError
from harness.report.figures.image_grid import image_grid
from harness.visualization.layers import all_layers, find_layer

if TYPE_CHECKING:
    import keras
    from matplotlib.figure import Figure

MOST_FILTERS = 64
_MOST_CHANNELS = 12
_MOST_ROWS = 12


@dataclass(frozen=True)
class FilterPictures:
    """Filters cut to what a figure has room for, numbered as the feature maps that they make.

    Attributes:
        weights: (n, height, width) weights, or (n, height, width, 3) of filters on three channels.
        columns: Pictures in a row, or None for a square.
        caption: Which filters these are.
    """

    weights: NDArray[np.float32]
    columns: int | None
    caption: str

    def draw(self, title: str, most: float | None = None) -> Figure:
        """Draws them; black and white are the weights -most and most, by default the largest there is."""
        scale = most or float(np.abs(self.weights).max()) or 1.0
        whole = f"{title}: {self.caption}"
        numbers = [str(number) for number in range(len(self.weights))] if self.columns is None else []
        if self.weights.ndim == 4:
            return image_grid(np.clip(0.5 + self.weights / (2 * scale), 0, 1), numbers, title=whole)
        return image_grid(
            self.weights,
            numbers,
            columns=self.columns,
            colours="grey",
            limits=(-scale, scale),
            value="weight",
            title=whole,
        )


def draw_filters(model: keras.Model, layer: str) -> Figure:
    """Draws the kernels of a two-dimensional convolution, all on one scale about 0.

    Filters on three channels are drawn in colour: grey is 0, and a colour is what the filter answers to. Others
    are drawn in grey; where there are several channels, each row is a filter and each column a channel.

    Args:
        model: A Keras model, trained or not.
        layer: Name of a convolution.

    Raises:
        UnknownNameError: No such layer.
        UsageError: The layer has no two-dimensional filters.

    Example:
        >>> import keras
        >>> model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3, name="conv")])
        >>> draw_filters(model, "conv").axes[0].get_title(loc="left")
        'conv: 4 filters of 3 × 3 on RGB'
    """
    kernel = filter_kernel(model, layer)
    return filter_pictures(kernel).draw(layer)


def filter_kernel(model: keras.Model, layer: str) -> NDArray[np.float32]:
    """The weights of a convolution as they are now.

    Returns:
        (height, width, channels, filters) float32.

    Raises:
        UnknownNameError: No such layer.
        UsageError: It has no two-dimensional filters; the message names layers that have.
    """
    import keras

    found = find_layer(model, layer)
    if not has_filters(found):
        named = [each.name for each in all_layers(model) if has_filters(each)]
        raise UsageError(
            f"Layer '{layer}' ({type(found).__name__}) has no two-dimensional filters. "
            f"Layers that have them: {', '.join(named) or 'none'}"
        )
    kernel = np.asarray(keras.ops.convert_to_numpy(found.kernel), dtype=np.float32)
    # A transposed convolution holds (height, width, filters, channels).
    return np.swapaxes(kernel, 2, 3) if isinstance(found, keras.layers.Conv2DTranspose) else kernel


def has_filters(layer: Any) -> bool:
    """Whether a layer is a two-dimensional convolution with weights."""
    return len(getattr(getattr(layer, "kernel", None), "shape", ())) == 4


def filter_pictures(kernel: NDArray[np.float32]) -> FilterPictures:
    """Cuts (height, width, channels, filters) weights into pictures.

    Example:
        >>> filter_pictures(np.zeros((3, 3, 64, 128), np.float32)).caption
        'filters 0-11 of 128 (rows) on channels 0-11 of 64 (columns)'
    """
    height, width, channels, count = kernel.shape
    if channels in (1, 3):
        some = f"{count}" if count <= MOST_FILTERS else f"first {MOST_FILTERS} of {count}"
        pictures = np.moveaxis(kernel, 3, 0)[:MOST_FILTERS]
        on = " on RGB" if channels == 3 else ""
        return FilterPictures(
            pictures if channels == 3 else pictures[..., 0],
            None,
            f"{some} filters of {height} × {width}{on}",
        )
    rows, columns = min(count, _MOST_ROWS), min(channels, _MOST_CHANNELS)
    pictures = kernel[:, :, :columns, :rows].transpose(3, 2, 0, 1).reshape(-1, height, width)
    caption = f"filters 0-{rows - 1} of {count} (rows) on channels 0-{columns - 1} of {channels} (columns)"
    return FilterPictures(pictures, columns, caption)
