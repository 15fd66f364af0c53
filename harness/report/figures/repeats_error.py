"""How many repeats are enough: the error of the mean against their number."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from harness.report.figures._style import COLOURS, GREY, INK, described, grid, label, styled
from harness.statistics.repeats import SHARE, EnoughRepeats, enough_repeats, errors_by_repeats


@styled
def repeats_error(
    scores: ArrayLike, metric: str, test_ratio: float, level: float = 0.95, title: str = ""
) -> Figure:
    """Draws the standard error that is left of splitting and seeding anew, against the number of repeats.

    Var(mean of r repeats) = ω + τ²/r: repeats drive out only τ²/r, estimated by the variance of the repeats'
    means. What ω holds, the uncertainty from having just these rows, stays however often they are split.

    Args:
        scores: (repeats, folds) scores, at least two repeats, seeds averaged.
        metric: Name of the metric, with its unit if it has one.
        test_ratio: Test rows over training rows of a fold.
        level: Level of the interval that says how small is small enough.
        title: What was evaluated.

    Example:
        >>> repeats_error([[0.8, 0.9], [0.82, 0.86]], "accuracy", test_ratio=1.0).axes[0].get_xlabel()
        'number of repeats'
    """
    values = np.asarray(scores, dtype=np.float64)
    repeats, spread = len(values), float(values.mean(axis=1).std(ddof=1))
    shown = np.arange(1, max(2 * repeats, 10) + 1)
    figure, (axes,) = grid(left=0.9)
    axes.plot(shown, spread / np.sqrt(shown), "--", color=COLOURS[0], label="expected: SD of repeats / √number")
    measured = errors_by_repeats(values)
    axes.plot(np.arange(2, repeats + 1), measured, "o-", color=INK, linewidth=1.2, label="from the first repeats")
    enough = enough_repeats(values, test_ratio, level)
    if enough:
        axes.axhline(enough.limit, color=GREY, linestyle=":", label=f"{SHARE:.0%} of the interval's half-width")
    top = 1.08 * max(spread, float(measured.max()), enough.limit if enough else 0.0)
    axes.set(ylim=(0, top or None), xlim=(0.5, shown[-1] + 0.5))
    axes.xaxis.get_major_locator().set_params(integer=True)  # type: ignore[call-arg]
    axes.grid(axis="y")
    axes.legend()
    label(axes, "number of repeats", f"standard error of {metric}", title)
    return described(figure, _sentence(float(measured[-1]), repeats, enough))


def _sentence(error: float, repeats: int, enough: EnoughRepeats | None) -> str:
    text = f"Error from splitting anew after {repeats} repeats: {error:.2g}."
    if enough is None:
        return text
    verdict = "That is enough" if enough.enough else f"About {enough.needed} repeats would be enough"
    return f"{text} {verdict}: below {SHARE:.0%} of the interval's half-width."
