from __future__ import annotations

import io
import sys
from collections.abc import Callable

import pytest

from harness.cli.progress import EPOCH_LINE_SECONDS, BarProgress, LineProgress, make_progress
from harness.progress import Progress


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Terminal]:
    """Puts a terminal in place of standard error; to be called in the test, as pytest sets its own before that."""

    def install() -> Terminal:
        stream = Terminal()
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("COLUMNS", "120")
        return stream

    return install


def test_quiet_is_silent() -> None:
    assert type(make_progress(quiet=True)) is Progress


def test_a_terminal_gets_a_bar(terminal: Callable[[], Terminal]) -> None:
    terminal()
    assert isinstance(make_progress(quiet=False), BarProgress)


def test_a_dumb_terminal_gets_lines(terminal: Callable[[], Terminal], monkeypatch: pytest.MonkeyPatch) -> None:
    terminal()
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(make_progress(quiet=False), LineProgress)


def test_a_pipe_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert isinstance(make_progress(quiet=False), LineProgress)


def test_lines_tell_folds_results_and_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    progress = LineProgress(clock)
    progress.run_started("net", "sonar", folds=4, done=1, epochs=300)
    clock.now = 60.0
    progress.fold_finished("repeat 0 fold 1", 60.0, "accuracy 0.85")
    progress.message("Something\nelse.")
    assert capsys.readouterr().err.splitlines() == [
        "net on sonar: 4 folds of at most 300 epochs, 1 of them already done",
        "[2/4] repeat 0 fold 1: accuracy 0.85, 1 min 0 s, about 2 min 0 s left",
        "Something else.",
    ]


def test_epochs_are_told_only_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    progress = LineProgress(clock)
    progress.run_started("net", "sonar", folds=1, done=0, epochs=300)
    for epoch in (1, 2, 3, 4):
        clock.now += EPOCH_LINE_SECONDS / 2
        progress.epoch_finished("repeat 0 fold 0", epoch, 300)
    lines = capsys.readouterr().err.splitlines()[1:]
    assert [line.partition(",")[0] for line in lines] == [
        "[0/1] repeat 0 fold 0: epoch 2/300",
        "[0/1] repeat 0 fold 0: epoch 4/300",
    ]


def test_one_is_no_plural(capsys: pytest.CaptureFixture[str]) -> None:
    LineProgress().run_started("net", "sonar", folds=1, done=0, epochs=1)
    assert capsys.readouterr().err == "net on sonar: 1 fold of at most 1 epoch\n"


def test_lines_say_nothing_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    LineProgress().run_started("net", "sonar", folds=1, done=0, epochs=3)
    assert capsys.readouterr().out == ""


def test_the_bar_shows_folds_and_epoch_and_goes_away(terminal: Callable[[], Terminal]) -> None:
    stream = terminal()
    progress = make_progress(quiet=False)
    progress.run_started("[net]", "sonar", folds=4, done=1, epochs=300)
    progress.fold_finished("repeat 0 fold 1", 1.0, "accuracy 0.85")
    progress.epoch_finished("repeat 0 fold 2", 150, 300)
    bar = progress._bar
    bar.refresh()
    assert bar.tasks[0].completed == 2.5
    assert all(text in stream.getvalue() for text in ("[net] on sonar", "2/4 folds", "epoch 150/300"))
    progress.run_finished()
    assert progress._bar is None
    assert stream.getvalue().endswith("\x1b[2K")


def test_the_bar_may_end_twice_or_before_it_began(terminal: Callable[[], Terminal]) -> None:
    terminal()
    progress = make_progress(quiet=False)
    progress.run_finished()
    progress.epoch_finished("repeat 0 fold 0", 1, 3)
    progress.run_started("net", "sonar", folds=1, done=0, epochs=3)
    progress.run_finished()
    progress.run_finished()
    assert progress._bar is None


def test_features_are_counted_in_the_bar_of_an_evaluation_or_in_one_of_their_own(
    terminal: Callable[[], Terminal],
) -> None:
    stream = terminal()
    progress = make_progress(quiet=False)
    progress.features_computed(16, 200)
    assert (progress._bar.tasks[0].completed, progress._bar.tasks[0].total) == (16, 200)
    progress.run_started("net", "pets", folds=5, done=0, epochs=20)
    progress.features_computed(32, 200)
    progress._bar.refresh()
    assert (progress._bar.tasks[0].completed, progress._bar.tasks[0].total) == (0, 5)
    assert "features of 32/200 images" in stream.getvalue()
    progress.run_finished()
    assert progress._bar is None


def test_lines_say_when_all_features_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    progress = LineProgress()
    for done in (16, 32, 33):
        progress.features_computed(done, 33)
    assert capsys.readouterr().err == "features of 33 of 33 images\n"
