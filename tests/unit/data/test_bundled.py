"""The data sets that come with scikit-learn."""

from __future__ import annotations

import numpy as np

from harness.data.bundled import load_bundled


def test_diabetes_is_not_scaled_on_all_rows() -> None:
    X = load_bundled("diabetes").X
    assert X[0, :3].tolist() == [59.0, 2.0, 32.1]


def test_classes_have_their_names() -> None:
    assert set(load_bundled("breast_cancer").y) == {"benign", "malignant"}


def test_digits_stay_numbers() -> None:
    assert load_bundled("digits").y.dtype.kind == "i"


def test_linnerud_has_three_targets() -> None:
    assert np.shape(load_bundled("linnerud").y) == (20, 3)
