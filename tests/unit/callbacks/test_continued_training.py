"""A training in two calls of `fit` has one best epoch, one best file and one film."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from harness.callbacks.early_stopping import ContinuedEarlyStopping
from harness.callbacks.save_best import SaveBest

X, Y = np.ones((8, 2), np.float32), np.ones((8, 1), np.float32)


class Told(keras.callbacks.Callback):  # type: ignore[misc]
    """Says what the validation loss is, and remembers the bias that every epoch ended with."""

    def __init__(self, losses: list[float]) -> None:
        super().__init__()
        self.losses = losses
        self.biases: dict[int, float] = {}

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        assert logs is not None
        logs["val_loss"] = self.losses[epoch]
        self.biases[epoch] = bias(self.model)


def bias(model: keras.Model) -> float:
    return float(model.layers[-1].bias.numpy()[0])


@pytest.fixture
def model() -> Any:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer=keras.optimizers.SGD(1e-3))
    return model


def trained_twice(model: keras.Model, losses: list[float], first: int, *callbacks: Any) -> Told:
    """Calls `fit` twice, the second time going on; the first epochs are `first` at most."""
    told = Told(losses)
    model.fit(X, Y, epochs=first, verbose=0, callbacks=[told, *callbacks])
    model.fit(X, Y, initial_epoch=first, epochs=len(losses), verbose=0, callbacks=[told, *callbacks])
    return told


@pytest.mark.parametrize(
    ("losses", "best"), [([3, 1, 2, 9, 8, 7], 1), ([3, 2, 4, 2, 1, 5], 4), ([1, 2, 3, 1, 1, 1], 0)]
)
def test_the_best_of_both_phases_is_restored_and_saved(
    model: Any, tmp_path: Path, losses: list[float], best: int
) -> None:
    saver = SaveBest(tmp_path / "best.keras")
    told = trained_twice(model, losses, 3, saver, ContinuedEarlyStopping(patience=5))
    assert bias(model) == told.biases[best]
    assert bias(keras.saving.load_model(tmp_path / "best.keras")) == told.biases[best]


def test_patience_is_counted_anew_in_each_phase(model: Any) -> None:
    losses = [1.0, 2, 3, *[4.0] * 10]
    told = trained_twice(model, losses, 3, ContinuedEarlyStopping(patience=3))
    assert max(told.biases) == 5
    assert bias(model) == told.biases[0]


def test_a_training_from_epoch_0_begins_anew(model: Any, tmp_path: Path) -> None:
    saver, stop = SaveBest(tmp_path / "best.keras"), ContinuedEarlyStopping(patience=5)
    for losses in ([1.0, 1.0], [9.0, 8.0]):
        told = Told(losses)
        model.fit(X, Y, epochs=2, verbose=0, callbacks=[told, saver, stop])
    assert bias(model) == told.biases[1]
    assert bias(keras.saving.load_model(tmp_path / "best.keras")) == told.biases[1]
