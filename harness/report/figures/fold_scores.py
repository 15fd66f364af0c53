"""Fold scores as points, with the interval of their mean, a row for each model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.report.figures._style import (
    COLOURS,
    GREY,
    INK,
    described,
    grid,
    label,
    legend_above,
    room_for,
    row_labels,
    styled,
)
from harness.report.numbers import decimals_for, format_interval, format_level, format_number


@dataclass(frozen=True)
class ScoreRow:
    """The scores of one model by one metric.

    Attributes:
        name: The model's.
        scores: One for each fold, in repeat and fold order; None where undefined.
        mean: Their mean, None where there is none to be shown.
        interval: Confidence interval of the mean, or None.
        baseline: Score of the baseline on the same folds, or None.
    """

    name: str
    scores: Sequence[float | None]
    mean: float | None = None
    interval: tuple[float, float] | None = None
    baseline: float | None = None


@styled
def fold_scores(rows: Sequence[ScoreRow], metric: str, level: float = 0.95, title: str = "") -> Figure:
    """Draws every fold's score, the mean, and its interval.

    Args:
        rows: The models, at least one.
        metric: Name of the metric, with its unit if it has one.
        level: Nominal coverage of the intervals, in (0, 1).
        title: What was evaluated.

    Example:
        >>> figure = fold_scores([ScoreRow("net", [0.8, 0.9], 0.85, (0.7, 1.0), 0.5)], "accuracy")
        >>> figure.axes[0].get_xlabel()
        'accuracy'
    """
    names = [row.name for row in rows]
    figure, (axes,) = grid(height=1.45 + 0.42 * len(rows), left=room_for(names), top=0.55)
    for place, row in enumerate(rows):
        _draw(axes, place, row)
    row_labels(axes, names)
    axes.grid(axis="x")
    label(axes, metric, "")
    _legend(axes, rows, level, title)
    return described(figure, f"{metric} on each fold. " + " ".join(_sentence(row, level) for row in rows))


def _draw(axes: Axes, place: int, row: ScoreRow) -> None:
    scores = np.array([score for score in row.scores if score is not None], dtype=np.float64)
    # Points of equal score must not hide each other: spread over the row in the order of the folds.
    spread = place + 0.26 + 0.1 * np.sin(2.4 * np.arange(len(scores)))
    axes.plot(scores, spread, "o", color=COLOURS[0], alpha=0.45, markersize=3.5, markeredgewidth=0)
    if row.baseline is not None:
        axes.plot([row.baseline] * 2, [place - 0.32, place + 0.4], linestyle=":", color=GREY)
    if row.mean is None:
        return
    if row.interval is not None:
        axes.plot(row.interval, [place, place], "-", color=INK, linewidth=2.2, solid_capstyle="butt")
    axes.plot([row.mean], [place], "D", color=INK, markersize=5.5)
    text = format_number(row.mean, decimals_for(row.mean, float(scores.std()) if len(scores) > 1 else None))
    axes.annotate(text, (row.mean, place), (0, 5), textcoords="offset points", ha="center", fontsize=8)


def _legend(axes: Axes, rows: Sequence[ScoreRow], level: float, title: str) -> None:
    axes.plot([], [], "o", color=COLOURS[0], alpha=0.45, markersize=3.5, label="a fold")
    axes.plot([], [], "D-", color=INK, markersize=5.5, label=f"mean, {format_level(level)} interval")
    if any(row.baseline is not None for row in rows):
        axes.plot([], [], ":", color=GREY, label="baseline")
    legend_above(axes, title)


def _sentence(row: ScoreRow, level: float) -> str:
    if row.mean is None:
        return f"{row.name}: no mean."
    interval = f" ({format_level(level)} interval {format_interval(row.interval)})" if row.interval else ""
    return f"{row.name}: mean {row.mean:.3g}{interval}."
