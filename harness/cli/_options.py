"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from harness.cli._errors import State

F = TypeVar("F", bound=Callable[..., Any])
OptionSettings = tuple[tuple[str, ...], dict[str, Any]]

_FILES = {".html", ".md", ".tex", ".csv", ".json", ".png", ".svg", ".pdf"}


class SectionOption(click.Option):
    """An option that the help shows under a heading.

    Args:
        section: The heading.
        **settings: As for `click.Option`.
    """

    def __init__(self, *declarations: Any, section: str, **settings: Any) -> None:
        super().__init__(*declarations, **settings)
        self.section = section


class SectionedCommand(click.Command):
    """A command with so many options that its help groups them under headings."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the options in their order, those without a heading last."""
        sections: dict[str, list[tuple[str, str]]] = {}
        # sorted() is stable: the options of the command itself come first, in the order they are declared.
        for parameter in sorted(self.get_params(ctx), key=lambda each: not isinstance(each, SectionOption)):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record is not None:
                sections.setdefault(getattr(parameter, "section", "Other options"), []).append(record)
        for heading, records in sections.items():
            with formatter.section(heading):
                formatter.write_dl(records)


def add_options(command: F, section: str, *options: OptionSettings) -> F:
    """Adds options under one heading, which the help shows in the order given.

    Args:
        command: The function to decorate.
        section: The heading.
        *options: Declarations and settings of each, as `option` makes them.
    """
    for declarations, settings in reversed(options):
        command = click.option(*declarations, cls=SectionOption, section=section, **settings)(command)
    return command


def option(*declarations: str, **settings: Any) -> OptionSettings:
    """Describes an option for `add_options`; the arguments are those of `click.option`."""
    return declarations, settings


def examples(*lines: str) -> str:
    """Writes the example section that ends the help of every command."""
    return "\n".join(["\b", "Example:", *(f"  {line}" for line in lines)])


def format_option(*choices: str) -> Callable[[F], F]:
    """Adds `--format`, passed on as `output`; the first choice is the default."""
    return click.option(
        "--format",
        "output",
        type=click.Choice(choices),
        default=choices[0],
        show_default=True,
        help="How to write the result to standard output.",
    )


def debug_option(command: F) -> F:
    """Adds `--debug`, which the end of the program reads."""
    return click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        callback=_note_debug,
        help="Show tracebacks and what native libraries log.",
    )(command)


def _note_debug(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    ctx.ensure_object(State).debug = value


def store_option(command: F) -> F:
    """Adds `-o/--store`, the folder of the runs."""
    return click.option(
        "-o",
        "--store",
        default="runs",
        show_default=True,
        metavar="RUNS",
        callback=_folder,
        help="Folder that keeps the runs.",
    )(command)


def _folder(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    """Refuses what is meant for a file: in `report` and `plot`, `-o` is the file to write."""
    suffix = Path(value).suffix.lower()
    if suffix in _FILES and not Path(value).is_dir():
        raise click.BadParameter(
            f"It is the folder that keeps the runs. Received: '{value}', a {suffix} file by its name; for a file "
            "use `report` or `plot` afterwards, or `compare --page`.",
            ctx,
            parameter,
        )
    return value


def download_options(command: F) -> F:
    """Adds `--data-dir` and `--yes`, passed on as `data_dir` and `download`."""
    command = click.option(
        "--yes",
        "download",
        is_flag=True,
        default=None,
        help="Download what is missing without asking.",
    )(command)
    return click.option(
        "--data-dir",
        metavar="FOLDER",
        help="Folder with the files of data sets that are not shipped.",
    )(command)
