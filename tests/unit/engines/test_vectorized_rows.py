from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from harness.engines.vectorized.rows import Batch, Rows
from harness.engines.vectorized.rowwise import is_rowwise
from harness.engines.vectorized.stateless import StatelessModel

layers = keras.layers


def model(*body: Any, loss: Any = "mse", metrics: Any = ("mae",)) -> keras.Model:
    made = keras.Sequential([keras.Input((3,)), *body, layers.Dense(2)])
    made.compile(loss=loss, metrics=list(metrics))
    StatelessModel(made, Batch(np.zeros((1, 3), np.float32), np.zeros((1, 2), np.float32)))
    return made


def own_loss(truth: Any, predicted: Any) -> Any:
    return keras.ops.max(keras.ops.abs(truth - predicted))


LOOKING_ACROSS_ROWS = {
    "batch normalisation": lambda: model(layers.BatchNormalization()),
    "activity penalty": lambda: model(layers.Dense(2, activity_regularizer="l2")),
    "shared noise": lambda: model(layers.Dropout(0.5, noise_shape=(1, 3))),
    "own loss": lambda: model(loss=own_loss),
    "dice": lambda: model(loss=keras.losses.Dice()),
    "own metric": lambda: model(metrics=[own_loss]),
    "unit norm of columns": lambda: model(layers.UnitNormalization(axis=0)),
    "unit norm of columns, counted from behind": lambda: model(layers.UnitNormalization(axis=-2)),
    "loss not reduced": lambda: model(loss=keras.losses.MeanSquaredError(reduction="none")),
    "loss along rows": lambda: model(loss=keras.losses.CosineSimilarity(axis=0)),
    "metric along rows": lambda: model(metrics=[keras.metrics.CosineSimilarity(axis=0)]),
    "area": lambda: model(metrics=["auc"]),
}


@pytest.mark.parametrize("name", LOOKING_ACROSS_ROWS)
def test_what_looks_across_rows_is_never_masked(name: str) -> None:
    assert not is_rowwise(LOOKING_ACROSS_ROWS[name]())


@pytest.mark.parametrize("loss", ["mse", "huber", "categorical_crossentropy", keras.losses.BinaryCrossentropy()])
def test_plain_networks_are_rowwise(loss: Any) -> None:
    assert is_rowwise(model(layers.Dropout(0.2), layers.LayerNormalization(), loss=loss))


def test_rows_put_end_to_end_are_never_masked() -> None:
    inputs = keras.Input((3,))
    made = keras.Model(inputs, layers.Dense(2)(layers.Concatenate(axis=0)([inputs, inputs])))
    made.compile(loss="mse")
    made._compile_loss.build(keras.ops.zeros((1, 2)), keras.ops.zeros((1, 2)))
    assert not is_rowwise(made)


def test_rows_are_filled_up_with_true_ones() -> None:
    batch = Batch(np.arange(1.0, 8.0)[:, None], np.ones((7, 1)))
    np.testing.assert_array_equal(np.ravel(Rows.of(batch, 4, maskable=True).batch.x)[-2:], [7, 7])


@pytest.mark.parametrize(("rows", "size"), [(32, 32), (31, 32), (29, 32), (25, 25), (3, 3)])
def test_rows_are_filled_up_unless_that_is_too_much(rows: int, size: int) -> None:
    batch = Batch(np.ones((rows, 3)), np.ones((rows, 1)))
    filled = Rows.of(batch, 8, maskable=True)
    assert (filled.size, filled.count) == (size, rows)


def test_folds_of_nearly_one_size_share_a_program() -> None:
    batches = [Batch(np.ones((rows, 3)), np.ones((rows, 1))) for rows in (187, 188)]
    keys = {Rows.of(batch, 16, maskable=True).key for batch in batches}
    assert len(keys) == 1
