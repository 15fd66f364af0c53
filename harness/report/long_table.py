"""A whole report as one long table, for a spreadsheet or a data frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from harness.report.table import Table
from harness.report.tables import scores_table

if TYPE_CHECKING:
    from harness.report.content import Report
    from harness.report.contrast import Contrast

_OF_PAIRS = ("p", "p_holm", "family", "wins", "ties", "losses", "test", "rope", "p_worse", "p_rope", "p_better")


def long_table(report: Report) -> Table:
    """Lays out every number of a report unrounded: a row for each run and metric, then one for each pair.

    Args:
        report: What it says.

    Returns:
        The columns of `scores_table`. Where models were compared also "against", the second model of a pair, and
        what is said of pairs; in the row of a pair "mean" is the mean difference, the model less the other.
    """
    scores = scores_table([{**source.report, "model": source.model} for source in report.sources])
    if report.contrast is None:
        return scores
    own = [dict(zip(scores.columns, row, strict=True)) for row in scores.rows]
    columns = (scores.columns[0], "against", *scores.columns[1:], *_OF_PAIRS)
    return Table.from_records([*own, *_pairs(report.contrast)], columns)


def _pairs(contrast: Contrast) -> Iterator[dict[str, Any]]:
    datasets = contrast.record["datasets"]
    about = {
        "dataset": datasets[0] if len(datasets) == 1 else f"{len(datasets)} data sets",
        "metric": contrast.metric,
        "rope": contrast.rope,
    }
    for pair in contrast.record["pairs"]:
        low, high = pair["ci"] or (None, None)
        shares = {f"p_{name}": share for name, share in (pair["rope"] or {}).items()}
        yield {
            **{name: pair.get(name) for name in _OF_PAIRS},
            **about,
            **shares,
            "model": pair["first"],
            "against": pair["second"],
            "mean": pair["difference"],
            "ci_low": low,
            "ci_high": high,
            "ci_level": contrast.level if pair["ci"] else None,
            "ci_method": pair["test"] if pair["ci"] else "none",
        }
