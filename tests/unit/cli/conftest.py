from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from harness.cli._group import cli

Invoke = Callable[..., Result]


@pytest.fixture
def invoke() -> Invoke:
    """Runs a command line in this process."""

    def run(*arguments: str, **extra: Any) -> Result:
        return CliRunner().invoke(cli, list(arguments), prog_name="harness", **extra)

    return run


def run_record(model: str = "net", **changes: Any) -> dict[str, Any]:
    """A run's JSON object."""
    entry = {
        "mean": 0.8,
        "sd": 0.1,
        "fold_sd": 0.1,
        "seed_sd": None,
        "repeat_se": None,
        "ci": [0.7, 0.9],
        "ci_level": 0.95,
        "ci_method": "corrected resampled t",
        "range": [0.0, 1.0],
        "scores": [0.7, 0.8, 0.9],
    }
    complete = {
        "run": f"{model}-1",
        "model": model,
        "dataset": "sonar",
        "task": "binary",
        "n": 208,
        "scheme": "stratified",
        "folds": 3,
        "repeats": 1,
        "seeds": 1,
        "seed": 7,
        "engine": "fit",
        "n_failed": 0,
        "seconds": 1.5,
        "baseline": {"strategy": "prior", "metrics": {"accuracy": {"mean": 0.5, "sd": 0.0}}},
        "metrics": {"accuracy": entry},
        "notes": ["A note."],
        "warnings": ["sorted_by_class: Rows are sorted."],
        "failures": [],
    }
    return {**complete, **changes}


class FakeRun:
    """What `harness.evaluate` returns, as far as the command line looks at it."""

    def __init__(self, record: dict[str, Any]) -> None:
        self.record = record
        self.levels: list[float] = []
        self.intervals: list[str] = []

    def to_dict(self, ci: float = 0.95, interval: str = "corrected") -> dict[str, Any]:
        self.levels.append(ci)
        self.intervals.append(interval)
        return self.record

    def details(self, ci: float = 0.95) -> dict[str, Any]:
        bounds = {f"{name}_{side}": None for name in ("bias", "mae", "rmse") for side in ("low", "high")}
        output = {"output": "price", "n": 20, "bias": 0.1, "mae": 0.5, "rmse": 0.7, **bounds}
        return {"rows": 20, "level": ci, "variance": [], "per_output": [output]}


class Evaluate:
    """Stands in for `harness.evaluate`: remembers what it was called with, and answers or raises as told."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.answers: dict[str, Any] = {}
        self.runs: list[FakeRun] = []

    def __call__(self, model: str, **arguments: Any) -> FakeRun:
        self.calls.append({"model": model, **arguments})
        answer = self.answers.get(model, {})
        if callable(answer):
            answer = answer()
        if isinstance(answer, BaseException):
            raise answer
        self.runs.append(FakeRun(run_record(model, **answer)))
        return self.runs[-1]


@pytest.fixture
def evaluate(monkeypatch: pytest.MonkeyPatch) -> Evaluate:
    import harness

    stand_in = Evaluate()
    monkeypatch.setattr(harness, "evaluate", stand_in)
    return stand_in


@pytest.fixture
def stored_run(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A run that `load_run` finds under the name "net-1", and no other."""
    import harness.run
    from harness.errors import UnknownNameError

    record = run_record()

    def load(name: str, store: str = "runs") -> FakeRun:
        if name != record["run"]:
            raise UnknownNameError("run", name, [record["run"]])
        return FakeRun(record)

    monkeypatch.setattr(harness.run, "load_run", load)
    return record
