"""Receiver operating characteristic: the mean over the folds, in a band of their spread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from harness.report.figures._discrimination import GRID, Folds, area, by_class, roc_curve, some_classes
from harness.report.figures._style import COLOURS, GREY, LINES, described, grid, label, shown, styled

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@styled
def roc(predictions: pd.DataFrame, classes: Sequence[Any], title: str = "") -> Figure:
    """Draws ROC curves: of the positive class of two, or of each class against the rest.

    Curves are averaged over folds at equal false positive rate (vertical averaging, Fawcett, An introduction to
    ROC analysis, Pattern Recognition Letters 27, 2006). Folds that lack the class, or have nothing else, are
    left out.

    Args:
        predictions: Columns repeat, fold, init, y_true and p[label] for each class, as `Run.predictions`.
        classes: Original labels; the last of two is the positive one. At most six are drawn.
        title: What was evaluated.

    Example:
        >>> import pandas as pd
        >>> rows = pd.DataFrame({"repeat": 0, "fold": 0, "init": 0, "y_true": ["M", "R"], "p[M]": [0.9, 0.2],
        ...                      "p[R]": [0.1, 0.8]})
        >>> roc(rows, ["M", "R"]).axes[0].get_xlabel()
        'false positive rate'
    """
    folds = by_class(predictions, classes)
    figure, (axes,) = grid(height=3.9)
    axes.plot([0, 1], [0, 1], linestyle=":", color=GREY, label="guessing")
    sentences = [_draw(axes, each, number, banded=len(folds) == 1) for number, each in enumerate(folds)]
    axes.set(xlim=(0, 1), ylim=(0, 1.02))
    axes.grid()
    axes.legend(loc="lower right")
    label(axes, "false positive rate", "true positive rate", some_classes(title, len(folds), classes))
    return described(figure, f"ROC curves. {' '.join(sentences)}")


def _draw(axes: Axes, folds: Folds, number: int, *, banded: bool) -> str:
    curves = folds.curves(roc_curve)
    mean, sd = curves.mean(axis=0), curves.std(axis=0, ddof=min(1, len(curves) - 1))
    areas = np.array([area(*pair) for pair in zip(folds.truth, folds.score, strict=True)])
    text = f"{shown(str(folds.label))}: mean AUC {areas.mean():.3f}"
    if len(areas) > 1:
        text += f", fold SD {areas.std(ddof=1):.3f}"
    colour = COLOURS[number]
    if banded and len(curves) > 1:
        low, high = np.clip(mean - sd, 0, 1), np.clip(mean + sd, 0, 1)
        axes.fill_between(GRID, low, high, color=colour, alpha=0.2, linewidth=0, label="one SD over folds")
    axes.plot(GRID, mean, color=colour, linestyle=LINES[number], label=text)
    return f"{text}."
