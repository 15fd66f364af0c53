from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.errors import ResamplingError, UnknownNameError
from harness.resampling import Resampling

LABELS = np.array(["a"] * 6 + ["b"] * 3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"folds": 1}, "at least 2 folds. Received: folds=1"),
        ({"repeats": 0}, "at least 1 repeat. Received: repeats=0"),
        ({"test_size": 1.0}, "between 0 and 1. Received: 1.0"),
        ({"repeats": 2, "shuffle": False}, "all the same"),
        ({"repeats": 2, "scheme": "leave_one_out"}, "all the same"),
    ],
)
def test_a_setting_out_of_range_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ResamplingError, match=message):
        Resampling(**settings)


def test_a_misspelt_scheme_is_corrected() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'stratified'"):
        Resampling("stratifed")


def test_a_class_with_fewer_rows_than_folds_is_named() -> None:
    with pytest.raises(ResamplingError, match="Class 'b' has 3 rows, fewer than the 4 folds"):
        Resampling("stratified", folds=4).split(LABELS, "binary")


def test_fewer_rows_than_folds_are_refused() -> None:
    with pytest.raises(ResamplingError, match=r"10 folds need at least as many rows\. Received: 9 rows"):
        Resampling("kfold", folds=10).split(LABELS, "binary")


def test_fewer_groups_than_folds_are_refused() -> None:
    with pytest.raises(ResamplingError, match=r"4 folds need at least as many groups\. Received: 3"):
        Resampling("group", folds=4).split(LABELS, "binary", np.arange(9) % 3)


@pytest.mark.parametrize("test_size", [0.01, 0.99])
def test_a_side_too_small_for_the_classes_is_refused(test_size: float) -> None:
    with pytest.raises(ResamplingError, match="'holdout' cannot split 9 rows"):
        Resampling("holdout", test_size=test_size).split(LABELS, "binary")


def test_an_unshuffled_hold_out_tests_on_the_tail_as_keras_does() -> None:
    (split,) = Resampling("holdout", shuffle=False, test_size=0.33).split(np.arange(10.0), "regression")
    # Keras: split_at = int(floor(10 · (1 - 0.33))) = 6.
    assert split.test.tolist() == [6, 7, 8, 9]


def test_an_unshuffled_hold_out_does_not_divide_a_group() -> None:
    groups = np.array([0, 0, 0, 1, 1, 1])
    with pytest.raises(ResamplingError, match="group '1' on both sides"):
        Resampling("holdout", shuffle=False, test_size=0.33).split(np.arange(6.0), "regression", groups)


def test_binned_numbers_are_said() -> None:
    splits = Resampling("stratified", folds=3).split(np.arange(30.0), "regression")
    assert splits.notes == ("Stratified on the target, cut into 10 bins of equal counts.",)


@pytest.mark.parametrize("y", [np.arange(60.0), np.arange(60.0)[:, None], np.outer(np.arange(60), [1.0, -2.0])])
def test_stratified_regression_spreads_the_target(y: Any) -> None:
    overall = np.reshape(y, (60, -1))[:, 0].mean()
    for split in Resampling("stratified", folds=4).split(y, "regression"):
        assert np.reshape(y, (60, -1))[split.test, 0].mean() == pytest.approx(overall, abs=4)


def test_a_target_with_many_ties_is_stratified() -> None:
    y = np.r_[np.zeros(50), np.arange(10.0)]
    splits = Resampling("stratified", folds=5).split(y, "regression")
    assert [int((y[split.test] > 0).sum()) for split in splits] == pytest.approx([2] * 5, abs=1)
