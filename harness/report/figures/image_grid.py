"""Small images side by side on one scale: filters, feature maps, weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from harness.report.figures._style import GREY, WIDTH, described, shown, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Colours = Literal["sequential", "diverging", "grey"]

# Lightness rises all the way, so that signs can be told apart in grey: dark is below 0, light is above.
DIVERGING = LinearSegmentedColormap.from_list(
    "blue_grey_sand", ["#04143a", "#1f4f99", "#8c8c8c", "#e3a550", "#fff6dc"]
)
_MAPS: dict[str, str | Colormap] = {"sequential": "viridis", "diverging": DIVERGING, "grey": "gray"}

_SIDE, _RIGHT, _TOP, _BOTTOM = (
    0.12,
    0.95,
    0.38,
    0.12,
)  # margins in inches; a colour bar stands in the right one, the title in the upper
_GAP, _LABEL = 0.08, 0.2  # between images, as a share of their height, and for a label above each


@styled
def image_grid(
    images: NDArray[Any],
    labels: Sequence[str] = (),
    *,
    columns: int | None = None,
    colours: Colours = "sequential",
    limits: tuple[float, float] | None = None,
    value: str = "",
    title: str = "",
) -> Figure:
    """Draws images of one size row by row, all on the same scale.

    Args:
        images: (n, height, width) numbers, or (n, height, width, 3) colours in [0, 1].
        labels: A short name for each image, or none.
        columns: Images in a row; about as many as there are rows by default.
        colours: Of numbers: "sequential" (viridis), "diverging" about 0 or "grey". Each can be read in greyscale.
        limits: Numbers that the scale begins and ends at; by default those of the images, on both sides of 0
            equally unless sequential.
        value: What the numbers are, with their unit.
        title: What the images are.

    Example:
        >>> figure = image_grid(np.eye(3)[None], title="one")
        >>> figure.axes[0].get_title(loc="left")
        'one'
    """
    count, height, width = images.shape[:3]
    columns = min(columns or math.ceil(math.sqrt(count * height / width)), count)
    rows = math.ceil(count / columns)
    step = (width / height + _GAP, 1 + (_LABEL if len(labels) else _GAP))
    right = _RIGHT if images.ndim == 3 else _SIDE
    # Few images need not fill the width of the page.
    inches = min((WIDTH - _SIDE - right) / (columns * step[0]), 1.5)
    above = _LABEL if len(labels) else 0.0
    size = (columns * step[0] - _GAP, rows * step[1] - step[1] + 1 + above)
    figure, axes = _canvas(size[0] * inches, size[1] * inches, _TOP if title else _BOTTOM)
    norm = Normalize(*(limits or _limits(images, colours)))
    for number, image in enumerate(images):
        left, top = number % columns * step[0], number // columns * step[1]
        extent = (left, left + width / height, top + 1, top)
        axes.imshow(image, extent=extent, cmap=_MAPS[colours], norm=norm, interpolation="nearest")
        if len(labels):
            axes.text(left, top - 0.03, shown(labels[number], 14), fontsize=_label_size(inches), color=GREY)
    axes.set(xlim=(0, size[0]), ylim=(size[1] - above, -above))
    axes.set_title(shown(title, 70))
    if images.ndim == 3:
        _scale(figure, axes, ScalarMappable(norm, _MAPS[colours]), value)
    what = f"{title}: " if title else ""
    return described(figure, f"{what}{count} images of {height} × {width} pixels.")


def _canvas(width: float, height: float, top: float) -> tuple[Figure, Axes]:
    """A figure with a frameless panel of that size in inches, and a margin above it."""
    total = (WIDTH, height + top + _BOTTOM)
    figure = Figure(figsize=total)
    axes = figure.add_axes((_SIDE / total[0], _BOTTOM / total[1], width / total[0], height / total[1]))
    axes.set_axis_off()
    return figure, axes


def _limits(images: NDArray[Any], colours: Colours) -> tuple[float, float]:
    low, high = float(np.min(images)), float(np.max(images))
    if colours == "sequential":
        return low, high
    most = max(abs(low), abs(high)) or 1.0
    return -most, most


def _label_size(inches: float) -> float:
    return float(np.clip(10 * inches, 5, 9))


def _scale(figure: Figure, axes: Axes, colours: ScalarMappable, value: str) -> None:
    place = axes.get_position()
    width, height = figure.get_size_inches()
    tall = min(place.height, 2.2 / height)
    bar = figure.add_axes((place.x1 + 0.12 / width, place.y1 - tall, 0.1 / width, tall))
    figure.colorbar(colours, cax=bar, label=shown(value, 40))
    bar.locator_params(axis="y", nbins=4)
    bar.tick_params(labelsize=8)
    bar.spines[:].set_visible(False)
