from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Record = dict[str, Any]


def entry(**changes: Any) -> Record:
    """What a run says of one metric."""
    complete = {
        "mean": 0.8421,
        "sd": 0.041,
        "fold_sd": 0.041,
        "seed_sd": None,
        "repeat_se": None,
        "ci": [0.7921, 0.8917],
        "ci_level": 0.95,
        "ci_method": "corrected resampled t",
        "range": [0.0, 1.0],
        "scores": [0.8, 0.85, 0.8763],
    }
    return {**complete, **changes}


@pytest.fixture
def make_entry() -> Callable[..., Record]:
    return entry


@pytest.fixture
def make_run() -> Callable[..., Record]:
    """A run's JSON object: three folds, one metric, nothing failed; keywords replace parts of it."""

    def make(**changes: Any) -> Record:
        complete: Record = {
            "run": "net-1",
            "model": "net",
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
            "seconds": 12.3,
            "baseline": {"strategy": "prior", "metrics": {"accuracy": {"mean": 0.5337, "sd": 0.01}}},
            "metrics": {"accuracy": entry()},
            "notes": [],
            "warnings": [],
            "failures": [],
        }
        return {**complete, **changes}

    return make
