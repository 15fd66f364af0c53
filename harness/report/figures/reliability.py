"""Reliability diagram: how often what was said with a probability came true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from harness.report.figures._style import (
    COLOURS,
    GREY,
    INK,
    described,
    grid,
    label,
    legend_above,
    shown,
    styled,
)
from harness.report.numbers import format_level
from harness.statistics.calibration import brier_parts, reliability_bins

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from harness.statistics.calibration import ReliabilityBin

_LEAST_IN_BIN = 5


@styled
def reliability(
    truth: ArrayLike,
    probability: ArrayLike,
    positive: Any = "positive",
    bins: int = 10,
    level: float = 0.95,
    title: str = "",
) -> Figure:
    """Draws the share of positive rows against the predicted probability, in bins of equal width.

    Murphy & Winkler, Reliability of Subjective Probability Forecasts, Applied Statistics 26 (1977); on networks
    Guo et al., On Calibration of Modern Neural Networks, ICML 2017. Each share has its Wilson interval; bins of
    fewer than five rows are hollow.

    Args:
        truth: (n,) whether a row is of the positive class, each row of the data once.
        probability: (n,) its predicted probability, in [0, 1].
        positive: Label of the positive class.
        bins: Bins over [0, 1], at least 1.
        level: Nominal coverage of the intervals of the shares, in (0, 1).
        title: What was evaluated.

    Example:
        >>> figure = reliability([False, True, True], [0.1, 0.8, 0.9], "R")
        >>> figure.axes[0].get_ylabel()
        'share of R'
    """
    said, name = np.asarray(probability, dtype=np.float64), shown(str(positive))
    figure, (upper, lower) = grid(rows=2, height=2.2, top=0.55, ratios=(4, 1))
    upper.plot([0, 1], [0, 1], ":", color=GREY, label="as often as said")
    _draw_bins(upper, reliability_bins(truth, said, bins, level=level), level)
    upper.set(xlim=(-0.02, 1.02), ylim=(-0.03, 1.03), xticklabels=[])
    upper.grid()
    lower.hist(said, bins=bins, range=(0, 1), color=COLOURS[0], edgecolor="white")
    lower.set_xlim(-0.02, 1.02)
    lower.locator_params(axis="y", nbins=2)
    label(upper, "", f"share of {name}")
    legend_above(upper, title, columns=2)
    label(lower, f"predicted probability of {name}", "rows")
    parts = brier_parts(truth, said, bins)
    return described(
        figure,
        f"Reliability of the probability of {name} over {len(said)} rows: Brier score {parts.score:.3f}, expected "
        f"calibration error {parts.calibration_error:.3f}.",
    )


def _draw_bins(axes: Axes, bins: list[ReliabilityBin], level: float) -> None:
    line = [each.predicted for each in bins], [each.observed for each in bins]
    axes.plot(*line, color=COLOURS[0], linewidth=1, label=f"share, {format_level(level)} Wilson interval")
    for each in bins:
        x, interval = each.predicted, each.interval
        axes.plot([x, x], [interval.low, interval.high], "-", color=INK, linewidth=1.2)
        face = INK if each.count >= _LEAST_IN_BIN else "white"
        axes.plot([x], [each.observed], "o", color=INK, markersize=5, markerfacecolor=face)
