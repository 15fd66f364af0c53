"""Differences between models on the same folds, with their intervals and the region of practical equivalence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.report.contrast import Difference
from harness.report.figures._style import (
    COLOURS,
    GREY,
    INK,
    PALE,
    described,
    grid,
    label,
    legend_above,
    room_for,
    row_labels,
    styled,
)
from harness.report.numbers import format_interval, format_level


@styled
def paired_differences(
    rows: Sequence[Difference], metric: str, rope: float | None = None, level: float = 0.95, title: str = ""
) -> Figure:
    """Draws the differences of pairs of models.

    Args:
        rows: The pairs, at least one.
        metric: Name of the metric, with its unit if it has one.
        rope: Half the width of the region of practical equivalence, in units of the metric; None for no region.
        level: Nominal coverage of the intervals, in (0, 1).
        title: What was compared.

    Example:
        >>> figure = paired_differences([Difference("b - a", 0.02, (-0.01, 0.05))], "accuracy", rope=0.01)
        >>> figure.axes[0].get_xlabel()
        'difference in accuracy'
    """
    names = [row.name for row in rows]
    figure, (axes,) = grid(height=1.45 + 0.42 * len(rows), left=room_for(names), top=0.55)
    if rope:
        axes.axvspan(-rope, rope, color=PALE, alpha=0.7, linewidth=0, label=f"practically equal (±{rope:g})")
    axes.axvline(0, color=GREY, linestyle="--", linewidth=1)
    for place, row in enumerate(rows):
        _draw(axes, place, row)
    axes.plot(
        [],
        [],
        "D-",
        color=INK,
        markersize=5,
        markerfacecolor="white",
        label=f"mean, {format_level(level)} interval",
    )
    if any(row.distinct for row in rows):
        axes.plot([], [], "D", color=INK, markersize=5, label="told apart")
    row_labels(axes, names)
    label(axes, f"difference in {metric}", "")
    legend_above(axes, title)
    return described(figure, f"Differences in {metric}. " + " ".join(map(_sentence, rows)))


def _draw(axes: Axes, place: int, row: Difference) -> None:
    spread = place + 0.22 + 0.08 * np.sin(2.4 * np.arange(len(row.differences)))
    axes.plot(row.differences, spread, "o", color=COLOURS[0], alpha=0.45, markersize=3.5, markeredgewidth=0)
    if row.interval is not None:
        axes.plot(row.interval, [place, place], "-", color=INK, linewidth=2.2, solid_capstyle="butt")
    face = INK if row.distinct else "white"
    axes.plot([row.mean], [place], "D", color=INK, markersize=5.5, markerfacecolor=face)


def _sentence(row: Difference) -> str:
    interval = f" (interval {format_interval(row.interval)})" if row.interval else ""
    return f"{row.name}: {row.mean:+.3g}{interval}{', told apart' if row.distinct else ''}."
