"""Which task a target poses, and labels in plain form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from harness.data.labels import check_labels, check_values, infer_task, plain_target
from harness.errors import DataError


@pytest.mark.parametrize(
    ("y", "task"),
    [
        (["a", "b", "a"], "binary"),
        (["a", "b", "c"], "multiclass"),
        ([True, False], "binary"),
        ([0, 1], "binary"),
        ([1, 2], "binary"),
        ([-1.0, 1.0, 1.0], "binary"),
        ([0, 1, 2, 0, 1, 2], "multiclass"),
        ([0, 1, 2], "regression"),
        (list(range(20)) * 2, "multiclass"),
        (list(range(21)) * 2, "regression"),
        ([0.5, 1.5, 0.5, 1.5], "regression"),
        ([1e300, 0.0, 1e300, 0.0], "regression"),
        ([[0, 1], [1, 0]], "regression"),
    ],
)
def test_task_is_inferred(y: Any, task: str) -> None:
    assert infer_task(np.array(y))[0] == task


@pytest.mark.parametrize(
    ("y", "reason"),
    [
        (["a", "b"], "task binary: the target has 2 text labels"),
        ([True, False], "task binary: the target has 2 booleans"),
        ([0.5, 1.5], "task regression: the target holds fractions"),
        ([3, 1, 2], "task regression: the target has 3 distinct numbers in 3 rows"),
        ([[1, 2], [3, 4]], "task regression: there are 2 targets"),
    ],
)
def test_reason_says_how_it_was_decided(y: Any, reason: str) -> None:
    assert infer_task(np.array(y))[1] == reason


@pytest.mark.parametrize(
    ("y", "dtype"),
    [
        (np.array([1, 2], dtype=np.uint8), np.int64),
        (np.array([1, 2], dtype=np.float32), np.float64),
        (np.array([2**63, 1], dtype=np.uint64), np.float64),
        (np.array([True, False]), np.bool_),
        (np.array(["a", "bc"]), np.dtype("<U2")),
        (np.array(["a", "bc"], dtype=object), np.dtype("<U2")),
        (np.array([1, 2], dtype=object), np.int64),
        (np.array([1, 2.5], dtype=object), np.float64),
        (np.array([10**30, 1], dtype=object), np.float64),
        (pd.Series(["a", "bc"]), np.dtype("<U2")),
        (pd.Series(["a", "bc"], dtype="category"), np.dtype("<U2")),
        (pd.Series([1, 2], dtype="Int64"), np.int64),
        (pd.Series([True, False], dtype="boolean"), np.bool_),
        ([3, 4], np.int64),
    ],
)
def test_targets_of_any_make_become_one_of_four_dtypes(y: Any, dtype: Any) -> None:
    assert plain_target(y, "data").dtype == dtype


def test_a_single_column_is_flattened() -> None:
    assert plain_target(np.zeros((3, 1)), "data").shape == (3,)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([], r"data: y has shape \(0,\); expected \(n,\) or \(n, targets\)"),
        (3.0, r"data: y has shape \(\)"),
        (np.zeros((2, 2, 2)), r"data: y has shape \(2, 2, 2\)"),
        ([[1], [2, 3]], "data: y is no array"),
        ([1j, 2j], "data: y has dtype complex128; expected text, whole numbers, booleans or floats"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "data: y has dtype datetime64"),
        (np.array([b"a", b"b"]), r"data: y has dtype \|S1"),
        (["a", None, None], r"data: 2 of 3 targets are missing, first at row 1 \(counted from 0\)"),
        ([0.0, np.nan], "data: 1 of 2 targets are missing, first at row 1"),
        (pd.Series([1, None], dtype="Int64"), "data: 1 of 2 targets are missing, first at row 1"),
        (np.array(["a", 1], dtype=object), r"data: y mixes or holds types that are no labels \(int, str\)"),
        (np.array([{}, {}], dtype=object), r"data: y mixes or holds types that are no labels \(dict\)"),
    ],
)
def test_targets_that_cannot_be_used_are_refused(y: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        plain_target(y, "data")


def test_whole_floats_become_integer_labels() -> None:
    assert check_labels(np.array([0.0, 1.0]), "binary", "data").dtype == np.int64


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.array([0.5, 1.0]), "holds fractions, which are no labels; use task='regression'"),
        (np.array(["a", "a"]), "every one of the 2 rows has the label 'a'; two are needed"),
        (np.array(["a", "b", "c"]), "3 classes, 'a', 'b', 'c'; use task='multiclass'"),
        (np.arange(9), "9 classes, 0, 1, 2, 3, 4, …; use task='multiclass'"),
        (np.eye(3), "3 targets; binary takes one"),
    ],
)
def test_labels_that_cannot_be_used_are_refused(y: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        check_labels(y, "binary", "data")


def test_regression_refuses_text() -> None:
    with pytest.raises(DataError, match="the target holds text such as 'low'; regression needs numbers"):
        check_values(np.array(["low", "high"]), "data")


def test_regression_refuses_infinite_targets() -> None:
    with pytest.raises(DataError, match="the target is infinite at row 1"):
        check_values(np.array([0.0, np.inf]), "data")
