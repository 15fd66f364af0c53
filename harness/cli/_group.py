"""The program `harness`: finds a command by name and imports it only then."""

from __future__ import annotations

import importlib
import sys
from typing import Any, NoReturn

import click

from harness._version import __version__
from harness.cli._errors import State, Terminated, end_of, terminable, warn_in_one_line
from harness.errors import unknown_name_message

COMMANDS = ("compare", "evaluate", "features", "info", "inspect", "list", "plot", "prepare", "report", "sys-info")


def _with_hyphens(token: str) -> str:
    return token.replace("_", "-")


class LazyGroup(click.Group):
    """A group whose commands are modules of `harness.cli`, imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names the commands, without importing them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports a command; None where there is none of that name."""
        name = _with_hyphens(cmd_name)
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"harness.cli.{name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Finds the command that the arguments begin with, or says which was probably meant."""
        if not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            ctx.fail(unknown_name_message("command", args[0], COMMANDS))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except Terminated as stopped:
            # For Ctrl-C click ends the line that the terminal has put ^C on; here there is none.
            raise click.Abort from stopped

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        """Runs a command line, turns whatever ends it into one line and an exit code, and exits."""
        state = State()
        extra.update(standalone_mode=False, obj=state)
        try:
            with terminable(), warn_in_one_line():
                code = super().main(*args, **extra)
        except (Exception, KeyboardInterrupt) as error:
            code = end_of(error, state)
        sys.exit(code or 0)


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
        "token_normalize_func": _with_hyphens,
    },
    epilog="\b\nExample:\n  python -m harness evaluate sonar_dropout\n  python -m harness COMMAND --help",
)
@click.version_option(__version__, "-V", "--version", prog_name="harness")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """How good is a Keras model on your data, and how sure can you be?

    Evaluates models by repeated cross-validation without leaks, keeps every run, and goes on after an
    interruption.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
