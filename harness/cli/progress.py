"""Progress on standard error: a bar on a terminal, plain lines elsewhere, nothing when quiet."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from harness.cli._tally import Tally
from harness.progress import Progress
from harness.report.numbers import format_seconds
from harness.report.text import printable

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

EPOCH_LINE_SECONDS = 30.0
"""How long plain lines may stay silent within a fold."""


def make_progress(*, quiet: bool) -> Progress:
    """Chooses how to show progress on standard error.

    Args:
        quiet: Whether to show nothing.

    Returns:
        A bar where standard error is a terminal that can move its cursor, plain lines elsewhere.
    """
    if quiet:
        return Progress()
    if sys.stderr.isatty() and os.environ.get("TERM") not in ("dumb", "unknown"):
        return BarProgress()
    return LineProgress()


class LineProgress(Progress):
    """One line for each fold, and now and then one for an epoch of a long fold."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._spoke = clock()
        self._tally = Tally(0, 0, 1, clock)

    def run_started(self, model: str, dataset: str, folds: int, done: int, epochs: int) -> None:
        """Says what begins."""
        self._tally = Tally(folds, done, epochs, self._clock)
        before = f", {done} of them already done" if done else ""
        count, length = _counted(folds, "fold"), _counted(epochs, "epoch")
        self._say(f"{model} on {dataset}: {count} of at most {length}{before}")

    def epoch_finished(self, fold: str, epoch: int, epochs: int) -> None:
        """Says how far a long fold has come."""
        self._tally.epoch_finished(fold, epoch, epochs)
        if self._clock() - self._spoke >= EPOCH_LINE_SECONDS:
            self._say(f"{self._count()} {fold}: epoch {epoch}/{epochs}{self._left()}")

    def fold_finished(self, fold: str, seconds: float, message: str) -> None:
        """Says how a fold ended."""
        self._tally.fold_finished(fold)
        result = f"{message}, " if message else ""
        self._say(f"{self._count()} {fold}: {result}{format_seconds(seconds)}{self._left()}")

    def features_computed(self, done: int, images: int) -> None:
        """Says how many images are done when all are, or when it takes long."""
        if done == images or self._clock() - self._spoke >= EPOCH_LINE_SECONDS:
            self._say(f"features of {done} of {_counted(images, 'image')}")

    def message(self, text: str) -> None:
        """Writes the line as it is."""
        self._say(text)

    def _count(self) -> str:
        return f"[{self._tally.finished}/{self._tally.folds}]"

    def _left(self) -> str:
        seconds = self._tally.seconds_left()
        return f", about {format_seconds(seconds)} left" if seconds else ""

    def _say(self, text: str) -> None:
        self._spoke = self._clock()
        click.echo(printable(text), err=True)


class BarProgress(Progress):
    """A bar with folds done, the epoch, and the time left; lines of text appear above it."""

    def __init__(self) -> None:
        self._bar: RichProgress | None = None
        self._tally = Tally(0, 0, 1)

    def run_started(self, model: str, dataset: str, folds: int, done: int, epochs: int) -> None:
        """Shows the bar."""
        self.run_finished()
        self._tally = Tally(folds, done, epochs)
        self._bar = _rich_progress()
        self._bar.add_task(f"{model} on {dataset}", total=folds, completed=done, **self._fields(""))
        self._bar.start()

    def epoch_finished(self, fold: str, epoch: int, epochs: int) -> None:
        """Moves the bar by an epoch."""
        self._tally.epoch_finished(fold, epoch, epochs)
        self._update(f"epoch {epoch}/{epochs}")

    def fold_finished(self, fold: str, seconds: float, message: str) -> None:
        """Moves the bar to the end of the fold."""
        self._tally.fold_finished(fold)
        self._update("")

    def features_computed(self, done: int, images: int) -> None:
        """Shows the images done: in the bar of an evaluation, or in one of their own."""
        counted = f"features of {done}/{images} images"
        if self._tally.folds:
            self._update(counted)
            return
        if self._bar is None:
            self._bar = _rich_progress()
            self._bar.add_task("features", **self._fields(""))
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=done, total=images, folds=counted)

    def message(self, text: str) -> None:
        """Writes the line above the bar."""
        click.echo(printable(text), err=True)

    def run_finished(self) -> None:
        """Takes the bar away and gives the terminal back."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _update(self, epoch: str) -> None:
        if self._bar is not None:
            task = self._bar.task_ids[0]
            self._bar.update(task, completed=self._tally.share, **self._fields(epoch))

    def _fields(self, epoch: str) -> dict[str, Any]:
        seconds = self._tally.seconds_left()
        left = f"{format_seconds(seconds)} left" if seconds else ""
        return {"folds": f"{self._tally.finished}/{self._tally.folds} folds", "epoch": epoch, "left": left}


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _rich_progress() -> RichProgress:
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    from harness.cli._console import console

    columns = [
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[folds]}"),
        TextColumn("{task.fields[epoch]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
    ]
    return RichProgress(*columns, console=console(sys.stderr), transient=True)
