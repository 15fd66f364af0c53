"""Processes are killed with SIGKILL while they commit; what they acknowledged must be there."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.store import OpenRun, RunStore

# Commits one fold after the other, going on where the last process was stopped, and says which are durable.
COMMIT = """
import sys
from harness.store import RunStore

with RunStore(sys.argv[1]).open_run("toy", {"identity": {"seed": 7}}) as run:
    for warning in run.warnings:
        print("warning", warning, flush=True)
    for fold in range(int(sys.argv[2]), 1_000_000):
        key = f"k{fold}"
        content = f"content of {fold} ".encode() * 500
        run.commit((0, fold, 0), key, {"fold": fold}, {"model.keras": content, "y.npz": content[:100]})
        print(fold, flush=True)
"""


def commit_until_killed(root: Path, first: int, seconds: float) -> list[int]:
    """Returns the folds whose commit was acknowledged."""
    command = [sys.executable, "-c", COMMIT, str(root), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        acknowledged = [process.stdout.readline()]
        time.sleep(seconds)
        process.kill()
        acknowledged += process.stdout.readlines()
    # The last line may be cut.
    return [int(line) for line in acknowledged if line.endswith("\n")]


def check(run: OpenRun, fold: int) -> None:
    stored = run.find(f"k{fold}")
    assert stored is not None
    assert stored.record == {"fold": fold}
    content = f"content of {fold} ".encode() * 500
    assert stored.read("model.keras") == content
    assert stored.read("y.npz") == content[:100]


@pytest.mark.parametrize("kills", [25, pytest.param(1000, marks=[pytest.mark.slow, pytest.mark.timeout(1200)])])
def test_no_acknowledged_fold_is_lost_and_none_is_half_there(kills: int, tmp_path: Path) -> None:
    chance = random.Random(kills)
    acknowledged: list[int] = []
    for _ in range(kills):
        first = acknowledged[-1] + 1 if acknowledged else 0
        new = commit_until_killed(tmp_path, first, chance.uniform(0, 0.02))
        assert new == list(range(first, first + len(new)))
        acknowledged += new
    store = RunStore(tmp_path)
    with store.open_run("toy", {"identity": {"seed": 7}}) as run:
        for fold in acknowledged:
            check(run, fold)
        assert run.warnings == []
    assert len(acknowledged) >= kills
    listed = [fold.key[1] for fold in store.load("toy").folds]
    # The fold in hand at a kill may or may not have made it, and is then finished by the next process.
    assert listed in (acknowledged, [*acknowledged, acknowledged[-1] + 1])
    assert store.rebuild() in (len(listed), len(listed) + 1)
    assert list((tmp_path / "open").iterdir()) == []
    assert not (tmp_path / "quarantine").exists()
