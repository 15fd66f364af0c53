"""What `--memory` promises: however many folds there are, the process never holds more than it may."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the peak of a process cannot be told apart"),
]

ROOT = Path(__file__).parents[2]
MEBIBYTE = 2**20

# A process of its own: the peak of one never falls.
PROGRAM = """
import json, sys
from harness import xla
xla.set_up()
import keras, numpy as np
import harness
import harness.engines.vectorized.engine
from harness.memory import memory_in_use, peak_memory
from harness.progress import Progress

class Watching(Progress):
    def run_started(self, *arguments):
        self.before = {"before": memory_in_use() - start, "peak_before": peak_memory() - start}
    def message(self, text):
        print(text, file=sys.stderr)

# As on a machine of four processors, wherever this is run.
harness.engines.vectorized.engine.folds_at_a_time = lambda: 4
case = json.loads(sys.argv[1])
rng = np.random.default_rng(0)
X = rng.normal(size=(case["rows"], case["features"])).astype(np.float32)
y = np.where(X[:, 0] > 0, "above", "below")
start, progress = memory_in_use(), Watching()
budget = start + case["budget"] if case["budget"] else None
run = harness.evaluate("sonar_baseline", X, y, arguments={"units": case["units"]}, engine="vectorized", seed=1,
                       checkpoint="best", store=None, memory=budget, progress=progress, **case["settings"])
assert not run.n_failed
print(json.dumps({**progress.before, "peak": peak_memory() - start}))
"""


FEW = {"folds": 8, "repeats": 1}


@dataclass(frozen=True)
class Case:
    """Something to train, and the memory that one fold at a time should do with.

    `spared` says whether a few folds without a budget take more. Of orders as many are counted as a call may take;
    how many it does take depends on the processor.
    """

    rows: int
    features: int
    units: list[int]
    room: int
    settings: dict[str, Any]
    folds: dict[str, Any] = field(default_factory=lambda: FEW)
    spared: bool = True


# What weighs: rows, their order in each of hundreds of epochs, the state after each of fifty epochs.
CASES = {
    "rows": Case(
        rows=1000,
        features=3000,
        units=[16],
        room=175 * MEBIBYTE,
        settings={"epochs": 8, "batch_size": 500},
        folds={"folds": 8, "repeats": 80},
    ),
    "orders": Case(
        rows=20_000,
        features=8,
        units=[8],
        room=250 * MEBIBYTE,
        settings={"epochs": 1000, "batch_size": 5000},
        spared=False,
    ),
    "kept states": Case(
        rows=400,
        features=20,
        units=[7000],
        room=250 * MEBIBYTE,
        settings={"epochs": 60, "batch_size": 100, "early_stopping": 1000},
    ),
}


def measured(case: Case, folds: dict[str, Any], budget: int | None = None) -> dict[str, int]:
    """What a process of its own took, in bytes more than it held after importing all there is."""
    asked = {**vars(case), "budget": budget, "settings": {**case.settings, **folds}}
    words = [sys.executable, "-c", PROGRAM, json.dumps(asked)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=800)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "memory will be exceeded" not in done.stderr
    result: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return result


@pytest.mark.parametrize("name", CASES)
def test_the_peak_stays_under_the_budget(name: str) -> None:
    case = CASES[name]
    free = measured(case, FEW)
    # What evaluating takes before it trains anything: the data, the splits, the model.
    budget = free["before"] + case.room
    assert free["peak_before"] < budget
    if case.spared:
        assert free["peak"] > budget, "a few folds do with the budget by themselves"
    limited = measured(case, case.folds, budget)
    print(
        name,
        {kind: size // MEBIBYTE for kind, size in {**limited, "free": free["peak"], "budget": budget}.items()},
    )
    assert limited["peak"] <= budget
