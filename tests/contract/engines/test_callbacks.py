"""Every callback of Keras acts the same under the vectorized engine as under `model.fit`, or is refused.

The files that callbacks leave are compared as well.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import pytest

from harness.engines.base import FoldContext, Recipe
from tests.backends import on_tensorflow
from tests.contract.engines.comparison import (
    FEATURES,
    assert_complete,
    assert_refused,
    compare,
    dropout_net,
    some,
)

callbacks = keras.callbacks
Factory = Callable[[FoldContext], list[Any]]


def best(context: FoldContext, name: str, **arguments: Any) -> list[Any]:
    return [callbacks.ModelCheckpoint(context.directory / name, save_best_only=True, **arguments)]


def odd_names(context: FoldContext) -> list[Any]:
    folder = context.directory
    return [
        callbacks.ModelCheckpoint(folder / "sub" / "{epoch}.keras"),
        callbacks.CSVLogger(folder / "my log.csv"),
    ]


ALIKE: dict[str, dict[str, Factory]] = {
    "EarlyStopping": {
        "stop_and_restore": lambda context: [
            callbacks.EarlyStopping(
                "val_loss", patience=2, min_delta=1e-3, restore_best_weights=True, start_from_epoch=3
            )
        ],
        "stop_without_restoring": lambda context: [
            callbacks.EarlyStopping("val_accuracy", patience=3, mode="max")
        ],
        "stop_at_a_baseline": lambda context: [callbacks.EarlyStopping("loss", baseline=0.1, patience=4)],
    },
    "ModelCheckpoint": {
        "each_checkpoint": lambda context: [callbacks.ModelCheckpoint(context.directory / "{epoch:02d}.keras")],
        "each_of_the_weights": lambda context: [
            callbacks.ModelCheckpoint(context.directory / "{epoch:02d}.weights.h5", save_weights_only=True)
        ],
        "best_weights": lambda context: best(
            context, "best.weights.h5", save_weights_only=True, monitor="val_loss"
        ),
        "best_model": lambda context: best(context, "{epoch:02d}.keras", monitor="val_accuracy", mode="max"),
        "odd_names": odd_names,
    },
    "ReduceLROnPlateau": {
        "plateau": lambda context: [
            callbacks.ReduceLROnPlateau(factor=0.3, patience=1, min_delta=0.05, cooldown=1)
        ]
    },
    "LearningRateScheduler": {
        "scheduler": lambda context: [callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.8)],
        "scheduler_and_log": lambda context: [
            callbacks.LearningRateScheduler(lambda epoch: 0.3 / (1 + epoch)),
            callbacks.CSVLogger(context.directory / "log.csv"),
        ],
    },
    "CSVLogger": {"log": lambda context: [callbacks.CSVLogger(context.directory / "log.csv")]},
    "TerminateOnNaN": {"numbers_only": lambda context: [callbacks.TerminateOnNaN()]},
    "History": {"history": lambda context: [callbacks.History()]},
}
FACTORIES = {name: factory for cases in ALIKE.values() for name, factory in cases.items()}
REFUSED: dict[str, Callable[[Path], Any]] = {
    "BackupAndRestore": lambda folder: callbacks.BackupAndRestore(folder),
    "Callback": lambda folder: callbacks.Callback(),
    "LambdaCallback": lambda folder: callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: None),
    "ProgbarLogger": lambda folder: callbacks.ProgbarLogger(),
    "RemoteMonitor": lambda folder: callbacks.RemoteMonitor(),
    "SwapEMAWeights": lambda folder: callbacks.SwapEMAWeights(),
    "TensorBoard": lambda folder: callbacks.TensorBoard(folder),
}
NO_CASE = {
    "CallbackList": "holds callbacks and is none of those that a factory makes",
    "OrbaxCheckpoint": "needs a package that is no requirement; a callback that is not known is refused",
}


def test_every_callback_of_keras_has_a_case() -> None:
    assert_complete(callbacks, ALIKE, REFUSED, NO_CASE)


@pytest.mark.parametrize("name", some(FACTORIES, ("stop_and_restore", "plateau")))
def test_every_callback_acts_the_same_on_every_fold(name: str, tmp_path: Path) -> None:
    recipe = Recipe(epochs=12, batch_size=8, callbacks=FACTORIES[name], checkpoint="both")
    compare(tmp_path, dropout_net(lambda: keras.optimizers.SGD(0.3, momentum=0.9)), recipe)


@pytest.mark.parametrize("name", REFUSED)
def test_a_callback_that_only_fit_can_call_is_refused(name: str, tmp_path: Path) -> None:
    model = dropout_net(lambda: "sgd")((FEATURES,))
    assert_refused(model, f"the callback {name} is called by model.fit only", [REFUSED[name](tmp_path)])


def test_saving_within_an_epoch_is_refused(tmp_path: Path) -> None:
    callback = callbacks.ModelCheckpoint(tmp_path / "x.keras", save_freq=3)
    assert_refused(dropout_net(lambda: "sgd")((FEATURES,)), "ModelCheckpoint saves within an epoch", [callback])


@on_tensorflow  # with the numbers it draws they stop at different ones
def test_folds_stop_at_their_own_epochs(tmp_path: Path) -> None:
    recipe = Recipe(epochs=200, batch_size=8, early_stopping=5, checkpoint="none")
    outcomes = compare(tmp_path, dropout_net(lambda: keras.optimizers.SGD(0.05, momentum=0.9)), recipe)
    assert len({outcome.epochs for outcome in outcomes.values()}) == len(outcomes)
    assert min(outcome.epochs for outcome in outcomes.values()) < recipe.epochs
