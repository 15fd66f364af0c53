"""What the audit finds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from harness.data import Dataset, Finding, audit, from_arrays, load_dataset

RNG = np.random.default_rng(0)
CLEAN = RNG.normal(size=(60, 3))
LABELS = np.array(["a", "b", "a"] * 20)


def finding(code: str, dataset: Dataset) -> Finding:
    return next(found for found in audit(dataset) if found.code == code)


def codes(X: Any, y: Any, **options: Any) -> list[str]:
    return [found.code for found in audit(from_arrays(X, y, **options))]


def with_value(row: int, column: int, value: float) -> np.ndarray:
    X = CLEAN.copy()
    X[row, column] = value
    return X


def test_clean_data_have_no_findings() -> None:
    assert codes(CLEAN, LABELS) == []


def test_clean_regression_has_no_findings() -> None:
    assert codes(CLEAN, CLEAN[:, 0]) == []


@pytest.mark.parametrize(
    ("code", "X", "y"),
    [
        ("few_rows", CLEAN[:49], LABELS[:49]),
        ("wide", RNG.normal(size=(60, 61)), LABELS),
        ("class_imbalance", CLEAN, np.repeat(["a", "b", "a"], [10, 12, 38])),
        ("rare_class", CLEAN, np.repeat(["a", "b", "a"], [10, 9, 41])),
        ("missing_values", with_value(3, 1, np.nan), LABELS),
        ("constant_columns", CLEAN * [1, 0, 1], LABELS),
        ("duplicate_rows", np.vstack([CLEAN[:-1], CLEAN[:1]]), LABELS),
        ("contradicting_labels", np.vstack([CLEAN[1:2], CLEAN[1:]]), LABELS),
        ("sorted_by_class", CLEAN, np.sort(LABELS)),
    ],
)
def test_each_flaw_is_found(code: str, X: Any, y: Any) -> None:
    assert code in codes(X, y)


@pytest.mark.parametrize(
    ("code", "X", "y"),
    [
        ("few_rows", CLEAN[:50], LABELS[:50]),
        ("wide", RNG.normal(size=(60, 60)), LABELS),
        ("class_imbalance", CLEAN, np.repeat(["a", "b", "a"], [10, 13, 37])),
        ("rare_class", CLEAN, np.repeat(["a", "b", "a"], [10, 10, 40])),
        ("contradicting_labels", np.vstack([CLEAN[:-1], CLEAN[:1]]), LABELS),
        ("sorted_by_class", CLEAN, np.repeat(["a", "b", "a"], 20)),
        ("sorted_by_class", CLEAN, [f"label {i}" for i in range(60)]),
        ("wide", np.zeros((60, 8, 8, 1)), LABELS),
    ],
)
def test_the_next_best_thing_is_no_flaw(code: str, X: Any, y: Any) -> None:
    assert code not in codes(X, y)


def test_missing_values_are_counted_by_column() -> None:
    X = with_value(3, 1, np.nan)
    X[4, :2] = np.nan
    data = from_arrays(X, LABELS, feature_names=["u", "v", "w"])
    assert finding("missing_values", data) == Finding(
        "missing_values",
        "3 values are missing in 2 of 60 rows, in column 'u' (1), 'v' (2).",
        "Put `impute` into the preprocessing; it is fitted inside the fold.",
    )


def test_missing_categories_count_as_missing() -> None:
    frame = pd.DataFrame({"c": ["x", None, "y"] * 20, "f": CLEAN[:, 0]})
    assert (
        "20 values are missing in 20 of 60 rows" in finding("missing_values", from_arrays(frame, LABELS)).message
    )


def test_a_column_that_is_missing_altogether_is_not_called_constant() -> None:
    X = CLEAN.copy()
    X[:, 0] = np.nan
    assert codes(X, LABELS) == ["missing_values"]


def test_long_lists_of_columns_are_cut() -> None:
    data = from_arrays(np.hstack([CLEAN, np.ones((60, 8))]), LABELS)
    assert finding("constant_columns", data).message == (
        "8 of 11 columns hold one value only: 'x3', 'x4', 'x5', 'x6', 'x7' and 3 more."
    )


def test_a_text_column_that_names_the_rows_is_found() -> None:
    frame = pd.DataFrame({"id": [f"row {i}" for i in range(60)], "f": CLEAN[:, 0]})
    assert codes(frame, LABELS) == ["many_categories"]


def test_a_text_column_with_few_values_is_fine() -> None:
    frame = pd.DataFrame({"id": [f"kind {i % 20}" for i in range(60)], "f": CLEAN[:, 0]})
    assert codes(frame, LABELS) == []


def test_measuring_twice_is_no_contradiction_in_regression() -> None:
    X = np.vstack([CLEAN[:1], CLEAN[:-1]])
    assert codes(X, CLEAN[:, 0]) == ["duplicate_rows"]


def test_mammography_says_that_3329_rows_are_copies() -> None:
    found = finding("duplicate_rows", load_dataset("mammography"))
    assert found.message == (
        "3338 of 11183 rows share all features with another row, in 3 sets of copies; the largest has 3329 rows."
    )
    assert "--groups duplicates" in found.advice


def test_mammography_says_that_7_of_the_copies_have_the_other_label() -> None:
    assert finding("contradicting_labels", load_dataset("mammography")).message == (
        "3329 rows in 1 set of equal features have different labels; the largest: 3322 × '-1', 7 × '1'."
    )


def test_mammography_says_what_no_skill_reaches() -> None:
    assert finding("class_imbalance", load_dataset("mammography")).message.endswith("'-1' gives accuracy 0.977.")


def test_sonar_says_that_validation_split_would_take_one_class() -> None:
    found = finding("sorted_by_class", load_dataset("sonar"))
    assert found.message == "The rows are sorted by class; the last fifth holds only 'M'."
    assert "validation_split" in found.advice
