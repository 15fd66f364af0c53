"""Geometric patience through the harness: it watches the inner validation part, and the best weights are kept."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import harness
from harness.callbacks.geometric_patience import GeometricPatience
from tests.fakes import two_blobs
from zoo.mnist import mnist_softmax


def logistic(input_shape: tuple[int, ...]) -> keras.Model:
    model = keras.Sequential([keras.Input(input_shape), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.SGD(0.1), loss="binary_crossentropy", metrics=["accuracy"])
    return model


def test_a_callback_is_given_the_inner_validation_part() -> None:
    X, y = two_blobs()
    seen: list[int] = []

    def callbacks(context: harness.FoldContext) -> list[Any]:
        if context.validation_data is not None:
            seen.append(len(context.validation_data[0]))
        return [GeometricPatience(context.validation_data, patience=7, improvement_threshold=0.1)]

    run = harness.evaluate(logistic, X, y, epochs=50, folds=2, batch_size=8, store=None, callbacks=callbacks)
    assert seen == [4, 4]
    assert run.n_failed == 0
    # Two batches an epoch, and no improvement is great enough to go on beyond the eighth.
    assert run.history.epoch.max() == 3


def test_the_saved_model_is_the_one_that_predicted() -> None:
    X, y = two_blobs()
    run = harness.evaluate(
        logistic, X, y, epochs=3, folds=2, batch_size=8, store=None, early_stopping="geometric", checkpoint="both"
    )
    rows = run.predictions[run.predictions.fold == 0]
    expected = run.models[0].predict(X[rows.row.to_numpy()].astype(np.float32), verbose=0)[:, 0]
    np.testing.assert_allclose(rows["p[yes]"], expected, atol=1e-6)
    assert any("geometric patience counts batches" in note for note in run.notes)


def idx(path: Path, offset: int) -> Any:
    return np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8, offset=offset)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_mnist_gives_the_error_of_the_tutorial(reference_data: Path) -> None:
    """Under its settings: learning rate 0.13, batches of 600, patience 5000; it reports 7.49 %."""
    folder = reference_data / "mnist"
    X = idx(folder / "train-images-idx3-ubyte.gz", 16).reshape(-1, 784).astype(np.float32) / 255
    y = idx(folder / "train-labels-idx1-ubyte.gz", 8)
    X_test = idx(folder / "t10k-images-idx3-ubyte.gz", 16).reshape(-1, 784).astype(np.float32) / 255
    y_test = idx(folder / "t10k-labels-idx1-ubyte.gz", 8)
    model = mnist_softmax()
    # Whole batches, in the order of the file, and stopped by the share of wrong answers, as there.
    stop = GeometricPatience((X[50_000:], y[50_000:]), patience=5000, monitor="val_zero_one_loss")
    rows = slice(0, 600 * 83)
    model.fit(X[rows], y[rows], batch_size=600, epochs=1000, shuffle=False, verbose=0, callbacks=[stop])
    error = 1 - model.evaluate(X_test, y_test, verbose=0)[1]
    assert stop.stopped_iteration is not None
    assert 0.073 <= error <= 0.077
