"""Learning curves: mean and spread over the folds, with the best epochs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from harness.report.figures._style import COLOURS, INK, LINES, described, grid, label, legend_above, styled

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_MOST_PANELS = 2
_MOST_POINTS = 200
_WIDE, _LEAST = 100, 1e-6
_PARTS = (("", "training"), ("val_", "inner validation"))


@styled
def learning_curves(history: pd.DataFrame, best_epochs: Sequence[int] = (), title: str = "") -> Figure:
    """Draws what Keras logged after each epoch: the mean over the trainings, in a band of one SD.

    The band ends where the trainings' own values end: no accuracy is above 1. A loss that falls to a hundredth is
    drawn on a logarithmic axis.

    Where trainings stopped early, mean and band are those of the ones still under way; of fewer than half of them
    the curve is thin and has no band, for its course says more about which ones are left than about learning.

    Args:
        history: Columns repeat, fold, init, epoch (from 0), metric, value, as `Run.history`.
        best_epochs: Epoch (from 0) of the lowest validation loss, for each training.
        title: What was trained.

    Returns:
        A figure with a panel for the loss, and one for the first metric logged beside it.

    Example:
        >>> import pandas as pd
        >>> history = pd.DataFrame({"repeat": 0, "fold": [0, 0, 1, 1], "init": 0, "epoch": [0, 1, 0, 1],
        ...                         "metric": "loss", "value": [0.9, 0.5, 0.8, 0.6]})
        >>> learning_curves(history).axes[0].get_xlabel()
        'epoch'
    """
    wide = {
        str(name): rows.pivot(index="epoch", columns=["repeat", "fold", "init"], values="value")
        for name, rows in history.groupby("metric", sort=False)
    }
    names = _panels(wide)
    figure, panels = grid(columns=len(names), height=3.2, top=0.55)
    for axes, name in zip(panels, names, strict=True):
        _draw(axes, wide, name)
        _mark(axes, best_epochs)
        label(axes, "epoch", name)
    legend_above(panels[0], title)
    trainings = len(next(iter(wide.values())).columns)
    return described(figure, _sentence(wide, names[0], trainings, best_epochs))


def _panels(wide: dict[str, pd.DataFrame]) -> list[str]:
    bases = dict.fromkeys(name.removeprefix("val_") for name in wide if name != "learning_rate")
    return sorted(bases, key=lambda name: name != "loss")[:_MOST_PANELS]


def _draw(axes: Axes, wide: dict[str, pd.DataFrame], name: str) -> None:
    for number, (prefix, part) in enumerate(_PARTS):
        if (curves := wide.get(f"{prefix}{name}")) is None:
            continue
        epochs = curves.index.to_numpy() + 1
        most = max(1, int((2 * curves.notna().sum(axis=1) >= len(curves.columns)).sum()))
        colour, style = COLOURS[number], LINES[number]
        mean, sd = curves.mean(axis=1).to_numpy(), curves.std(axis=1).fillna(0).to_numpy()
        chosen, rest = _spread(0, most), _spread(most - 1, len(epochs))
        low = np.maximum(mean - sd, curves.min(axis=1))[chosen]
        high = np.minimum(mean + sd, curves.max(axis=1))[chosen]
        axes.fill_between(epochs[chosen], low, high, color=colour, alpha=0.2, linewidth=0)
        marker = "o" if len(epochs) == 1 else ""
        axes.plot(epochs[chosen], mean[chosen], color=colour, linestyle=style, marker=marker, label=part)
        if most < len(epochs):
            axes.plot(epochs[rest], mean[rest], color=colour, linestyle=style, linewidth=0.8, alpha=0.6)
    axes.xaxis.get_major_locator().set_params(integer=True)  # type: ignore[call-arg]
    axes.grid(axis="y")
    if name == "loss":
        _logarithmic_if_wide(axes)


def _logarithmic_if_wide(axes: Axes) -> None:
    """Where a linear axis would show the first epochs only."""
    means = np.concatenate([np.asarray(line.get_ydata(), dtype=float) for line in axes.get_lines()])
    means = means[np.isfinite(means)]
    if not means.size or means.min() < 0 or means.max() <= _WIDE * means.min():
        return
    axes.set_yscale("log")
    # A loss of 0, or nearly, has no place on it.
    axes.set_ylim(0.5 * max(means.min(), _LEAST * means.max()), 2 * means.max())


def _spread(start: int, stop: int) -> NDArray[np.int64]:
    """Epochs to draw: all, or as many as a picture can carry, evenly chosen with both ends."""
    return np.unique(np.linspace(start, stop - 1, _MOST_POINTS).astype(np.int64))


def _mark(axes: Axes, best_epochs: Sequence[int]) -> None:
    """A tick for each best epoch, and a triangle for their median."""
    if not best_epochs:
        return
    epochs = np.asarray(best_epochs) + 1
    place = axes.get_xaxis_transform()
    axes.plot(epochs, np.full(len(epochs), 0.03), "|", color=INK, markersize=7, alpha=0.6, transform=place)
    text = f"best epoch (median {np.median(epochs):g})"
    axes.plot([np.median(epochs)], [0.09], "v", color=INK, transform=place, label=text)


def _sentence(wide: dict[str, pd.DataFrame], name: str, trainings: int, best_epochs: Sequence[int]) -> str:
    curves = wide[name] if name in wide else wide[f"val_{name}"]
    mean = curves.mean(axis=1)
    kept = f" Best epochs: median {np.median(best_epochs) + 1:g}." if len(best_epochs) else ""
    return (
        f"Learning curves of {trainings} trainings over {len(mean)} epochs: the mean {name} goes from "
        f"{mean.iloc[0]:.3g} to {mean.iloc[-1]:.3g}.{kept}"
    )
