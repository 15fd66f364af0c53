from __future__ import annotations

import numpy as np
import pytest

from harness.metrics import METRICS, Predictions
from harness.statistics.thresholds import CRITERIA, choose_threshold
from harness.thresholds import applied_threshold, checked_threshold, choices

TRUTH = np.array([0, 0, 1, 0, 1, 1])
SAID = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])


def _predictions(threshold: float | None) -> Predictions:
    return Predictions("binary", TRUTH, np.column_stack([1 - SAID, SAID]), ("no", "yes"), threshold)


def test_every_criterion_chooses() -> None:
    found = choices(TRUTH, SAID)
    assert set(found) == set(CRITERIA)
    assert all(found[name]["threshold"] == choose_threshold(TRUTH, SAID, name).threshold for name in CRITERIA)


def test_the_applied_one_is_that_of_the_criterion_asked_for() -> None:
    assert applied_threshold("mcc", choices(TRUTH, SAID)) == choose_threshold(TRUTH, SAID, "mcc").threshold


def test_numpy_numbers_become_plain_ones() -> None:
    assert type(checked_threshold(np.float32(0.25))) is float


@pytest.mark.parametrize(
    ("threshold", "codes"),
    [(None, [0, 0, 0, 0, 0, 1]), (0.5, [0, 0, 0, 0, 1, 1]), (0.3, [0, 0, 1, 1, 1, 1]), (0.7, [0] * 6)],
)
def test_rows_are_positive_from_the_threshold_on(threshold: float | None, codes: list[int]) -> None:
    assert _predictions(threshold).codes.tolist() == codes


MOVES = {"accuracy": True, "f1": True, "roc_auc": False, "brier": False}


@pytest.mark.parametrize(("name", "moves"), MOVES.items())
def test_only_what_is_computed_from_labels_depends_on_it(name: str, moves: bool) -> None:
    low, high = (METRICS[name].score(_predictions(threshold)) for threshold in (0.25, 0.55))
    assert (low != high) is moves
