"""`harness report`: a page, or a table, on finished runs."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli._errors import say
from harness.cli._finished import comparison_options, find_runs, runs_option, write_file
from harness.cli._options import debug_option, examples

if TYPE_CHECKING:
    from harness.report.html.page import Figures


@click.command(
    "report",
    epilog=examples(
        "python -m harness report sonar_dropout-4ee68bba -o dropout.html",
        "python -m harness report 'sonar_*' -o sonar.html --rope 0.01 --baseline sonar_baseline",
        "python -m harness report 'sonar_*' --format md",
    ),
)
@click.argument("names", nargs=-1, required=True, metavar="RUN...")
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="File to write.",
)
@click.option(
    "--format",
    "output",
    type=click.Choice(("html", "md", "latex", "csv", "json")),
    help="What to write; by default what FILE's suffix says, and Markdown to standard output.",
)
@comparison_options
@click.option(
    "--figures",
    type=click.Choice(("auto", "all", "main", "none")),
    default="auto",
    show_default=True,
    help="Figures of each model on the page; auto: all up to three models.",
)
@runs_option
@debug_option
def command(
    names: Sequence[str],
    target: Path | None,
    output: str | None,
    figures: Figures,
    store: str,
    **asked: Any,
) -> None:
    """Write a report on finished runs: question, answer, tables, figures, and how to do it again.

    RUN is the name of a run, the first letters of one, or a glob such as 'sonar_*'. Several runs are compared
    where they were judged on the same folds. An HTML report is one file that loads nothing from elsewhere.
    """
    from harness.report.write import format_of
    from harness.reporting import render_report

    chosen = output or (format_of(target) if target else "md")
    with _uncollected():
        text = render_report(find_runs(names, store), chosen, figures=figures, **asked)
    if target is None:
        click.echo(text, nl=False)
    else:
        write_file(target, text.encode())
        say("Report", str(target))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Leaves unreachable objects alone: the process is about to end, and looking for them takes a tenth of it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
