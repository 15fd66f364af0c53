"""The study's picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from .gates import MOST_REPEATS, pooled
from .markdown import NAMES

STYLES = {
    "corrected": {"color": "black", "linestyle": "-", "marker": "o"},
    "conservative": {"color": "0.45", "linestyle": "--", "marker": "s"},
    "uncorrected z": {"color": "0.25", "linestyle": ":", "marker": "^"},
    "uncorrected t over repeats": {"color": "0.6", "linestyle": "-.", "marker": "v"},
}
LEARNERS = ("lda", "subspace", "1-nn")
ROWS = 100


def draw(covered: pd.DataFrame, path: Path) -> None:
    """Draws coverage of the expected error, against rows above and against repeats below, a learner a column."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams["svg.hashsalt"] = "coverage"
    means = pooled(covered[covered["tier"] == "learners"])
    figure = Figure(figsize=(9, 5.6), layout="constrained")
    axes = figure.subplots(2, len(LEARNERS), sharey=True)
    for column, learner in enumerate(LEARNERS):
        mine = means[means["learner"] == learner]
        _panel(axes[0, column], mine[mine["repeats"] == MOST_REPEATS], "n")
        _panel(axes[1, column], mine[mine["n"] == ROWS], "repeats")
        axes[0, column].set_title(f"{NAMES[learner]}, {MOST_REPEATS} repeats")
        axes[1, column].set_title(f"{NAMES[learner]}, n = {ROWS}")
        axes[0, column].set_xlabel("rows of the data set, n")
        axes[1, column].set_xlabel("repeats, r")
    for row in axes:
        row[0].set_ylabel("share of intervals that\nhold the expected error")
    handles, labels = axes[1, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    figure.savefig(path, metadata={"Date": None})


def _panel(axes: Any, rows: pd.DataFrame, against: str) -> None:
    for method, style in STYLES.items():
        chosen = rows[rows["method"] == method].sort_values(against)
        axes.plot(chosen[against], chosen["at_folds"], label=method, **style)
    axes.axhline(0.95, color="black", linewidth=0.8, label="nominal, 0.95")
    axes.set_xscale("log")
    ticks = sorted(rows[against].unique())
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.set_ylim(0, 1.02)
    axes.grid(alpha=0.3)
