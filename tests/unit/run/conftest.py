from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import harness

RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 3))
LABELS = np.tile(["no", "yes"], 12)
NUMBERS = np.column_stack([X[:, 0], -X[:, 1]])


def classifier(input_shape: tuple[int, ...] = (3,), classes: int = 2) -> keras.Model:
    model = keras.Sequential([keras.Input(input_shape), keras.layers.Dense(classes, activation="softmax")])
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def regressor(input_shape: tuple[int, ...] = (3,), num_outputs: int = 1) -> keras.Model:
    model = keras.Sequential([keras.Input(input_shape), keras.layers.Dense(num_outputs)])
    model.compile(loss="mse", optimizer="adam")
    return model


class FailsIn(keras.callbacks.Callback):  # type: ignore[misc]
    """Raises in the folds it is told, once a file is not there."""

    def __init__(self, fold: int, folds: tuple[int, ...], error: Callable[[], BaseException], cure: str) -> None:
        super().__init__()
        self.fold, self.folds, self.error, self.cure = fold, folds, error, cure

    def on_train_begin(self, logs: Any = None) -> None:
        if self.fold in self.folds and not Path(self.cure).exists():
            raise self.error()


def evaluate(store: Any, model: Any = classifier, y: Any = LABELS, **settings: Any) -> harness.Run:
    asked = {"folds": 2, "epochs": 1, "engine": "fit", "checkpoint": "none", "seed": 1, **settings}
    return harness.evaluate(model, X, y, store=store, **asked)


@pytest.fixture(scope="package")
def binary_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("binary")


@pytest.fixture(scope="package")
def binary(binary_store: Path) -> harness.Run:
    """Two repeats of three folds and two seeds."""
    settings: dict[str, Any] = {"folds": 3, "repeats": 2, "init_seeds": 2, "checkpoint": "last"}
    return evaluate(binary_store, metrics="accuracy,roc_auc,log_loss", **settings)


@pytest.fixture(scope="package")
def regression(tmp_path_factory: pytest.TempPathFactory) -> harness.Run:
    store = tmp_path_factory.mktemp("regression")
    return evaluate(store, regressor, NUMBERS, cv="kfold", metrics="mae,mae_per_output")
