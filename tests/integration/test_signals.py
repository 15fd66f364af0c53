"""Ctrl-C and kill -9 while the vectorized engine trains: the same command goes on, and comes to the same bits."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import harness

ROOT = Path(__file__).parents[2]
MEASURED = {"seconds", "memory"}
GO_ON = "Interrupted. The same command goes on with the folds that are left."

LONG_FOLDS = {"folds": 6, "repeats": 1, "epochs": 2000, "engine": "vectorized"}
MANY_FOLDS = {"folds": 10, "repeats": 5, "epochs": 60, "engine": "vectorized"}
ONE_AT_A_TIME = {"folds": 6, "repeats": 1, "epochs": 40, "engine": "fit"}


def _command(store: Path, settings: dict[str, Any]) -> list[str]:
    asked = [word for name, value in settings.items() for word in (f"--{name}", str(value))]
    words = ["evaluate", "sonar_baseline", *asked, "-o", str(store), "--format", "json", "-q"]
    return [sys.executable, "-m", "harness", *words]


@contextmanager
def _started(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    # A shell's job in the background, as these tests may be part of, ignores SIGINT, and so would its children.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    finally:
        signal.signal(signal.SIGINT, before)
    with process:
        try:
            yield process
        finally:
            process.kill()


class Stopped:
    """A process that was sent a signal as soon as the store held so many finished folds."""

    def __init__(self, store: Path, settings: dict[str, Any], number: int, folds: int) -> None:
        with _started(_command(store, settings)) as process:
            while len(_finished(store)) < folds and process.poll() is None:
                time.sleep(0.002)
            process.send_signal(number)
            sent = time.monotonic()
            _, self.said = process.communicate(timeout=120)
        self.seconds = time.monotonic() - sent
        self.code = process.returncode
        self.files = _files(store)
        self.finished = len(_finished(store))


def _finished(store: Path) -> list[Path]:
    return list((store / "folds").glob("*.json"))


def _files(store: Path) -> dict[str, int]:
    """When each file of a finished fold was written."""
    files = [*_finished(store), *(store / "artifacts").glob("*/*")]
    return {str(path): path.stat().st_mtime_ns for path in files}


class Story:
    """A run interrupted at a third of its folds, killed at two thirds, then left alone; and an undisturbed one."""

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        self.folds = settings["folds"] * settings["repeats"]
        self.store = folder / "runs"
        self.interrupted = Stopped(self.store, settings, signal.SIGINT, self.folds // 3)
        self.killed = Stopped(self.store, settings, signal.SIGKILL, 2 * self.folds // 3)
        with _started(_command(self.store, settings)) as process:
            self.told, self.errors = process.communicate(timeout=240)
        self.code = process.returncode
        self.files = _files(self.store)
        self.undisturbed = harness.evaluate("sonar_baseline", **settings, store=folder / "other")


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(LONG_FOLDS, id="long folds"),
        pytest.param(MANY_FOLDS, id="many folds", marks=pytest.mark.slow),
        pytest.param(ONE_AT_A_TIME, id="one at a time", marks=pytest.mark.slow),
    ],
)
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story(tmp_path_factory.mktemp("stopped"), request.param)


def test_ctrl_c_ends_at_once_and_says_how_to_go_on(story: Story) -> None:
    assert story.interrupted.code == 130
    assert story.interrupted.said.strip() == GO_ON
    assert story.interrupted.seconds < 3


def test_kill_9_ends_it_between_two_folds(story: Story) -> None:
    assert (story.killed.code, story.killed.said) == (-signal.SIGKILL, "")
    assert story.folds // 3 <= story.interrupted.finished <= story.killed.finished < story.folds


def test_the_same_command_finishes(story: Story) -> None:
    assert (story.code, story.errors) == (0, "")
    assert len(_finished(story.store)) == story.folds


def test_files_of_finished_folds_are_left_alone(story: Story) -> None:
    for before in (story.interrupted.files, story.killed.files):
        assert before == {path: story.files[path] for path in before}


def test_what_is_told_is_what_an_undisturbed_run_tells(story: Story) -> None:
    told, undisturbed = json.loads(story.told), json.loads(json.dumps(story.undisturbed.to_dict()))
    assert {**told, **dict.fromkeys(MEASURED)} == {**undisturbed, **dict.fromkeys(MEASURED)}


def test_predictions_and_histories_are_those_of_an_undisturbed_run_bit_for_bit(story: Story) -> None:
    resumed = harness.load_run(story.undisturbed.id, story.store)
    arrays = [
        {fold.key: fold.files["result.npz"].sha256 for fold in run.stored.folds}
        for run in (resumed, story.undisturbed)
    ]
    assert len(arrays[0]) == story.folds
    assert arrays[0] == arrays[1]


@pytest.mark.slow
def test_ctrl_c_does_not_wait_for_the_end_of_a_long_fold(tmp_path: Path) -> None:
    settings = {**LONG_FOLDS, "epochs": 1_000_000}
    with _started([word for word in _command(tmp_path, settings) if word != "-q"]) as process:
        assert process.stderr is not None
        while "folds of at most 1000000 epochs" not in process.stderr.readline():
            pass
        time.sleep(4)  # until it has compiled
        process.send_signal(signal.SIGINT)
        sent = time.monotonic()
        assert process.wait(timeout=60) == 130
    assert time.monotonic() - sent < 3
