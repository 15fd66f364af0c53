"""Do the scores look normal? A histogram, and a normal Q-Q plot."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray
from scipy import special

from harness.report.figures._style import COLOURS, GREY, INK, described, grid, label, styled


@styled
def score_distribution(scores: ArrayLike, metric: str, title: str = "") -> Figure:
    """Draws the scores' histogram and their quantiles against those of a normal distribution.

    Args:
        scores: (J,) scores of folds or of seeds, at least three and not all alike.
        metric: Name of the metric, with its unit if it has one.
        title: What was evaluated.

    Example:
        >>> [axes.get_xlabel() for axes in score_distribution([0.8, 0.9, 0.85], "accuracy").axes]
        ['accuracy', 'normal quantile']
    """
    values = np.sort(np.asarray(scores, dtype=np.float64))
    theoretical = _normal_medians(len(values))
    slope, intercept = np.polyfit(theoretical, values, 1)
    r = float(np.corrcoef(theoretical, values)[0, 1])
    figure, (left, right) = grid(columns=2)
    left.hist(values, bins="auto", color=COLOURS[0], edgecolor="white")
    left.axvline(values.mean(), color=INK, linestyle="--")
    left.yaxis.get_major_locator().set_params(integer=True)  # type: ignore[call-arg]
    label(left, metric, "number of scores (mean dashed)", title)
    right.plot(theoretical, intercept + slope * theoretical, "--", color=GREY)
    right.plot(theoretical, values, "o", color=COLOURS[0], markersize=4)
    right.grid()
    label(right, "normal quantile", metric, f"correlation {r:.3f}")
    return described(
        figure,
        f"Distribution of {len(values)} scores: mean {values.mean():.3g}, SD {values.std(ddof=1):.3g}; their "
        f"correlation with normal quantiles is {r:.3f}.",
    )


def _normal_medians(count: int) -> NDArray[np.float64]:
    """(count,) medians of the ordered values of a normal sample.

    Source: Filliben, The Probability Plot Correlation Coefficient Test for Normality, Technometrics 17 (1975).
    """
    last = 0.5 ** (1 / count)
    between = (np.arange(2, count) - 0.3175) / (count + 0.365)
    return np.asarray(special.ndtri(np.concatenate([[1 - last], between, [last]])), dtype=np.float64)
