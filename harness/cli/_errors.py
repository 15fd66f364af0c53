"""How a command ends: every exception becomes one line on standard error and an exit code."""

from __future__ import annotations

import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, TextIO

import click

from harness.errors import HarnessError
from harness.report.text import printable

INTERRUPTED = 130
TERMINATED = 143


@dataclass
class State:
    """What the end of a command must know about it.

    Args:
        debug: Whether to show tracebacks.
        resumable: Whether the same command would go on from where this one stopped.
    """

    debug: bool = False
    resumable: bool = False


class Terminated(KeyboardInterrupt):
    """The process was asked to end (SIGTERM); whatever cleans up after Ctrl-C cleans up after this too."""


@contextmanager
def terminable() -> Iterator[None]:
    """Raises Terminated in the main thread when SIGTERM arrives."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _terminate(signum: int, frame: FrameType | None) -> None:
    raise Terminated


@contextmanager
def warn_in_one_line() -> Iterator[None]:
    """Shows Python warnings as "Warning: …" on standard error, without the line of code."""
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        yield


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    say("Warning", str(message))


def say(kind: str, text: str) -> None:
    """Writes one line, "Kind: text", to standard error."""
    click.echo(f"{kind}: {printable(text)}", err=True)


def end_of(error: BaseException, state: State) -> int:
    """Says in one line what ended a command.

    Args:
        error: The exception that ended it.
        state: What is known about the command.

    Returns:
        The exit code: as `report_error` gives it, or 130 and 143 for signals.
    """
    stopped = _interruption(error)
    return report_error(error, state) if stopped is None else _say_stopped(stopped, state)


def report_error(error: BaseException, state: State, prefix: str = "") -> int:
    """Says in one line what went wrong; with `--debug` after the traceback.

    Args:
        error: What went wrong.
        state: What is known about the command.
        prefix: What it went wrong with, put before the message.

    Returns:
        The exit code: the class's own for the harness's errors, 2 for wrong usage, 1 for what nobody expected.
    """
    if state.debug and not isinstance(error, click.ClickException):
        traceback.print_exception(error, file=sys.stderr)
    code, text = _describe(error)
    if code is None:
        advice = "" if state.debug else " (run again with --debug for the traceback)"
        code, text = 1, f"{type(error).__name__}: {text}{advice}"
    say("Error", f"{prefix}{text}")
    return code


def _describe(error: BaseException) -> tuple[int | None, str]:
    """An error's exit code, None where nobody expected it, and its message."""
    if isinstance(error, click.ClickException):
        return error.exit_code, _usage_message(error)
    if isinstance(error, click.Abort):
        return 1, "Stopped, as asked."
    code = error.exit_code if isinstance(error, HarnessError) else _zoo_exit_code(error)
    return code, _text(error)


def _zoo_exit_code(error: BaseException) -> int | None:
    """2 for what the zoo says of a name or a builder; the zoo itself knows nothing of exit codes."""
    expected: Any = getattr(sys.modules.get("zoo"), "ZooError", ())
    return 2 if isinstance(error, expected) else None


def _text(error: BaseException) -> str:
    # str() of a KeyError is the repr of its message.
    if len(error.args) == 1 and isinstance(error.args[0], str):
        return error.args[0]
    return str(error)


def _usage_message(error: click.ClickException) -> str:
    message = error.format_message()
    context = getattr(error, "ctx", None)
    if context is None:
        return message
    stop = "" if message.endswith((".", "?", "!")) else "."
    return f"{message}{stop} Try '{context.command_path} --help'."


def _interruption(error: BaseException) -> KeyboardInterrupt | None:
    """The signal behind an exception: click turns KeyboardInterrupt into Abort."""
    for candidate in (error, error.__cause__):
        if isinstance(candidate, KeyboardInterrupt):
            return candidate
    return None


def _say_stopped(stopped: KeyboardInterrupt, state: State) -> int:
    terminated = isinstance(stopped, Terminated)
    resume = " The same command goes on with the folds that are left." if state.resumable else ""
    click.echo(f"{'Terminated' if terminated else 'Interrupted'}.{resume}", err=True)
    return TERMINATED if terminated else INTERRUPTED
