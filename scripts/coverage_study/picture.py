"""The study's picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from .gates import METRICS, MOST_REPEATS, pooled
from .markdown import NAMES

STYLES = {
    "corrected": {"color": "black", "linestyle": "-", "marker": "o"},
    "conservative": {"color": "0.45", "linestyle": "--", "marker": "s"},
    "uncorrected z": {"color": "0.25", "linestyle": ":", "marker": "^"},
    "uncorrected t over repeats": {"color": "0.6", "linestyle": "-.", "marker": "v"},
}
WORST = {"color": "black", "linestyle": "none", "marker": "x", "markersize": 5}
ERRORS = ("lda", "subspace", "1-nn")
AREAS = ("lda", "subspace", "wide lda")
ROWS = 100


def draw(covered: pd.DataFrame, path: Path) -> None:
    """Draws coverage of the expected score, a learner a column.

    Args:
        covered: A row a setting, method, metric and number of repeats.
        path: SVG file: of the error rate against rows, of the AUC against rows, of the error rate against repeats.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams["svg.hashsalt"] = "coverage"
    errors, areas = (pooled(covered[covered["tier"] == "learners"], metric) for metric in METRICS)
    figure = Figure(figsize=(9, 8.2), layout="constrained")
    axes = figure.subplots(3, len(ERRORS), sharey=True)
    for column, (learner, other) in enumerate(zip(ERRORS, AREAS, strict=True)):
        _panel(axes[0, column], _of(errors, learner, repeats=MOST_REPEATS), "n")
        _panel(axes[1, column], _of(areas, other, repeats=MOST_REPEATS), "n")
        _panel(axes[2, column], _of(errors, learner, n=ROWS), "repeats")
        axes[0, column].set_title(f"{NAMES[learner]}, {MOST_REPEATS} repeats")
        axes[1, column].set_title(f"{NAMES[other]}, {MOST_REPEATS} repeats")
        axes[2, column].set_title(f"{NAMES[learner]}, n = {ROWS}")
        for row, text in enumerate(("rows of the data set, n", "rows of the data set, n", "repeats, r")):
            axes[row, column].set_xlabel(text)
    for row, metric in enumerate(("error", "AUC", "error")):
        axes[row, 0].set_ylabel(f"share of intervals that\nhold the expected {metric}")
    handles, labels = axes[2, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    figure.savefig(path, metadata={"Date": None})


def _of(means: pd.DataFrame, learner: str, **fixed: int) -> pd.DataFrame:
    (name, value), *_ = fixed.items()
    return means[(means["learner"] == learner) & (means[name] == value)]


def _panel(axes: Any, rows: pd.DataFrame, against: str) -> None:
    for method, style in STYLES.items():
        chosen = rows[rows["method"] == method].sort_values(against)
        axes.plot(chosen[against], chosen["at_folds"], label=method, **style)
        if method == "corrected":
            axes.plot(chosen[against], chosen["worst"], label="corrected, worst cell", **WORST)
    axes.axhline(0.95, color="black", linewidth=0.8, label="nominal, 0.95")
    axes.set_xscale("log")
    ticks = sorted(rows[against].unique())
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.set_ylim(0, 1.02)
    axes.grid(alpha=0.3)
