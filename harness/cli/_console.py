"""Results go to standard output, everything else to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TextIO

import click

from harness.report.text import printable

if TYPE_CHECKING:
    from rich.console import Console

    from harness.report.table import Table

_UNLIMITED = 10_000


def console(stream: TextIO) -> Console:
    """Makes a console; where nobody looks at a terminal, lines are as long as they need to be."""
    from rich.console import Console

    width = None if stream.isatty() else _UNLIMITED
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def print_table(table: Table, output: str) -> None:
    """Writes a table to standard output.

    Args:
        table: What to write.
        output: "table" for a terminal, "csv" or "md".
    """
    writers: dict[str, Callable[[], str]] = {"csv": table.to_csv, "md": table.to_markdown}
    if output in writers:
        click.echo(writers[output](), nl=False)
    else:
        terminal = console(sys.stdout)
        with terminal.capture() as captured:
            if table.title:
                terminal.print(printable(table.title), style="bold")
            terminal.print(table.to_rich())
        click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def print_json(value: Any) -> None:
    """Writes one JSON value to standard output; a number that JSON cannot hold is an error."""
    click.echo(json.dumps(value, indent=2, allow_nan=False))
