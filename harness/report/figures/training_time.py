"""How long the trainings took, a row for each model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from harness.report.figures._style import (
    COLOURS,
    INK,
    described,
    grid,
    label,
    legend_above,
    room_for,
    row_labels,
    styled,
)
from harness.report.numbers import format_seconds


@styled
def training_time(seconds: Mapping[str, Sequence[float]], title: str = "") -> Figure:
    """Draws the wall time of each training, and the sum for each model.

    Args:
        seconds: Wall time of each training in seconds, by model; each more than 0.
        title: What was evaluated.

    Example:
        >>> training_time({"net": [1.2, 1.4]}).axes[0].get_xlabel()
        'wall time of a training [s]'
    """
    names = list(seconds)
    figure, (axes,) = grid(height=1.4 + 0.34 * len(names), left=room_for(names), top=0.7)
    for place, times in enumerate(seconds.values()):
        values = np.asarray(times, dtype=np.float64)
        spread = place + 0.1 * np.sin(2.4 * np.arange(len(values)))
        axes.plot(values, spread, "o", color=COLOURS[0], alpha=0.45, markersize=3.5, markeredgewidth=0)
        axes.plot([np.median(values)], [place], "D", color=INK, markersize=5.5)
        _write_sum(axes, place, values)
    axes.plot([], [], "o", color=COLOURS[0], alpha=0.45, markersize=3.5, label="a training")
    axes.plot([], [], "D", color=INK, markersize=5.5, label="median")
    row_labels(axes, names)
    longest = max(max(times) for times in seconds.values())
    axes.set_xlim(0, 1.45 * longest)
    axes.grid(axis="x")
    label(axes, "wall time of a training [s]", "")
    legend_above(axes, title)
    sums = " ".join(f"{name}: {format_seconds(sum(times))} in all." for name, times in seconds.items())
    return described(figure, f"Wall time of the trainings. {sums}")


def _write_sum(axes: Axes, place: int, values: NDArray[np.float64]) -> None:
    axes.annotate(
        f"{format_seconds(float(values.sum()))} in all",
        (values.max(), place),
        (8, 0),
        textcoords="offset points",
        va="center",
        fontsize=8,
    )
