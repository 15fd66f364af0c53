"""Options and helpers of the commands that show finished runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from harness.errors import UnknownNameError, UsageError

if TYPE_CHECKING:
    from harness.run import Run

F = TypeVar("F", bound=Callable[..., Any])


def runs_option(command: F) -> F:
    """Adds `--store`, the folder of the runs; `-o` names the file to write."""
    return click.option(
        "--store", default="runs", show_default=True, metavar="RUNS", help="Folder that keeps the runs."
    )(command)


def comparison_options(command: F) -> F:
    """Adds what runs are judged and compared by, named as in `harness.reporting`."""
    options = (
        click.option(
            "--metric", metavar="NAME", help="What to judge by; the first run's first metric by default."
        ),
        click.option("--baseline", metavar="MODEL", help="Compare the others with this model or run only."),
        click.option(
            "--rope",
            type=click.FloatRange(min=0),
            metavar="WIDTH",
            help="Differences up to WIDTH do not matter; in the metric's units.",
        ),
        click.option(
            "--ci",
            "level",
            type=click.FloatRange(0, 1, min_open=True, max_open=True),
            default=0.95,
            show_default=True,
            metavar="LEVEL",
            help="Level of the intervals.",
        ),
        click.option(
            "--interval",
            type=click.Choice(("corrected", "conservative")),
            default="corrected",
            show_default=True,
            help="Conservative: wider ones, for learners such as the nearest neighbour.",
        ),
    )
    for add in reversed(options):
        command = add(command)
    return command


def find_runs(names: Sequence[str], store: str) -> list[Run]:
    """Loads runs by their names, beginnings of names, or globs; each once.

    Raises:
        UnknownNameError: No such run.
    """
    from harness.run import list_runs, load_run

    found: dict[str, Run] = {}
    for name in names:
        globbed = [info.run_id for info in list_runs(name, store)] if set(name) & set("*?[") else [name]
        if not globbed:
            raise UnknownNameError("run", name, [info.run_id for info in list_runs(store=store)])
        for run_id in globbed:
            run = load_run(run_id, store)
            found[run.id] = run
    return list(found.values())


def write_file(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all.

    Raises:
        UsageError: It cannot be written.
    """
    temporary = path.with_name(f".{path.name}.part")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise UsageError(f"Cannot write '{path}': {error.strerror or error}; name another file with -o") from error
