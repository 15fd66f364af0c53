"""How a comparison is shown on standard output."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from harness.cli._console import print_json, print_table

if TYPE_CHECKING:
    from harness.comparison import Comparison
    from harness.report.table import Table


def print_comparison(comparison: Comparison, output: str) -> None:
    """Writes a comparison to standard output.

    Args:
        comparison: What to write.
        output: "table" and "md" give the models, the pairs, over several data sets the pairwise matrix, and the
            verdict; "csv" the pairs unrounded; "json" everything, with the fold scores.
    """
    if output == "json":
        print_json(comparison.to_dict())
    elif output == "csv":
        print_table(_raw_pairs(comparison), output)
    else:
        _print_tables(comparison, output)


def _print_tables(comparison: Comparison, output: str) -> None:
    from harness.comparison.tables import shown_tables
    from harness.report.text import printable

    for table in shown_tables(comparison):
        print_table(table, output)
        click.echo()
    click.echo(printable(comparison.verdict))


def _raw_pairs(comparison: Comparison) -> Table:
    from harness.report.table import Table

    frame = comparison.pairs
    rows = tuple(tuple(row) for row in frame.itertuples(index=False))
    return Table(tuple(frame.columns), rows)
