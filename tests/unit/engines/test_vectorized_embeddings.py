from __future__ import annotations

import keras
import numpy as np
import pytest

from harness.engines.base import FoldData
from harness.engines.vectorized.embeddings import check_indices
from harness.errors import FoldError


def words(*before: keras.layers.Layer) -> keras.Model:
    return keras.Sequential([keras.Input((2,)), *before, keras.layers.Embedding(5, 3), keras.layers.Flatten()])


def data(train: float, val: float = 0.0) -> FoldData:
    x_train, x_val = (np.array([[0, 4.9], [value, 1]], np.float32) for value in (train, val))
    return FoldData(x_train, np.zeros((2, 1)), x_train, x_val, np.zeros((2, 1)))


@pytest.mark.parametrize(("train", "val"), [(4.0, 0.0), (-0.5, 4.9)])
def test_numbers_of_the_embedding_pass(train: float, val: float) -> None:
    check_indices(words(), data(train, val))


@pytest.mark.parametrize(("train", "val", "rows"), [(5.0, 0.0, "training"), (0.0, -1.0, "validation")])
def test_a_number_without_an_embedding_fails_the_fold(train: float, val: float, rows: str) -> None:
    with pytest.raises(FoldError, match=f"takes numbers from 0 to 4. Received: .* in the {rows} rows"):
        check_indices(words(), data(train, val))


def test_numbers_that_become_others_first_are_left_alone() -> None:
    check_indices(words(keras.layers.Rescaling(0.1)), data(9.0))
