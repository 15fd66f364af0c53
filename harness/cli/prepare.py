"""`harness prepare`: brings data sets that are not shipped to this machine, and checks those that are."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from harness.cli._console import print_json, print_table
from harness.cli._errors import say
from harness.cli._options import debug_option, download_options, examples, format_option
from harness.errors import HarnessError


@click.command(
    "prepare",
    epilog=examples(
        "python -m harness prepare",
        "python -m harness prepare pima --yes",
        "python -m harness prepare pima --data-dir ~/data",
    ),
)
@click.argument("dataset", required=False)
@download_options
@format_option("table", "json", "csv", "md")
@debug_option
@click.pass_context
def command(
    ctx: click.Context, dataset: str | None, data_dir: str | None, download: bool | None, output: str
) -> None:
    """Download what DATASET needs, and compare every file with the SHA-256 on its card; all data sets by default.

    A data set whose card has a notice is downloaded only if you agree to it, here or by --yes.
    """
    from harness.data import list_datasets, prepare

    records, code = [], 0
    for name in [dataset] if dataset else list_datasets():
        try:
            path = prepare(name, data_dir=data_dir, yes=bool(download), confirm=_confirm())
        except HarnessError as error:
            if dataset:
                raise
            say("Error", str(error))
            code = error.exit_code
        else:
            records.append({"name": name, "file": None if path is None else str(path), "sha256": _state(path)})
    _print(records, output)
    ctx.exit(code)


def _print(records: list[dict[str, Any]], output: str) -> None:
    from harness.report.table import Table

    if output == "json":
        print_json(records)
    else:
        print_table(Table.from_records(records, ("name", "file", "sha256")), output)


def _state(path: object) -> str:
    return "needs no file" if path is None else "as on the card"


def _confirm() -> Callable[[str], bool] | None:
    """A question to whoever sits at the terminal; None where nobody does."""
    if not sys.stdin.isatty():
        return None
    return lambda question: click.confirm(question, err=True)
