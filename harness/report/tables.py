"""Tables of finished runs: one run, several models side by side, and every number for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.report.numbers import MISSING, decimals_for, format_interval, format_number
from harness.report.summary import clipped_interval, fold_sd, folds_cell, interval_label, run_title
from harness.report.table import Table

_RAW_COLUMNS = (
    *("model", "dataset", "task", "metric", "mean", "sd", "ci_low", "ci_high", "ci_level", "ci_method"),
    *("fold_sd", "seed_sd", "repeat_se", "pooled", "baseline", "n", "folds", "repeats", "seeds", "n_failed"),
    *("seconds", "engine", "seed", "run"),
)


def run_table(run: Mapping[str, Any]) -> Table:
    """Lays out one run, a row for each metric.

    Args:
        run: The JSON object of a run, as `Run.to_dict` gives it.

    Returns:
        Columns metric, mean, interval, fold SD and baseline, rounded for reading. F1 has a second row: that of the
        counts of all folds.
    """
    label = _interval_column([run])
    columns = ("metric", "mean", label, "fold SD", "baseline")
    return Table(columns, tuple(_metric_rows(run)), run_title(run), frozenset(columns[1:]))


def models_table(runs: Sequence[Mapping[str, Any]]) -> Table:
    """Lays out several runs, a row for each model and metric; a model's name stands once.

    Args:
        runs: JSON objects of runs, at least one.

    Returns:
        Columns model, dataset, folds, metric, mean, interval, fold SD and baseline, rounded for reading.
    """
    columns = ("model", "dataset", "folds", "metric", "mean", _interval_column(runs), "fold SD", "baseline")
    rows = [
        (*(_heading(run) if first == 0 else ("", "", "")), *row)
        for run in runs
        for first, row in enumerate(_metric_rows(run))
    ]
    return Table(columns, tuple(rows), right=frozenset(columns[4:]))


def scores_table(runs: Sequence[Mapping[str, Any]]) -> Table:
    """Lays out every number of several runs unrounded, a row for each run and metric.

    Args:
        runs: JSON objects of runs.

    Returns:
        A table for a spreadsheet or a data frame; a missing number is an empty cell.
    """
    records = [_record(run, name) for run in runs for name in run["metrics"]]
    return Table.from_records(records, _RAW_COLUMNS)


def _heading(run: Mapping[str, Any]) -> tuple[str, str, str]:
    return run["model"], run["dataset"], folds_cell(run)


def _metric_rows(run: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, entry in run["metrics"].items():
        yield name, *_cells(run, name)
        if entry.get("pooled") is not None and not run["n_failed"]:
            pooled = format_number(entry["pooled"], decimals_for(entry["pooled"], fold_sd(entry)))
            yield f"{name}, pooled over folds", pooled, MISSING, MISSING, MISSING


def _interval_column(runs: Sequence[Mapping[str, Any]]) -> str:
    labels = {interval_label(entry) for run in runs for entry in run["metrics"].values() if entry["ci"]}
    return labels.pop() if len(labels) == 1 else "CI"


def _cells(run: Mapping[str, Any], name: str) -> tuple[str, str, str, str]:
    """Mean, interval, fold SD and baseline of a metric; nothing but the baseline where folds failed."""
    entry = run["metrics"][name]
    baseline = run["baseline"]["metrics"].get(name, {}).get("mean")
    if run["n_failed"] or entry["mean"] is None:
        known = MISSING if baseline is None else format_number(baseline, decimals_for(baseline, None))
        return MISSING, MISSING, MISSING, known
    decimals = decimals_for(entry["mean"], fold_sd(entry))
    mean, sd, base = (format_number(value, decimals) for value in (entry["mean"], fold_sd(entry), baseline))
    return mean, format_interval(clipped_interval(entry)), sd, base


def _record(run: Mapping[str, Any], name: str) -> dict[str, Any]:
    entry = run["metrics"][name]
    low, high = entry["ci"] or (None, None)
    baseline = run["baseline"]["metrics"].get(name, {}).get("mean")
    own = {"metric": name, "ci_low": low, "ci_high": high, "baseline": baseline}
    return {**{key: run.get(key) for key in _RAW_COLUMNS}, **entry, **own}
