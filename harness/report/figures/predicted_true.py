"""Predicted against true numbers, a panel for each output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from harness.report.figures._scatter import in_unit, panels_by_output, thinned
from harness.report.figures._style import COLOURS, GREY, described, label, styled

if TYPE_CHECKING:
    import pandas as pd


@styled
def predicted_true(predictions: pd.DataFrame, units: Mapping[str, str] | None = None, title: str = "") -> Figure:
    """Draws each out-of-fold prediction of the first repeat against the truth, beside the line of no error.

    Args:
        predictions: Columns repeat, init, target, y_true, y_pred, as `Run.predictions`.
        units: Unit of each target that has one, such as {"length": "mm"}; they stand on the axes.
        title: What was evaluated; a single output has it as its title.

    Example:
        >>> import pandas as pd
        >>> rows = pd.DataFrame({"repeat": 0, "init": 0, "target": "y", "y_true": [1, 2], "y_pred": [1.1, 1.9]})
        >>> predicted_true(rows, units={"y": "mm"}).axes[0].get_ylabel()
        'predicted [mm]'
    """
    figure, panels = panels_by_output(predictions)
    sentences = []
    for axes, name, truth, predicted in panels:
        suffix = in_unit((units or {}).get(name))
        ends = [min(truth.min(), predicted.min()), max(truth.max(), predicted.max())]
        axes.plot(ends, ends, "--", color=GREY, linewidth=1.2, label="no error")
        axes.plot(
            thinned(truth), thinned(predicted), "o", color=COLOURS[0], alpha=0.5, markersize=3, markeredgewidth=0
        )
        axes.locator_params(nbins=5)
        axes.grid()
        label(axes, f"true{suffix}", f"predicted{suffix}", name)
        sentences.append(f"{name}: correlation {_correlation(truth, predicted)}.")
    figure.axes[0].legend(loc="upper left", handlelength=1.6)
    if len(figure.axes) == 1 and title:
        figure.axes[0].set_title(title)
    return described(figure, f"Predicted against true values. {' '.join(sentences)}")


def _correlation(truth: NDArray[np.float64], predicted: NDArray[np.float64]) -> str:
    if np.ptp(truth) == 0 or np.ptp(predicted) == 0:
        return "undefined"
    return f"{np.corrcoef(truth, predicted)[0, 1]:.3f}"
