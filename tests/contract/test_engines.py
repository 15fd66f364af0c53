"""The vectorized engine means, fold for fold, what `model.fit` means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import zoo
from harness.engines.base import (
    FoldContext,
    FoldData,
    FoldFailure,
    FoldOutcome,
    FoldTask,
    Recipe,
    Shape,
)
from harness.engines.fit import FitEngine
from harness.engines.vectorized.engine import VectorizedEngine
from harness.progress import Progress
from harness.seeds import FoldKey, FoldSeeds

layers, optimizers, callbacks = keras.layers, keras.optimizers, keras.callbacks
ROWS, FEATURES = 43, 6
Builder = Callable[[Shape], keras.Model]


def make_task(directory: Path, fold: int, *, weighted: bool = False, targets: int = 1) -> FoldTask:
    """Fold `fold` of 43 rows; training sizes differ by one between folds 0 and 1."""
    generator = np.random.default_rng(5)
    x = generator.normal(size=(ROWS, FEATURES)).astype(np.float32)
    y = np.stack([x[:, i] * x[:, i + 1] > 0 for i in range(targets)], axis=1).astype(np.float32)
    weights = generator.uniform(0.5, 2, ROWS).astype(np.float32)
    validation, test = slice(0, 9), slice(9, 13 + fold)
    train = slice(13 + fold, ROWS)

    def prepare() -> FoldData:
        return FoldData(
            x[train],
            y[train],
            x[test],
            x[validation],
            y[validation],
            weights[train] if weighted else None,
            weights[validation] if weighted else None,
        )

    key = FoldKey(0, fold)
    folder = directory / str(fold)
    folder.mkdir(parents=True)
    return FoldTask(key, FoldSeeds(11, key), prepare, folder)


def trained(engine: Any, tasks: Sequence[FoldTask], build: Builder, recipe: Recipe) -> dict[FoldKey, FoldOutcome]:
    results = list(engine.train(tasks, build, recipe, Progress()))
    for result in results:
        if isinstance(result, FoldFailure):
            raise result.error
    return {result.key: result for result in results}


def assert_same(ours: FoldOutcome, theirs: FoldOutcome, tolerance: float = 1e-5) -> None:
    assert ours.history.keys() == theirs.history.keys()
    for name, values in theirs.history.items():
        assert_close(ours.history[name], values, tolerance)
    assert_close(ours.outputs, theirs.outputs, tolerance)
    assert ours.best_epoch == theirs.best_epoch
    assert ours.files.keys() == theirs.files.keys()
    for name in ours.files:
        assert_same_file(ours.files[name], theirs.files[name], tolerance)


def assert_same_file(ours: Path, theirs: Path, tolerance: float) -> None:
    if ours.suffix != ".keras":
        return
    one, other = keras.models.load_model(ours), keras.models.load_model(theirs)
    kept = [[*model.weights, *model.optimizer.variables] for model in (one, other)]
    for a, b in zip(*kept, strict=True):
        assert_close(a, b, tolerance)


def assert_close(ours: Any, theirs: Any, tolerance: float) -> None:
    """Compares relative to the largest number of an array, or to what a few sums near one are rounded by."""
    expected = np.asarray(theirs, dtype=np.float64)
    bound = max(tolerance * float(np.abs(expected).max(initial=0)), 2 * float(np.finfo(np.float32).eps))
    np.testing.assert_allclose(np.asarray(ours, dtype=np.float64), expected, rtol=0, atol=bound)


def compare(tmp_path: Path, build: Builder, recipe: Recipe, **how: Any) -> dict[FoldKey, FoldOutcome]:
    outcomes = []
    for engine in (VectorizedEngine(), FitEngine()):
        tasks = [make_task(tmp_path / engine.name, fold, **how) for fold in (0, 1)]
        outcomes.append(trained(engine, tasks, build, recipe))
    ours, theirs = outcomes
    for key in theirs:
        assert_same(ours[key], theirs[key])
    return ours


def some(names: Iterable[str], usual: Sequence[str]) -> list[Any]:
    """All names as parameters, those that are not among the usual ones marked as slow."""
    return [pytest.param(name, marks=() if name in usual else pytest.mark.slow) for name in names]


def dropout_net(optimizer: Callable[[], Any]) -> Builder:
    def build(shape: Shape) -> keras.Model:
        model = keras.Sequential(
            [
                keras.Input(shape),
                layers.Dropout(0.2),
                layers.Dense(8, activation="relu", kernel_constraint=keras.constraints.MaxNorm(1.0)),
                layers.Dropout(0.3),
                layers.Dense(1, activation="sigmoid"),
            ]
        )
        model.compile(loss="binary_crossentropy", optimizer=optimizer(), metrics=["accuracy"])
        return model

    return build


DECAYING = optimizers.schedules.ExponentialDecay(0.1, decay_steps=5, decay_rate=0.7)
OPTIMIZERS: dict[str, Callable[[], Any]] = {
    "sgd": lambda: optimizers.SGD(0.1),
    "nesterov": lambda: optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "rmsprop": lambda: optimizers.RMSprop(0.01, momentum=0.5, centered=True),
    "adam": lambda: optimizers.Adam(0.01, amsgrad=True),
    "adamw": lambda: optimizers.AdamW(0.01, weight_decay=0.1),
    "adagrad": lambda: optimizers.Adagrad(0.05),
    "adadelta": lambda: optimizers.Adadelta(0.5),
    "adamax": lambda: optimizers.Adamax(0.01),
    "nadam": lambda: optimizers.Nadam(0.01),
    "lion": lambda: optimizers.Lion(0.001),
    "ftrl": lambda: optimizers.Ftrl(0.05),
    "lamb": lambda: optimizers.Lamb(0.01),
    "adafactor": lambda: optimizers.Adafactor(0.01),
    "muon": lambda: optimizers.Muon(0.01),
    "clipnorm": lambda: optimizers.SGD(0.5, clipnorm=0.05),
    "global_clipnorm": lambda: optimizers.SGD(0.5, global_clipnorm=0.05),
    "clipvalue": lambda: optimizers.Adam(0.01, clipvalue=0.01),
    "schedule": lambda: optimizers.SGD(DECAYING, momentum=0.9),
    "moving_average": lambda: optimizers.SGD(0.1, use_ema=True, ema_momentum=0.8),
}


USUAL_OPTIMIZERS = ("nesterov", "adam", "global_clipnorm", "schedule", "moving_average")


@pytest.mark.parametrize("name", some(OPTIMIZERS, USUAL_OPTIMIZERS))
def test_every_optimizer_trains_the_same_weights(name: str, tmp_path: Path) -> None:
    compare(tmp_path, dropout_net(OPTIMIZERS[name]), Recipe(epochs=5, batch_size=8, checkpoint="last"))


def sequential(*body: Callable[[], Any]) -> Builder:
    def build(shape: Shape) -> keras.Model:
        model = keras.Sequential([keras.Input(shape), *(make() for make in body), layers.Dense(1)])
        model.compile(loss="mse", optimizer=optimizers.SGD(0.02, momentum=0.5), metrics=["mae"])
        return model

    return build


LAYERS: dict[str, Builder] = {
    "batch_norm": sequential(lambda: layers.Dense(5, use_bias=False), layers.BatchNormalization, layers.ReLU),
    "layer_norm": sequential(lambda: layers.Dense(5), layers.LayerNormalization),
    "noise": sequential(lambda: layers.GaussianNoise(0.3), lambda: layers.GaussianDropout(0.2)),
    "penalties": sequential(
        lambda: layers.Dense(5, kernel_regularizer="l1l2", activity_regularizer=keras.regularizers.L2(0.05))
    ),
    "constraints": sequential(lambda: layers.Dense(5, kernel_constraint="non_neg", bias_constraint="unit_norm")),
    "convolution": sequential(
        lambda: layers.Reshape((FEATURES, 1)),
        lambda: layers.Conv1D(4, 3, activation="relu"),
        lambda: layers.SpatialDropout1D(0.3),
        lambda: layers.MaxPooling1D(2),
        layers.Flatten,
    ),
    "lstm": sequential(lambda: layers.Reshape((FEATURES, 1)), lambda: layers.LSTM(4, dropout=0.2)),
    "gru": sequential(lambda: layers.Reshape((FEATURES, 1)), lambda: layers.GRU(4, recurrent_dropout=0.2)),
    "embedding": sequential(
        lambda: layers.Rescaling(0.5, offset=2.0), lambda: layers.Embedding(6, 3), layers.Flatten
    ),
    "frozen": sequential(lambda: layers.Dense(5, trainable=False), lambda: layers.Dense(3, activation="tanh")),
}


USUAL_LAYERS = ("batch_norm", "noise", "convolution")


@pytest.mark.parametrize("name", some(LAYERS, USUAL_LAYERS))
def test_every_kind_of_layer_trains_the_same_weights(name: str, tmp_path: Path) -> None:
    compare(tmp_path, LAYERS[name], Recipe(epochs=5, batch_size=8, checkpoint="last"))


@pytest.mark.parametrize("metrics", [["accuracy"], ["auc"]], ids=["masked", "last batch apart"])
def test_sample_weights_count_the_same(metrics: list[str], tmp_path: Path) -> None:
    def build(shape: Shape) -> keras.Model:
        model = keras.Sequential([keras.Input(shape), layers.Dense(1, activation="sigmoid")])
        model.compile(loss="binary_crossentropy", metrics=metrics, weighted_metrics=["mae"])
        return model

    compare(tmp_path, build, Recipe(epochs=5, batch_size=8, checkpoint="none"), weighted=True)


def test_several_outputs_are_trained_the_same(tmp_path: Path) -> None:
    def build(shape: Shape) -> keras.Model:
        inputs = keras.Input(shape)
        hidden = layers.Dense(6, activation="relu")(inputs)
        heads = [layers.Dense(1, activation="sigmoid", name="a")(hidden), layers.Dense(2, name="b")(hidden)]
        model = keras.Model(inputs, heads)
        model.compile(
            optimizer="adam",
            loss=["binary_crossentropy", "mse"],
            loss_weights=[1.0, 0.3],
            metrics=[["accuracy"], ["mae"]],
        )
        return model

    recipe = Recipe(epochs=5, batch_size=8, checkpoint="last", widths=(1, 2))
    assert "val_b_loss" in compare(tmp_path, build, recipe, targets=3)[FoldKey(0, 0)].history


ZOO = (
    "sonar_baseline",
    "sonar_dropout",
    "sonar_dropout_hidden",
    "mammography_mlp",
    "pima_mlp",
    "multi_output_mlp",
)


@pytest.mark.parametrize("name", some((*ZOO, "linear_regression"), ("multi_output_mlp",)))
def test_every_tabular_model_of_the_zoo_trains_the_same_weights(name: str, tmp_path: Path) -> None:
    targets = 3 if name == "multi_output_mlp" else 1
    recipe = Recipe(epochs=5, batch_size=8, checkpoint="both", widths=(targets,))
    compare(tmp_path, lambda shape: zoo.create_model(name, input_shape=shape), recipe, targets=targets)


class Callbacks:
    """Factories of callbacks, by name."""

    @staticmethod
    def stop_and_restore(context: FoldContext) -> list[Any]:
        return [
            callbacks.EarlyStopping(
                "val_loss", patience=2, min_delta=1e-3, restore_best_weights=True, start_from_epoch=3
            )
        ]

    @staticmethod
    def stop_without_restoring(context: FoldContext) -> list[Any]:
        return [callbacks.EarlyStopping("val_accuracy", patience=3, mode="max")]

    @staticmethod
    def stop_at_a_baseline(context: FoldContext) -> list[Any]:
        return [callbacks.EarlyStopping("loss", baseline=0.1, patience=4)]

    @staticmethod
    def each_checkpoint(context: FoldContext) -> list[Any]:
        return [callbacks.ModelCheckpoint(context.directory / "{epoch:02d}.keras")]

    @staticmethod
    def odd_names(context: FoldContext) -> list[Any]:
        folder = context.directory
        return [
            callbacks.ModelCheckpoint(folder / "sub" / "{epoch}.keras"),
            callbacks.CSVLogger(folder / "my log.csv"),
        ]

    @staticmethod
    def best_weights(context: FoldContext) -> list[Any]:
        path = context.directory / "best.weights.h5"
        return [callbacks.ModelCheckpoint(path, save_best_only=True, save_weights_only=True, monitor="val_loss")]

    @staticmethod
    def plateau(context: FoldContext) -> list[Any]:
        return [callbacks.ReduceLROnPlateau(factor=0.3, patience=1, min_delta=0.05, cooldown=1)]

    @staticmethod
    def scheduler(context: FoldContext) -> list[Any]:
        return [callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.8)]

    @staticmethod
    def log(context: FoldContext) -> list[Any]:
        return [callbacks.TerminateOnNaN(), callbacks.CSVLogger(context.directory / "log.csv")]


CALLBACKS = [name for name in vars(Callbacks) if not name.startswith("_")]


@pytest.mark.parametrize("name", some(CALLBACKS, ("stop_and_restore", "plateau")))
def test_every_callback_acts_the_same_on_every_fold(name: str, tmp_path: Path) -> None:
    recipe = Recipe(epochs=12, batch_size=8, callbacks=getattr(Callbacks, name), checkpoint="both")
    compare(tmp_path, dropout_net(lambda: optimizers.SGD(0.3, momentum=0.9)), recipe)


def test_folds_stop_at_their_own_epochs(tmp_path: Path) -> None:
    recipe = Recipe(epochs=200, batch_size=8, early_stopping=5, checkpoint="none")
    outcomes = compare(tmp_path, dropout_net(lambda: optimizers.SGD(0.05, momentum=0.9)), recipe)
    assert len({outcome.epochs for outcome in outcomes.values()}) == len(outcomes)
    assert min(outcome.epochs for outcome in outcomes.values()) < recipe.epochs
