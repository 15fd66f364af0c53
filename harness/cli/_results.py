"""How finished runs are shown: numbers on standard output, what to know about them on standard error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import click

from harness.cli._console import print_json, print_table
from harness.cli._errors import say


def print_results(runs: Sequence[Mapping[str, Any]], output: str, *, several: bool) -> None:
    """Writes runs to standard output.

    Args:
        runs: JSON objects of runs.
        output: "table", "json", "csv" or "md".
        several: Whether more than one model was asked for: then the answer is a list, however many it holds.
    """
    if output == "json":
        print_json(list(runs) if several else runs[0])
    elif runs:
        print_table(_table(runs, output, several=several), output)
        if output == "table":
            _print_summaries(runs, several=several)
        if output != "csv":
            _print_details(runs, output, several=several)


def _table(runs: Sequence[Mapping[str, Any]], output: str, *, several: bool) -> Any:
    from harness.report.tables import models_table, run_table, scores_table

    if output == "csv":
        return scores_table(runs)
    return models_table(runs) if several else run_table(runs[0])


def _print_summaries(runs: Sequence[Mapping[str, Any]], *, several: bool) -> None:
    from harness.report.summary import summary_line

    for run in runs:
        click.echo(f"{run['model']}: {summary_line(run)}" if several else summary_line(run))


def _print_details(runs: Sequence[Mapping[str, Any]], output: str, *, several: bool) -> None:
    from harness.report.details import detail_tables

    for run in runs:
        for table in detail_tables(run.get("details", {})):
            title = f"{run['model']}: {table.title}" if several else table.title
            click.echo()
            print_table(replace(table, title=title), output)


def say_remarks(run: Mapping[str, Any], said: set[tuple[str, str]]) -> None:
    """Writes a run's notes and warnings, and its name, to standard error.

    Args:
        run: JSON object of a run.
        said: What was written already and is not repeated; added to.
    """
    remarks = [("Note", note) for note in run["notes"]]
    remarks += [("Warning", warning) for warning in run["warnings"]]
    for kind, text in remarks:
        if (kind, text) not in said:
            say(kind, text)
            said.add((kind, text))
    say("Run", run["run"])


def say_failures(run: Mapping[str, Any]) -> None:
    """Writes what went wrong with each failed fold to standard error."""
    for failure in run["failures"]:
        say("Failed", f"{run['model']}, {failure['fold']}: {failure['error']}")
