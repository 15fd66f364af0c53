from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn import model_selection as ms

from harness.errors import ResamplingError
from harness.resampling import custom_splits

X = np.zeros((12, 2))
Y = np.tile(["a", "b"], 6)
GROUPS = np.repeat(["u", "v", "w"], 4)


@pytest.mark.parametrize(
    ("splitter", "repeats", "folds"),
    [
        (ms.KFold(3), 1, 3),
        (ms.RepeatedKFold(n_splits=3, n_repeats=2, random_state=0), 2, 3),
        (ms.RepeatedStratifiedKFold(n_splits=2, n_repeats=4, random_state=0), 4, 2),
        (ms.ShuffleSplit(n_splits=4, test_size=0.25, random_state=0), 1, 4),
        (ms.TimeSeriesSplit(3), 1, 3),
        (ms.PredefinedSplit([-1, -1, 0, 0, 0, 1, 1, 2, 2, 2, 2, 2]), 1, 3),
        (ms.LeaveOneGroupOut(), 1, 3),
        (list(ms.KFold(3).split(X)) * 2, 2, 3),
        ([(np.arange(8), np.arange(8, 12))], 1, 1),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, int) else str(value),
)
def test_a_splitter_of_scikit_learns_is_taken_as_it_is(splitter: Any, repeats: int, folds: int) -> None:
    groups = GROUPS if isinstance(splitter, ms.LeaveOneGroupOut) else None
    splits = custom_splits(splitter, X, Y, groups)
    pairs = list(splitter.split(X, Y, groups)) if hasattr(splitter, "split") else splitter
    assert (splits.repeats, splits.folds) == (repeats, folds)
    assert [split.test.tolist() for split in splits] == [list(test) for _, test in pairs]


def test_unequal_folds_have_their_mean_ratio() -> None:
    splits = custom_splits([(range(6), range(6, 12)), (range(9), range(9, 12))], X, Y)
    assert splits.test_ratio == pytest.approx((1 + 1 / 3) / 2)


@pytest.mark.parametrize(
    ("cv", "message"),
    [
        (5, "Received: 5; a number of folds is passed as folds"),
        ([], "gave no folds"),
        ([([0, 1], [1, 2])], "Fold 0 has 1 rows in both"),
        ([([0, 1], [12])], "Fold 0 names rows outside 0 to 11"),
        ([([0, -1], [3])], "Fold 0 names rows outside"),
        ([([0, 1], [])], "non-empty list of row numbers"),
        ([([0.5], [1])], "non-empty list of row numbers"),
        ([(Y == "a", Y == "b")], "non-empty list of row numbers"),
        ([1, 2, 3], "gives no .train, test. pairs"),
        (ms.GroupKFold(2), "GroupKFold gives no .train, test. pairs.*groups"),
        (ms.StratifiedKFold(9), "StratifiedKFold gives no"),
    ],
    ids=str,
)
def test_what_cannot_be_split_with_is_refused_in_one_line(cv: Any, message: str) -> None:
    with pytest.raises(ResamplingError, match=message) as caught:
        custom_splits(cv, X, Y)
    assert "\n" not in str(caught.value)


def test_a_splitter_that_divides_groups_is_refused() -> None:
    with pytest.raises(ResamplingError, match="Fold 0 has rows of group 'v' on both sides"):
        custom_splits(ms.KFold(3, shuffle=True, random_state=0), X, Y, GROUPS)


def test_a_splitter_that_keeps_groups_is_taken() -> None:
    assert custom_splits(ms.KFold(3), X, Y, GROUPS).folds == 3
