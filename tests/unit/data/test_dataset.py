"""What a data set says of itself."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from harness.data import Dataset, from_arrays

X = np.arange(12.0).reshape(6, 2)
LABELS = np.array(["b", "a", "b", "a", "b", "b"])


@pytest.fixture
def data() -> Dataset:
    return from_arrays(X, LABELS, name="toy")


def test_classes_are_sorted_so_that_the_last_of_two_is_positive(data: Dataset) -> None:
    assert data.classes == ("a", "b")


def test_class_counts_are_plain_python(data: Dataset) -> None:
    assert data.class_counts == {"a": 2, "b": 4}
    assert {type(count) for count in data.class_counts.values()} == {int}


def test_regression_has_no_classes() -> None:
    assert from_arrays(X, np.linspace(0, 1, 6)).classes == ()


def test_input_shape_leaves_out_the_rows() -> None:
    assert from_arrays(np.zeros((6, 4, 4, 3)), LABELS).input_shape == (4, 4, 3)


def test_repr_is_one_readable_line(data: Dataset) -> None:
    assert repr(data) == "Dataset('toy', binary, 6 rows × 2, classes 'a' 2, 'b' 4)"


def test_digest_is_the_same_for_equal_data_of_another_name(data: Dataset) -> None:
    assert data.sha256 == from_arrays(X.copy(), LABELS.copy(), name="renamed").sha256


def changed(**parts: object) -> Dataset:
    base = {"X": X, "y": LABELS, "task": None, "feature_names": ["u", "v"]}
    return from_arrays(**(base | parts))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "parts",
    [
        {"X": X + np.eye(6, 2) * 1e-9},
        {"X": X.astype(np.float32)},
        {"y": LABELS[::-1]},
        {"feature_names": ["u", "w"]},
        {"target_names": ["other"]},
        {"task": "multiclass"},
    ],
    ids=["one value", "dtype of X", "order of labels", "feature name", "target name", "task"],
)
def test_digest_changes_with(parts: dict[str, object]) -> None:
    assert changed(**parts).sha256 != changed().sha256


def test_digest_of_categories_does_not_depend_on_where_they_lie_in_memory() -> None:
    frames = [pd.DataFrame({"c": list("xyzxyz"), "f": X[:, 0]}) for _ in range(2)]
    assert from_arrays(frames[0], LABELS).sha256 == from_arrays(frames[1], LABELS).sha256


def test_digest_changes_with_one_category() -> None:
    frame = pd.DataFrame({"c": list("xyzxyz")})
    other = pd.DataFrame({"c": list("xyzxyx")})
    assert from_arrays(frame, LABELS).sha256 != from_arrays(other, LABELS).sha256


def test_digest_tells_a_missing_category_from_the_text_nan() -> None:
    missing = pd.DataFrame({"c": ["x", "y", "z", "x", "y", None]})
    text = pd.DataFrame({"c": ["x", "y", "z", "x", "y", "nan"]})
    assert from_arrays(missing, LABELS).sha256 != from_arrays(text, LABELS).sha256


def test_digest_is_that_of_earlier_versions(data: Dataset) -> None:
    """Finished folds are found again by this digest: a change of it orphans every stored run."""
    assert data.sha256 == "4879ef5a8b2e04041350486d10a9298f479137dd46760608fe644e12758f7e13"


def test_it_cannot_be_changed(data: Dataset) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        data.name = "other"  # type: ignore[misc]
