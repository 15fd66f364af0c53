"""Precision against recall: the mean over the folds, in a band of their spread, above the prevalence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from harness.report.figures._discrimination import (
    GRID,
    Folds,
    average_precision,
    by_class,
    precision_curve,
    some_classes,
)
from harness.report.figures._style import COLOURS, GREY, LINES, described, grid, label, shown, styled

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@styled
def precision_recall(predictions: pd.DataFrame, classes: Sequence[Any], title: str = "") -> Figure:
    """Draws precision-recall curves: of the positive class of two, or of each class against the rest.

    The prevalence, which is the precision of guessing, is drawn as a line. Average precision is summarised, not
    the trapezoid area, which is too favourable (Davis & Goadrich, ICML 2006).

    Args:
        predictions: Columns repeat, fold, init, y_true and p[label] for each class, as `Run.predictions`.
        classes: Original labels; the last of two is the positive one. At most six are drawn.
        title: What was evaluated.

    Example:
        >>> import pandas as pd
        >>> rows = pd.DataFrame({"repeat": 0, "fold": 0, "init": 0, "y_true": ["M", "R"], "p[M]": [0.9, 0.2],
        ...                      "p[R]": [0.1, 0.8]})
        >>> precision_recall(rows, ["M", "R"]).axes[0].get_ylabel()
        'precision'
    """
    folds = by_class(predictions, classes)
    figure, (axes,) = grid(height=3.9)
    sentences = [_draw(axes, each, number, alone=len(folds) == 1) for number, each in enumerate(folds)]
    if len(folds) > 1:
        axes.plot([], [], color=GREY, linewidth=0.7, label="prevalence of each class")
    axes.set(xlim=(0, 1), ylim=(0, 1.02))
    axes.grid()
    axes.legend(loc="best")
    label(axes, "recall", "precision", some_classes(title, len(folds), classes))
    return described(figure, f"Precision-recall curves. {' '.join(sentences)}")


def _draw(axes: Axes, folds: Folds, number: int, *, alone: bool) -> str:
    curves = folds.curves(precision_curve)
    mean, sd = curves.mean(axis=0), curves.std(axis=0, ddof=min(1, len(curves) - 1))
    scores = np.array([average_precision(*pair) for pair in zip(folds.truth, folds.score, strict=True)])
    text = f"{shown(str(folds.label))}: mean average precision {scores.mean():.3f}"
    if len(scores) > 1:
        text += f", fold SD {scores.std(ddof=1):.3f}"
    colour = COLOURS[number]
    if alone and len(curves) > 1:
        low, high = np.clip(mean - sd, 0, 1), np.clip(mean + sd, 0, 1)
        axes.fill_between(GRID, low, high, color=colour, alpha=0.2, linewidth=0, label="one SD over folds")
    axes.plot(GRID, mean, color=colour, linestyle=LINES[number], label=text)
    if alone:
        chance = f"prevalence {folds.prevalence:.3f}"
        axes.axhline(folds.prevalence, color=GREY, linestyle=":", label=chance)
        return f"{text}, {chance}."
    axes.plot([0, 1], [folds.prevalence] * 2, color=colour, linestyle=LINES[number], linewidth=0.7, alpha=0.7)
    return f"{text}."
