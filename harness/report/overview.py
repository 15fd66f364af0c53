"""Several models side by side in one table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from harness.report.numbers import MISSING, decimals_for, format_interval, format_number
from harness.report.source import Source
from harness.report.summary import clipped_interval, fold_sd, folds_cell, interval_label, why_no_mean
from harness.report.table import Table


def overview(sources: Sequence[Source]) -> Table:
    """Lays out models side by side: the first metric in full, and the means of the others.

    Args:
        sources: The runs, at least one.

    Returns:
        A row for each model, rounded for reading; a run with failed folds has no numbers. The columns of data set
        and folds are left out where all are alike: they stand in the protocol.
    """
    headline, others = sources[0].headline, _other_metrics(sources)
    levels = [entry for source in sources if (entry := source.report["metrics"].get(headline)) and entry["ci"]]
    label = interval_label(levels[0]) if levels else "CI"
    columns = ("model", "data set", "folds", headline, label, "fold SD", "baseline", *others)
    rows = [tuple(_cells(source, headline, others)) for source in sources]
    table = Table(columns, tuple(rows), right=frozenset(columns[3:]))
    return _without(table, [columns[number] for number in (1, 2) if len({row[number] for row in rows}) == 1])


def _without(table: Table, names: Sequence[str]) -> Table:
    kept = [number for number, name in enumerate(table.columns) if name not in names]
    rows = tuple(tuple(row[number] for number in kept) for row in table.rows)
    return Table(tuple(table.columns[number] for number in kept), rows, table.title, table.right)


def _other_metrics(sources: Sequence[Source]) -> list[str]:
    names = dict.fromkeys(name for source in sources for name in source.report["metrics"])
    return [name for name in names if name != sources[0].headline]


def _cells(source: Source, headline: str, others: Sequence[str]) -> Iterator[str]:
    report = source.report
    yield from (source.model, report["dataset"], folds_cell(report))
    entry = report["metrics"].get(headline)
    yield _mean(report, headline)
    known = entry is not None and why_no_mean(report, entry) is None
    yield format_interval(clipped_interval(entry)) if known else MISSING
    yield _number(fold_sd(entry), entry) if known else MISSING
    yield _number(report["baseline"]["metrics"].get(headline, {}).get("mean"), entry)
    yield from (_mean(report, name) for name in others)


def _mean(report: dict[str, Any], name: str) -> str:
    entry = report["metrics"].get(name)
    if entry is None or why_no_mean(report, entry) is not None:
        return MISSING
    return _number(entry["mean"], entry)


def _number(value: float | None, entry: dict[str, Any] | None) -> str:
    if value is None or entry is None:
        return MISSING
    mean = entry["mean"] if entry["mean"] is not None else value
    return format_number(value, decimals_for(mean, fold_sd(entry)))
