"""Residuals against predictions, a panel for each output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from harness.report.figures._scatter import in_unit, panels_by_output, thinned
from harness.report.figures._style import COLOURS, GREY, described, label, styled

if TYPE_CHECKING:
    import pandas as pd


@styled
def residuals(predictions: pd.DataFrame, units: Mapping[str, str] | None = None, title: str = "") -> Figure:
    """Draws the error of each out-of-fold prediction of the first repeat; a pattern is structure not yet learned.

    Args:
        predictions: Columns repeat, init, target, y_true, y_pred, as `Run.predictions`.
        units: Unit of each target that has one, such as {"length": "mm"}; they stand on the axes.
        title: What was evaluated; a single output has it as its title.

    Example:
        >>> import pandas as pd
        >>> rows = pd.DataFrame({"repeat": 0, "init": 0, "target": "y", "y_true": [1, 2], "y_pred": [1.1, 1.9]})
        >>> residuals(rows).axes[0].get_ylabel()
        'true − predicted'
    """
    figure, panels = panels_by_output(predictions)
    sentences = []
    for axes, name, truth, predicted in panels:
        suffix = in_unit((units or {}).get(name))
        error = truth - predicted
        axes.axhline(0, color=GREY, linestyle="--", linewidth=1.2)
        axes.plot(
            thinned(predicted), thinned(error), "o", color=COLOURS[0], alpha=0.5, markersize=3, markeredgewidth=0
        )
        axes.locator_params(nbins=5)
        axes.grid()
        label(axes, f"predicted{suffix}", f"true − predicted{suffix}", name)
        sentences.append(f"{name}: mean {error.mean():.3g}, SD {error.std():.3g}.")
    if len(figure.axes) == 1 and title:
        figure.axes[0].set_title(title)
    return described(figure, f"Residuals against predictions. {' '.join(sentences)}")
