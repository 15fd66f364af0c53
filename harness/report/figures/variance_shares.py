"""Where the spread of the scores comes from: seeds, folds, repeats."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure

from harness.report.figures._style import COLOURS, HATCHES, described, grid, label, legend_above, shown, styled


@styled
def variance_shares(variances: Mapping[str, float], metric: str, title: str = "") -> Figure:
    """Draws the parts of a score's variance side by side.

    Args:
        variances: Variance by where it comes from, such as {"seed": 2e-4, "fold": 4e-4, "repeat": 1e-3}; each 0
            or more, not all 0.
        metric: Name of the metric.
        title: What was evaluated.

    Example:
        >>> variance_shares({"seed": 2e-4, "fold": 4e-4, "repeat": 1e-3}, "accuracy").axes[0].get_xlabel()
        'share of the variance of accuracy [%]'
    """
    total = sum(variances.values())
    figure, (axes,) = grid(height=1.7, left=0.3, top=0.55)
    start = 0.0
    for number, (name, variance) in enumerate(variances.items()):
        share = 100 * variance / total
        text = f"{shown(name)} {share:.0f}% (SD {variance**0.5:.2g})"
        axes.barh(
            0, share, left=start, color=COLOURS[number], hatch=HATCHES[number], edgecolor="white", label=text
        )
        start += share
    axes.set(xlim=(0, 100), yticks=[])
    axes.spines["left"].set_visible(False)
    label(axes, f"share of the variance of {metric} [%]", "")
    legend_above(axes, title, columns=len(variances))
    parts = ", ".join(f"{name} {variance / total:.0%}" for name, variance in variances.items())
    return described(figure, f"Shares of the variance of {metric}: {parts}.")
