#!/usr/bin/env python3
"""Times the frozen engine against plain `model.fit` through the same frozen base.

Five folds of 20 epochs on 200 images of 96 x 96 pixels, VGG19 with random weights that are the same in every fold,
as pretrained ones are. The slow side is one fold trained for two epochs by plain Keras, once before and once after
the fast side: the seconds of the second epoch, in which nothing is compiled any more, are scaled to all epochs and
folds. The fast side is a whole evaluation, from an empty cache to scores. Importing packages is left out on both
sides, and neither saves models. Seconds of processors are given beside those of the clock: on a machine that has
other work they are the ones to go by.

    python scripts/benchmark_frozen.py
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

import harness
from zoo.vgg19_transfer import vgg19_transfer

FOLDS, EPOCHS, BATCH, CLASSES = 5, 20, 16, 4


def clocks() -> Any:
    """Seconds of the wall clock, and of all processors together that this process has used."""
    return np.array([time.perf_counter(), time.process_time()])


class EpochSeconds(keras.callbacks.Callback):
    """Seconds of each epoch, by both clocks."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[Any] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Starts the clocks."""
        self._started = clocks()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Stops the clocks."""
        self.seconds.append(clocks() - self._started)


def images(count: int, size: int) -> tuple[Any, Any]:
    """Noise with a tint for each class: the time does not depend on what they show."""
    rng = np.random.default_rng(0)
    labels = np.arange(count) % CLASSES
    tint = rng.uniform(-40, 40, size=(CLASSES, 1, 1, 3))
    pixels = np.clip(rng.normal(128, 50, size=(count, size, size, 3)) + tint[labels], 0, 255)
    return pixels.astype("float32"), np.array(["abcd"[label] for label in labels])


def plain_seconds(X: Any, y: Any, arguments: dict[str, Any]) -> Any:
    """Seconds, by both clocks, of all folds and epochs, scaled from the second epoch of one fold."""
    train = len(X) * (FOLDS - 1) // FOLDS
    codes = np.unique(y, return_inverse=True)[1]
    model = vgg19_transfer(X.shape[1:], classes=CLASSES, **arguments)
    clock = EpochSeconds()
    model.fit(X[:train], codes[:train], batch_size=BATCH, epochs=2, verbose=0, callbacks=[clock])
    model.predict(X[train:], verbose=0)
    started = clocks()
    model.predict(X[train:], verbose=0)
    return FOLDS * (EPOCHS * clock.seconds[1] + clocks() - started)


def frozen_seconds(X: Any, y: Any, arguments: dict[str, Any], folder: Path) -> Any:
    """Seconds, by both clocks, of a whole evaluation with nothing in the cache."""
    started = clocks()
    run = harness.evaluate(
        "vgg19_transfer",
        X,
        y,
        arguments=arguments,
        folds=FOLDS,
        epochs=EPOCHS,
        batch_size=BATCH,
        inner_val=0,  # all epochs, on all training rows
        store=folder,
        checkpoint="none",
    )
    seconds = clocks() - started
    assert run.engine == "frozen", run.notes
    return seconds


def main() -> None:
    """Measures both sides and prints them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--size", type=int, default=96)
    options = parser.parse_args()
    X, y = images(options.images, options.size)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HARNESS_CACHE"] = str(Path(folder) / "cache")
        weights = Path(folder) / "vgg19.weights.h5"
        keras.applications.VGG19(include_top=False, weights=None, input_shape=X.shape[1:]).save_weights(weights)
        arguments = {"regime": "frozen", "weights": str(weights), "preprocessing": "torch"}
        arguments |= {"pooling": "avg", "units": (256,), "learning_rate": 0.01}
        before = plain_seconds(X, y, arguments)
        fast = frozen_seconds(X, y, arguments, Path(folder) / "runs")
        again = frozen_seconds(X, y, arguments, Path(folder) / "more runs")
        slow = (before + plain_seconds(X, y, arguments)) / 2
    print(f"{FOLDS} folds x {EPOCHS} epochs, {options.images} images of {options.size} x {options.size}, VGG19")
    plain = "model.fit through the frozen base, scaled from one epoch:"
    print(f"{plain}{slow[0]:8.1f} s, of processors {slow[1]:8.1f} s")
    for what, seconds in {"nothing in the cache": fast, "features in the cache": again}.items():
        print(
            f"frozen engine, {what + ':':43}{seconds[0]:8.1f} s, of processors {seconds[1]:8.1f} s: "
            f"{slow[0] / seconds[0]:.0f} and {slow[1] / seconds[1]:.0f} times as fast"
        )


if __name__ == "__main__":
    main()
