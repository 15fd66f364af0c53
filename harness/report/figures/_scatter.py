"""Panels for the outputs of a regression, one each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from harness.report.figures._style import grid

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MOST_OUTPUTS = 6
MOST_POINTS = 2000

Panel = tuple["Axes", str, NDArray[np.float64], NDArray[np.float64]]


def panels_by_output(predictions: pd.DataFrame) -> tuple[Figure, Iterator[Panel]]:
    """Makes a figure with a panel for each output.

    Args:
        predictions: Columns repeat, init, target, y_true, y_pred; of the first repeat and seed each row is
            drawn once.

    Returns:
        The figure, and for each output its panel, name, true and predicted numbers.
    """
    once = predictions[(predictions["repeat"] == 0) & (predictions["init"] == 0)]
    groups = [(str(name), rows) for name, rows in once.groupby("target", sort=False)][:MOST_OUTPUTS]
    columns = min(len(groups), 2)
    height = 3.4 if columns == 1 else 2.6
    figure, axes = grid(columns, -(-len(groups) // columns), height=height, left=0.95)
    for unused in axes[len(groups) :]:
        unused.remove()
    return figure, (
        (panel, name, rows["y_true"].to_numpy(), rows["y_pred"].to_numpy())
        for panel, (name, rows) in zip(axes, groups, strict=False)
    )


def in_unit(unit: str | None) -> str:
    """What stands behind the name of a quantity on an axis.

    Example:
        >>> in_unit("mm"), in_unit(None)
        (' [mm]', '')
    """
    return f" [{unit}]" if unit else ""


def thinned(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """At most so many of the values as a picture can carry, evenly chosen."""
    step = -(-len(values) // MOST_POINTS)
    return values[::step]
