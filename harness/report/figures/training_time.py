"""How long the trainings took, and how much memory, a row for each model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.report.figures._style import (
    COLOURS,
    INK,
    PALE,
    WIDTH,
    described,
    label,
    legend_above,
    room_for,
    row_labels,
    styled,
)
from harness.report.numbers import format_seconds

_MIB = 2**20
_ABOVE, _BELOW = 0.55, 0.55
"""Inches above a panel, for title and legend, and below it, for its axis."""


@styled
def training_time(
    seconds: Mapping[str, Sequence[float]], memory: Mapping[str, Mapping[str, int]] | None = None, title: str = ""
) -> Figure:
    """Draws the wall time of each training, the sum for each model, and the peak of its process's memory.

    Args:
        seconds: Wall time of each training in seconds, by model; each more than 0.
        memory: "peak" and "growth" in bytes, by model, as `Run.memory`; models of which nothing is known have no
            bar, and without any there is no panel.
        title: What was evaluated.

    Example:
        >>> figure = training_time({"net": [1.2, 1.4]}, {"net": {"peak": 900_000, "growth": 1_000}})
        >>> [axes.get_xlabel() for axes in figure.axes]
        ['wall time of a training [s]', 'peak memory of the process [MiB]']
    """
    names = list(seconds)
    figure, panels = _panels(names, 2 if memory else 1)
    _draw_times(panels[0], seconds, title)
    sums = " ".join(f"{name}: {format_seconds(sum(times))} in all." for name, times in seconds.items())
    if not memory:
        return described(figure, f"Wall time of the trainings. {sums}")
    _draw_memory(panels[1], names, memory)
    peaks = " ".join(f"{name}: {memory[name]['peak'] / _MIB:.0f} MiB." for name in names if name in memory)
    return described(figure, f"Wall time of the trainings. {sums} Peak memory of the process. {peaks}")


def _panels(names: Sequence[str], count: int) -> tuple[Figure, list[Axes]]:
    """Panels one above the other, each with its legend."""
    inside = 0.15 + 0.34 * len(names)
    height = count * (inside + _ABOVE + _BELOW)
    figure = Figure(figsize=(WIDTH, height))
    left = room_for(list(names))
    figure.subplots_adjust(
        left=left / WIDTH,
        right=1 - 0.15 / WIDTH,
        bottom=_BELOW / height,
        top=1 - _ABOVE / height,
        hspace=(_ABOVE + _BELOW) / inside,
    )
    panels = list(figure.subplots(count, 1, squeeze=False)[:, 0])
    for panel in panels:
        panel.locator_params(nbins=5)
        row_labels(panel, list(names))
        panel.grid(axis="x")
    return figure, panels


def _draw_times(axes: Axes, seconds: Mapping[str, Sequence[float]], title: str) -> None:
    for place, times in enumerate(seconds.values()):
        values = np.asarray(times, dtype=np.float64)
        spread = place + 0.1 * np.sin(2.4 * np.arange(len(values)))
        axes.plot(values, spread, "o", color=COLOURS[0], alpha=0.45, markersize=3.5, markeredgewidth=0)
        axes.plot([np.median(values)], [place], "D", color=INK, markersize=5.5)
        _write(axes, f"{format_seconds(float(values.sum()))} in all", float(values.max()), place)
    axes.plot([], [], "o", color=COLOURS[0], alpha=0.45, markersize=3.5, label="a training")
    axes.plot([], [], "D", color=INK, markersize=5.5, label="median")
    axes.set_xlim(0, 1.45 * max(max(times) for times in seconds.values()))
    label(axes, "wall time of a training [s]", "")
    legend_above(axes, title)


def _draw_memory(axes: Axes, names: Sequence[str], memory: Mapping[str, Mapping[str, int]]) -> None:
    known = [(place, memory[name]) for place, name in enumerate(names) if name in memory]
    for place, found in known:
        peak, growth = found["peak"] / _MIB, found["growth"] / _MIB
        axes.barh(place, peak - growth, height=0.5, color=PALE, edgecolor=INK, linewidth=0.8)
        axes.barh(place, growth, left=peak - growth, height=0.5, color=COLOURS[0], edgecolor=INK, linewidth=0.8)
        _write(axes, f"{peak:.0f}, +{growth:.0f}", peak, place)
    axes.barh([0], [0], color=PALE, edgecolor=INK, linewidth=0.8, label="before the run")
    axes.barh([0], [0], color=COLOURS[0], edgecolor=INK, linewidth=0.8, label="growth while it ran")
    axes.set_xlim(0, 1.35 * max(found["peak"] for _, found in known) / _MIB)
    label(axes, "peak memory of the process [MiB]", "")
    legend_above(axes)


def _write(axes: Axes, text: str, end: float, place: int) -> None:
    """Writes a text right of what ends there."""
    axes.annotate(text, (end, place), (8, 0), textcoords="offset points", va="center", fontsize=8)
