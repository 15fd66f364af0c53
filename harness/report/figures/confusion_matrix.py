"""Confusion matrix: what the rows of each class were taken for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from harness.report.figures._style import described, grid, label, room_for, shown, styled

_MOST_NUMBERS = 12


@styled
def confusion_matrix(counts: ArrayLike, classes: Sequence[Any], title: str = "") -> Figure:
    """Draws counts of rows by true and predicted class; the shade is the share of the true class.

    Args:
        counts: (C, C) rows of true class i taken for class j, over one repeat, so that each row counts once.
        classes: Original labels.
        title: What was evaluated.

    Example:
        >>> confusion_matrix([[8, 2], [1, 9]], ["M", "R"]).axes[0].get_xlabel()
        'predicted class'
    """
    matrix = np.asarray(counts)
    names = [shown(str(name), 16) for name in classes]
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    # Names side by side take about 0.09 inches a letter.
    upright = sum(map(len, names)) * 0.09 > 4.5
    height = 1.0 + min(0.55 * max(len(names), 3), 5.0)
    below = 0.5 + (0.09 * max(map(len, names)) if upright else 0.15)
    figure, (axes,) = grid(height=height + below, left=room_for(names) + 0.25)
    figure.subplots_adjust(bottom=below / (height + below))
    edges = np.arange(len(names) + 1) - 0.5
    axes.pcolormesh(edges, edges, share, cmap="Greys", vmin=0, vmax=1)
    axes.invert_yaxis()
    _name_classes(axes, names, upright)
    if len(names) <= _MOST_NUMBERS:
        _write_counts(axes, matrix, share)
    label(axes, "predicted class", "true class", title)
    right = np.trace(matrix) / max(matrix.sum(), 1)
    recalls = ", ".join(f"{name} {share[i, i]:.0%}" for i, name in enumerate(names[:_MOST_NUMBERS]))
    return described(
        figure, f"Confusion matrix of {matrix.sum()} rows: {right:.1%} on the diagonal. Recall: {recalls}."
    )


def _name_classes(axes: Axes, names: list[str], upright: bool) -> None:
    step = max(1, len(names) // 20)
    places = range(0, len(names), step)
    axes.set_xticks(places, names[::step], rotation=90 if upright else 0)
    axes.set_yticks(places, names[::step])
    axes.tick_params(length=0)


def _write_counts(axes: Axes, matrix: NDArray[Any], share: NDArray[np.float64]) -> None:
    few = len(matrix) <= 6
    for (row, column), count in np.ndenumerate(matrix):
        text = f"{count}\n{share[row, column]:.0%}" if few else str(count)
        colour = "white" if share[row, column] > 0.5 else "black"
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=10 if few else 8)
