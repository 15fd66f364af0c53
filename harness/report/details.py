"""Tables of what is said of a run beyond its scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.report.numbers import (
    MISSING,
    decimals_for,
    format_interval,
    format_level,
    format_number,
    interval_decimals,
)
from harness.report.table import Table

MOST_CLASSES = 10
"""More classes than that make no readable confusion matrix."""

Record = Mapping[str, Any]


def detail_tables(details: Mapping[str, Any], most_classes: int = MOST_CLASSES) -> list[Table]:
    """Lays out what `Run.details` gives, each table with its title.

    Args:
        details: Its JSON object; {} where folds are missing.
        most_classes: No confusion matrix of more classes.

    Returns:
        Of a classifier each class, the confusion matrix, scores over rows, the calibration, and the thresholds if
        they were asked for; of a regressor each output; of both the sources of spread where repeats or seeds were
        varied.
    """
    return list(_tables(details, most_classes)) if details else []


def _tables(details: Mapping[str, Any], most_classes: int) -> Iterator[Table]:
    label = f"{format_level(details['level'])} CI"
    if "per_output" in details:
        yield _output_table(details["per_output"], label)
    else:
        yield _class_table(details["per_class"], details["rows"], label)
        if len(details["confusion"]) <= most_classes:
            yield _confusion_table(details["confusion"], [str(row["class"]) for row in details["per_class"]])
        yield _row_table(details["per_row"], label)
        yield _calibration_table(details["calibration"], label)
        if details["thresholds"]:
            yield _threshold_table(details["thresholds"])
    if details["variance"]:
        yield _variance_table(details["variance"])


def _class_table(rows: Sequence[Record], n: int, label: str) -> Table:
    bounds = [f"{label} of {name}" for name in ("recall", "precision")]
    columns = ("class", "support", "recall", bounds[0], "predicted", "precision", bounds[1])
    cells = tuple(
        (
            str(row["class"]),
            str(row["support"]),
            format_number(row["recall"], 3),
            _interval(row, "recall"),
            str(row["predicted"]),
            format_number(row["precision"], 3),
            _interval(row, "precision"),
        )
        for row in rows
    )
    return Table(columns, cells, f"Each class, over the {n} rows of one repeat", frozenset(columns[1:]))


def _confusion_table(counts: Sequence[Sequence[int]], labels: Sequence[str]) -> Table:
    columns = ("true", *(f"predicted {label}" for label in labels))
    cells = tuple((label, *map(str, row)) for label, row in zip(labels, counts, strict=True))
    return Table(columns, cells, "Confusion matrix, over one repeat", frozenset(columns[1:]))


def _row_table(rows: Sequence[Record], label: str) -> Table:
    columns = ("metric", "mean over rows", f"{label} over rows")
    cells = tuple((row["metric"], format_number(row["mean"], 3), _limits(row["low"], row["high"])) for row in rows)
    return Table(columns, cells, f"Scores over the {rows[0]['n']} rows of one repeat", frozenset(columns[1:]))


def _calibration_table(rows: Sequence[Record], label: str) -> Table:
    parts = ("calibration_error", "reliability", "resolution", "uncertainty")
    columns = (
        *("probability of", "Brier", f"{label} of Brier"),
        *("ECE", "reliability", "resolution", "uncertainty"),
    )
    cells = tuple(
        (
            str(row["class"]),
            format_number(row["brier"], 3),
            _interval(row, "brier"),
            *(format_number(row[part], 3) for part in parts),
        )
        for row in rows
    )
    return Table(columns, cells, "Calibration of the probabilities, in 10 bins", frozenset(columns[1:]))


def _threshold_table(rows: Sequence[Record]) -> Table:
    """Least, middle and greatest threshold: that of each fold stands in the JSON."""
    values = sorted(row["threshold"] for row in rows)
    criterion, n = rows[0]["criterion"], sorted(row["n"] or 0 for row in rows)
    columns = ("threshold chosen by", "folds", "least", "median", "greatest", "chosen on")
    chosen_on = f"{n[0]} rows" if n[0] == n[-1] else f"{n[0]}-{n[-1]} rows"
    middle = (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2
    cells = (
        criterion or "you",
        str(len(rows)),
        *(format_number(value, 3) for value in (values[0], middle, values[-1])),
        chosen_on if criterion else MISSING,
    )
    return Table(columns, (cells,), "Thresholds of the folds", frozenset(columns[1:]))


def _output_table(rows: Sequence[Record], label: str) -> Table:
    columns = ("output", "bias", f"{label} of bias", "MAE", f"{label} of MAE", "RMSE", f"{label} of RMSE")
    title = f"Each output, over the {rows[0]['n']} rows of one repeat"
    return Table(columns, tuple(_output_cells(row) for row in rows), title, frozenset(columns[1:]))


def _output_cells(row: Record) -> tuple[str, ...]:
    decimals = decimals_for(row["mae"], None)
    pairs = ((format_number(row[name], decimals), _interval(row, name)) for name in ("bias", "mae", "rmse"))
    return (str(row["output"]), *(cell for pair in pairs for cell in pair))


def _variance_table(rows: Sequence[Record]) -> Table:
    headline = rows[0]["metric"]
    columns = ("from", "SD", "share of the variance")
    cells = tuple(
        (
            row["source"],
            format_number(row["sd"], interval_decimals(0, row["sd"])),
            MISSING if row["share"] is None else f"{row['share']:.0%}{' (cut at 0)' if row['truncated'] else ''}",
        )
        for row in rows
        if row["metric"] == headline
    )
    return Table(columns, cells, f"Where the spread of {headline} comes from", frozenset(columns[1:]))


def _interval(row: Record, name: str) -> str:
    return _limits(row[f"{name}_low"], row[f"{name}_high"])


def _limits(low: float | None, high: float | None) -> str:
    return format_interval(None if low is None or high is None else (low, high))
