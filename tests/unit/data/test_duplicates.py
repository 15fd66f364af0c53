"""Which rows are copies of one another."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.data import duplicate_groups


def test_groups_are_numbered_by_first_appearance() -> None:
    assert duplicate_groups(np.array([[9.0], [1.0], [9.0], [5.0], [1.0]])).tolist() == [0, 1, 0, 2, 1]


def test_missing_values_equal_each_other() -> None:
    assert duplicate_groups(np.array([[np.nan, 1.0], [np.nan, 1.0], [np.nan, 2.0]])).tolist() == [0, 0, 1]


def test_missing_values_equal_each_other_whatever_their_bits() -> None:
    assert duplicate_groups(np.array([[np.nan], [-np.nan]])).tolist() == [0, 0]


def test_zero_equals_minus_zero() -> None:
    assert duplicate_groups(np.array([[0.0], [-0.0]])).tolist() == [0, 0]


def test_pictures_are_compared_as_a_whole() -> None:
    pictures = np.zeros((3, 2, 2, 1))
    pictures[1, 1, 1, 0] = 1
    assert duplicate_groups(pictures).tolist() == [0, 1, 0]


def test_float32_is_compared_as_it_is() -> None:
    assert duplicate_groups(np.array([[0.1], [0.1]], dtype=np.float32)).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("column", "groups"),
    [(["a", "b", "a"], [0, 1, 0]), (["a", None, None], [0, 1, 1]), ([1.0, np.nan, np.nan], [0, 1, 1])],
)
def test_columns_of_a_frame_are_compared_by_value(column: list[object], groups: list[int]) -> None:
    assert duplicate_groups(pd.DataFrame({"c": column, "same": [1.0, 1.0, 1.0]})).tolist() == groups


def test_data_are_left_as_they_are() -> None:
    X = np.array([[-0.0], [np.nan]])
    X.setflags(write=False)
    duplicate_groups(X)
    assert np.signbit(X[0, 0])


@given(
    hnp.arrays(
        np.float64, hnp.array_shapes(min_dims=2, max_dims=2), elements=st.sampled_from([0.0, 1.0, -0.0, 2.0])
    )
)
def test_two_rows_share_a_number_if_and_only_if_they_are_equal(X: np.ndarray) -> None:
    groups = duplicate_groups(X)
    expected = (X[:, None, :] == X[None, :, :]).all(axis=2)
    assert ((groups[:, None] == groups[None, :]) == expected).all()
