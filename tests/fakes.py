"""Models that misbehave on demand, and small data to train them on."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np


@keras.saving.register_keras_serializable("tests")
class DebugModel(keras.Sequential):
    """A network whose `fit` misbehaves in the fold numbered `at`, as often as it has been told to."""

    behaviour = "train"
    at = 0
    once: str | None = None
    fits = 0

    def fit(self, *args: Any, **kwargs: Any) -> Any:
        """Trains, and misbehaves."""
        turn, self.fits = self.fits, self.fits + 1
        if turn == self.at and self._is_due():
            self._misbehave()
        history = super().fit(*args, **kwargs)
        if turn == self.at and self.behaviour == "nan":
            self.set_weights([np.full_like(weight, np.nan) for weight in self.get_weights()])
        return history

    def _is_due(self) -> bool:
        if self.once is None:
            return True
        due = not Path(self.once).exists()
        Path(self.once).mkdir(exist_ok=True)  # no file: what a file holds is part of a run's identity
        return due

    def _misbehave(self) -> None:
        if self.behaviour == "raise":
            raise RuntimeError("told to raise")
        if self.behaviour == "interrupt":
            raise KeyboardInterrupt
        if self.behaviour == "sleep":
            time.sleep(600)
        if self.behaviour == "kill":
            os.kill(os.getpid(), signal.SIGKILL)


def debug_model(
    input_shape: tuple[int, ...] = (4,), *, behaviour: str = "train", at: int = 0, once: str | None = None
) -> keras.Model:
    """A small binary classifier with dropout.

    Args:
        input_shape: Shape of one example.
        behaviour: "train" | "raise" | "nan" | "sleep" | "kill" | "interrupt".
        at: In which fold that one compiled model trains, from 0.
        once: A folder whose existence says that it has misbehaved already.
    """
    model = DebugModel(
        [
            keras.Input(input_shape),
            keras.layers.Dense(4, activation="relu"),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.behaviour, model.at, model.once = behaviour, at, once
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def two_blobs(n: int = 40, features: int = 4, seed: int = 0) -> tuple[Any, Any]:
    """Two classes a little apart: (n, features) numbers and (n,) labels "no" and "yes", in turn."""
    rng = np.random.default_rng(seed)
    labels = np.tile(["no", "yes"], n // 2)
    return rng.normal(size=(n, features)) + (labels == "yes")[:, None], labels
