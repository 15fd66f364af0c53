from __future__ import annotations

import numpy as np
import pytest

from harness.errors import ResamplingError
from harness.resampling import Split, Splits
from harness.resampling.splits import check_undivided

FIRST = Split(0, 0, np.array([2, 3]), np.array([0, 1]))
SECOND = Split(0, 1, np.array([0, 1]), np.array([2, 3]))
SPLITS = Splits("kfold", (FIRST, SECOND))


@pytest.mark.parametrize(
    "other",
    [
        Splits("kfold", (SECOND, FIRST)),
        Splits("kfold", (FIRST,)),
        Splits("kfold", (FIRST, Split(0, 1, np.array([0]), np.array([1, 2, 3])))),
        Splits("kfold", (FIRST, Split(0, 1, np.array([1, 0]), np.array([2, 3])))),
    ],
    ids=["order", "fewer", "moved row", "row order"],
)
def test_other_rows_have_another_fingerprint(other: Splits) -> None:
    assert other.fingerprint("data") != SPLITS.fingerprint("data")


def test_other_data_have_another_fingerprint() -> None:
    assert SPLITS.fingerprint("data") != SPLITS.fingerprint("atad")


@pytest.mark.parametrize("dtype", ["int32", "uint64", ">i8"])
def test_the_dtype_of_row_numbers_does_not_count(dtype: str) -> None:
    same = [Split(s.repeat, s.fold, s.train.astype(dtype), s.test.astype(dtype)) for s in SPLITS]
    assert Splits("other name", tuple(same)).fingerprint("data") == SPLITS.fingerprint("data")


def test_the_ratio_is_of_test_rows_over_training_rows() -> None:
    assert Splits("", (Split(0, 0, np.arange(8), np.arange(8, 10)),)).test_ratio == 0.25


def test_groups_on_one_side_pass() -> None:
    check_undivided([(FIRST.train, FIRST.test)], np.array([5, 5, 6, 6]))


def test_a_divided_group_is_named() -> None:
    with pytest.raises(ResamplingError, match="Fold 0 has rows of group 'x' on both sides"):
        check_undivided([(FIRST.train, FIRST.test)], np.array(["x", "y", "x", "z"]))


def test_parts_have_their_mean_numbers_of_rows() -> None:
    uneven = Splits("", (FIRST, Split(0, 1, np.array([0]), np.array([1, 2, 3]))))
    assert (uneven.train_rows, uneven.test_rows) == (1.5, 2.5)
