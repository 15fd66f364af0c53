"""A run killed half-way and started again: what was finished stays, and the result is the undisturbed one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import harness
from harness.seeds import FoldKey
from tests.fakes import two_blobs

ROOT = Path(__file__).parents[2]
MEASURED = {"seconds", "memory"}


def _command(data: Path, store: Path, marker: Path) -> list[str]:
    behaviour = ["-a", "behaviour=kill", "-a", "at=2", "-a", f"once={marker}"]
    protocol = ["--data", str(data), "--target", "label", "-k", "4", "--epochs", "3", "--engine", "fit"]
    return [
        *(sys.executable, "-m", "harness", "evaluate", "tests.fakes:debug_model"),
        *behaviour,
        *protocol,
        *("-o", str(store), "--format", "json", "-q"),
    ]


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)


def _fold_files(store: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (store / "folds").iterdir()}


class Killed:
    """The three processes of the story: killed, resumed, and undisturbed in another store."""

    def __init__(self, folder: Path) -> None:
        X, y = two_blobs(40)
        data, marker = folder / "rows.csv", folder / "misbehaved"
        rows = [",".join([*map(str, row), label]) for row, label in zip(X, y, strict=True)]
        data.write_text("\n".join(["a,b,c,d,label", *rows]))
        self.store = folder / "runs"
        self.killed = _run(_command(data, self.store, marker))
        self.files_after_kill = _fold_files(self.store)
        self.resumed = _run(_command(data, self.store, marker))
        self.files_after_resume = _fold_files(self.store)
        self.undisturbed = _run(_command(data, folder / "other", marker))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Killed:
    return Killed(tmp_path_factory.mktemp("killed"))


def test_the_first_process_was_killed_between_folds(story: Killed) -> None:
    assert story.killed.returncode == -signal.SIGKILL
    assert len(story.files_after_kill) == 2


def test_the_same_command_finishes(story: Killed) -> None:
    assert story.resumed.returncode == 0, story.resumed.stderr
    assert len(story.files_after_resume) == 4


def test_finished_folds_are_not_trained_again(story: Killed) -> None:
    kept = {name: story.files_after_resume[name] for name in story.files_after_kill}
    assert kept == story.files_after_kill


def test_the_result_is_that_of_an_undisturbed_run(story: Killed) -> None:
    resumed, undisturbed = (
        {name: value for name, value in json.loads(process.stdout).items() if name not in MEASURED}
        for process in (story.resumed, story.undisturbed)
    )
    assert resumed == undisturbed


def test_predictions_are_equal_bit_for_bit(story: Killed) -> None:
    run_id = json.loads(story.resumed.stdout)["run"]
    stores = (story.store, story.store.parent / "other")
    first, second = (harness.load_run(run_id, store).predictions for store in stores)
    assert first.equals(second)


def _evaluate(store: Path, **settings: Any) -> harness.Run:
    X, y = two_blobs(40)
    return harness.evaluate("sonar_baseline", X, y, folds=2, epochs=1, engine="fit", store=store, **settings)


def _written(store: Path) -> int:
    return len(_fold_files(store))


def test_a_finished_run_is_not_trained_again(tmp_path: Path) -> None:
    first = _evaluate(tmp_path)
    before = _fold_files(tmp_path)
    assert _evaluate(tmp_path).to_dict()["metrics"] == first.to_dict()["metrics"]
    assert _fold_files(tmp_path) == before


def test_no_resume_trains_anew_under_another_name_with_the_same_bits(tmp_path: Path) -> None:
    first = _evaluate(tmp_path)
    again = _evaluate(tmp_path, resume=False)
    assert again.id == f"{first.id}.1"
    assert _written(tmp_path) == 4
    assert again.predictions.equals(first.predictions)


def test_more_seeds_reuse_the_first_one(tmp_path: Path) -> None:
    first = _evaluate(tmp_path)
    more = _evaluate(tmp_path, init_seeds=2)
    assert _written(tmp_path) == 4
    assert more.histories[FoldKey(0, 1, 0)].history == first.histories[FoldKey(0, 1, 0)].history


@pytest.mark.parametrize(
    "change",
    [{"seed": 5}, {"batch_size": 7}, {"preprocessing": None}, {"arguments": {"momentum": 0.5}}],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_input_never_reuses_a_fold(tmp_path: Path, change: dict[str, Any]) -> None:
    _evaluate(tmp_path)
    _evaluate(tmp_path, **change)
    assert _written(tmp_path) == 4


def test_a_corrupt_fold_is_trained_again_and_said(tmp_path: Path) -> None:
    first = _evaluate(tmp_path)
    path = first.artifacts(fold=1)["result.npz"]
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-10])
    again = _evaluate(tmp_path)
    assert again.predictions.equals(first.predictions)
    assert any(path.name in warning for warning in again.warnings)


def test_a_fold_does_not_depend_on_those_before_it(tmp_path: Path) -> None:
    whole = _evaluate(tmp_path / "whole")
    X, y = two_blobs(40)
    split = harness.evaluate("sonar_baseline", X, y, folds=2, epochs=1, engine="fit", store=tmp_path / "part")
    path = split.artifacts(fold=0)["result.npz"]
    path.unlink()
    assert _evaluate(tmp_path / "part").predictions.equals(whole.predictions)
