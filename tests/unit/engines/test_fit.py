from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from harness.engines.base import FoldData, FoldFailure, FoldOutcome, FoldTask, Recipe, joined_heads
from harness.engines.builds import build_seeded
from harness.engines.fit import FitEngine, _steps_per_execution, _watches_batches
from harness.engines.fold_callbacks import best_epoch
from harness.errors import EngineError
from harness.progress import Progress
from harness.seeds import FoldKey, FoldSeeds
from tests.backends import on_tensorflow

RNG = np.random.default_rng(0)
X = RNG.normal(size=(32, 4)).astype(np.float32)
Y = (X[:, :1] > 0).astype(np.float32)
EPOCHS, BATCH = 2, 5

Build = Callable[[tuple[int, ...]], keras.Model]


def _sequential(*layers: Any, optimizer: Any = "adam", **compiled: Any) -> keras.Model:
    model = keras.Sequential([keras.Input((4,)), *layers, keras.layers.Dense(1, activation="sigmoid")])
    model.compile(loss="binary_crossentropy", optimizer=optimizer, **compiled)
    return model


@keras.saving.register_keras_serializable("tests-fit")
class Noise(keras.layers.Layer):  # type: ignore[misc]
    """Draws from Keras' global generator, as a layer without a seed generator of its own does."""

    def call(self, x: Any, training: bool = False) -> Any:
        return x + keras.random.normal(keras.ops.shape(x)) if training else x


@keras.saving.register_keras_serializable("tests-fit")
class Subclassed(keras.Model):  # type: ignore[misc]
    """A model whose variables are there only when it has been called."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.inner = keras.layers.Dense(1, activation="sigmoid")

    def call(self, x: Any) -> Any:
        return self.inner(x)


@keras.saving.register_keras_serializable("tests-fit")
class Counting(keras.Sequential):  # type: ignore[misc]
    """A model with a training step of its own that counts in Python."""

    steps = 0

    def train_step(self, data: Any) -> Any:
        self.steps += 1
        return super().train_step(data)


def _subclassed(shape: Any) -> keras.Model:
    model = Subclassed()
    model.compile(loss="binary_crossentropy")
    return model


def _counting(shape: Any) -> keras.Model:
    model = Counting([keras.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(loss="binary_crossentropy", run_eagerly=True)
    return model


def _heads(shape: Any) -> keras.Model:
    inputs = keras.Input((4,))
    # Named against the alphabet, in which Keras lists the outputs of a dictionary.
    heads = {name: keras.layers.Dense(1, name=name)(inputs) for name in ("z", "a")}
    model = keras.Model(inputs, heads)
    model.compile(loss={"z": "mse", "a": "mae"})
    return model


BUILDS: dict[str, Build] = {
    "dropout": lambda s: _sequential(keras.layers.Dropout(0.5)),
    "batch normalization": lambda s: _sequential(keras.layers.BatchNormalization()),
    "nested seeds": lambda s: _sequential(
        keras.Sequential([keras.layers.GaussianNoise(1.0), keras.layers.Dense(3)])
    ),
    "ema": lambda s: _sequential(optimizer=keras.optimizers.SGD(0.1, momentum=0.9, use_ema=True)),
    "optimizer that copies the weights": lambda s: _sequential(optimizer=keras.optimizers.ScheduleFreeAdamW(0.1)),
    "schedule": lambda s: _sequential(
        optimizer=keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 9))
    ),
    "stateful metrics": lambda s: _sequential(metrics=["accuracy", keras.metrics.AUC()]),
    "no input": lambda s: _compiled(keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])),
    "global generator": lambda s: _sequential(Noise()),
    "subclassed": _subclassed,
    "own train step": _counting,
    "eager": lambda s: _sequential(run_eagerly=True),
}


def _compiled(model: keras.Model) -> keras.Model:
    model.compile(loss="binary_crossentropy")
    return model


def _data(fold: int, inner: bool = False) -> FoldData:
    """Folds of unlike size, so that they differ in their number of batches too."""
    train = np.arange(20 + fold)
    val = {"x_val": X[22:27], "y_val": Y[22:27]} if inner else {}
    return FoldData(X[train], Y[train], X[27:], **val)


def _task(fold: int, folder: Path, prepare: Callable[[], FoldData] | None = None) -> FoldTask:
    directory = folder / f"fold{fold}"
    directory.mkdir(parents=True)
    key = FoldKey(0, fold)
    return FoldTask(key, FoldSeeds(1, key), prepare or (lambda: _data(fold)), directory)


def _train(build: Build, folds: Sequence[int], folder: Path, **recipe: Any) -> list[Any]:
    asked = Recipe(**{"epochs": EPOCHS, "batch_size": BATCH, "checkpoint": "none", **recipe})
    tasks = [_task(fold, folder) for fold in folds]
    return list(FitEngine().train(tasks, build, asked, Progress()))


# What draws from a global generator cannot be traced on JAX, where a training step has other arguments, too.
_ON_TENSORFLOW = ("global generator", "own train step")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=on_tensorflow if name in _ON_TENSORFLOW else ()) for name in BUILDS]
)
def test_a_fold_after_others_is_as_a_fold_alone(name: str, tmp_path: Path) -> None:
    # Folds of equally many batches, so that nothing is traced anew in between.
    alone = _train(BUILDS[name], [2], tmp_path / "alone")[0]
    after = _train(BUILDS[name], [1, 2], tmp_path / "after")[1]
    assert isinstance(after, FoldOutcome), after.error
    assert after.history == alone.history
    np.testing.assert_array_equal(after.outputs, alone.outputs)


def _plain(fold: int) -> tuple[list[float], Any]:
    """The fold in Keras alone."""
    seeds = FoldSeeds(1, FoldKey(0, fold))
    keras.utils.set_random_seed(seeds.initial_state)
    model, data = BUILDS["dropout"]((4,)), _data(fold)
    losses = []
    for order in itertools.islice(seeds.batch_orders(len(data.x_train)), EPOCHS):
        fitted = model.fit(data.x_train[order], data.y_train[order], batch_size=BATCH, shuffle=False, verbose=0)
        losses += fitted.history["loss"]
    return losses, model.predict(data.x_test, verbose=0)


@pytest.mark.parametrize("fold", [0, 1])
def test_folds_with_unlike_numbers_of_batches_are_as_in_plain_keras(fold: int, tmp_path: Path) -> None:
    outcome = _train(BUILDS["dropout"], [0, 1], tmp_path)[fold]
    losses, outputs = _plain(fold)
    np.testing.assert_allclose(outcome.history["loss"], losses, rtol=1e-6)
    np.testing.assert_allclose(outcome.outputs, outputs, rtol=1e-6)


class Lowers(keras.callbacks.Callback):  # type: ignore[misc]
    """Changes the learning rate."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.model.optimizer.learning_rate = 1e-9


class Freezes(keras.callbacks.Callback):  # type: ignore[misc]
    """Freezes a layer and compiles the model anew, as fine-tuning does."""

    def on_train_end(self, logs: Any = None) -> None:
        self.model.layers[0].trainable = False
        self.model.compile(loss="mse", optimizer="sgd")


class Exchanges(keras.callbacks.Callback):  # type: ignore[misc]
    """Puts a schedule in place of the learning rate."""

    def on_train_end(self, logs: Any = None) -> None:
        self.model.optimizer.learning_rate = keras.optimizers.schedules.CosineDecay(1e-9, 5)


@pytest.mark.parametrize("kind", [Lowers, Freezes, Exchanges])
def test_what_a_callback_did_to_the_model_does_not_reach_the_next_fold(kind: Any, tmp_path: Path) -> None:
    alone = _train(BUILDS["dropout"], [1], tmp_path / "alone", callbacks=lambda context: [kind()])[0]
    after = _train(BUILDS["dropout"], [0, 1], tmp_path / "after", callbacks=lambda context: [kind()])[1]
    assert isinstance(after, FoldOutcome), after.error
    assert after.history == alone.history


def test_numbers_a_callback_draws_are_those_of_its_fold(tmp_path: Path) -> None:
    drawn: list[float] = []

    class Draws(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            drawn.append(np.random.random())

    for name, folds in (("one", [1]), ("two", [0, 1])):
        _train(BUILDS["dropout"], folds, tmp_path / name, callbacks=lambda context: [Draws()])
    assert drawn[:EPOCHS] == drawn[-EPOCHS:]


def test_numpys_global_state_is_given_back(tmp_path: Path) -> None:
    np.random.seed(3)
    expected = np.random.random(2)[1]
    np.random.seed(3)
    np.random.random()
    _train(BUILDS["dropout"], [0], tmp_path)
    assert np.random.random() == expected


def test_heads_in_a_dictionary_keep_to_their_targets(tmp_path: Path) -> None:
    data = FoldData(X, np.tile(np.array([0, 50], np.float32), (32, 1)), X)
    task = _task(0, tmp_path, lambda: data)

    def build(shape: Any) -> keras.Model:
        model = _heads(shape)
        model.compile(loss={"z": "mse", "a": "mse"}, optimizer=keras.optimizers.Adam(1.0))
        return model

    (outcome,) = FitEngine().train([task], build, Recipe(60, 32, checkpoint="none", widths=(1, 1)), Progress())
    assert isinstance(outcome, FoldOutcome)
    np.testing.assert_allclose(outcome.outputs.mean(axis=0), [0, 50], atol=10)


def test_heads_in_a_dictionary_are_joined_in_the_models_order() -> None:
    model = build_seeded(_heads, (4,), 0)
    by_name = dict(zip(model.output_names, model.outputs, strict=True))
    told = joined_heads({name: np.full((1, 1), i) for i, name in enumerate(("z", "a"))})
    assert list(by_name) == ["a", "z"]
    assert told.tolist() == [[1, 0]]


def test_a_metric_with_a_value_a_class_becomes_an_entry_a_class(tmp_path: Path) -> None:
    def build(shape: Any) -> keras.Model:
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, activation="softmax")])
        model.compile(loss="categorical_crossentropy", metrics=[keras.metrics.F1Score()])
        return model

    task = _task(0, tmp_path, lambda: FoldData(X, np.eye(2, dtype=np.float32)[Y[:, 0].astype(int)], X))
    (outcome,) = FitEngine().train([task], build, Recipe(1, 32, checkpoint="none"), Progress())
    assert isinstance(outcome, FoldOutcome)
    assert sorted(outcome.history) == ["f1_score[0]", "f1_score[1]", "loss"]


def test_a_failed_fold_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    tasks = [_task(fold, tmp_path) for fold in range(3)]
    tasks[1] = _task(7, tmp_path, lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    results = list(FitEngine().train(tasks, BUILDS["dropout"], Recipe(1, 32, checkpoint="none"), Progress()))
    assert [type(result) for result in results] == [FoldOutcome, FoldFailure, FoldOutcome]
    assert isinstance(results[1], FoldFailure)
    assert isinstance(results[1].error, ZeroDivisionError)


def test_an_engine_error_ends_the_run(tmp_path: Path) -> None:
    def refuse() -> FoldData:
        raise EngineError("no")

    with pytest.raises(EngineError, match="no"):
        list(FitEngine().train([_task(0, tmp_path, refuse)], BUILDS["dropout"], Recipe(1, 32), Progress()))


def test_a_fold_that_diverges_fails(tmp_path: Path) -> None:
    data = FoldData(np.full((8, 4), np.float32(3e38)), np.ones((8, 1), np.float32), X)
    (result,) = FitEngine().train([_task(0, tmp_path, lambda: data)], _linear, Recipe(2, 8), Progress())
    assert isinstance(result, FoldFailure)
    assert "not finite" in str(result.error)


def _linear(shape: Any) -> keras.Model:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer=keras.optimizers.SGD(10.0))
    return model


@pytest.mark.parametrize(
    ("kept", "files"), [("none", []), ("last", ["last.keras"]), ("both", ["best.keras", "last.keras"])]
)
def test_the_checkpoints_asked_for_are_written(kept: str, files: list[str], tmp_path: Path) -> None:
    task = _task(0, tmp_path, lambda: _data(0, inner=True))
    (outcome,) = FitEngine().train([task], BUILDS["dropout"], Recipe(1, 8, checkpoint=kept), Progress())  # type: ignore[arg-type]
    assert isinstance(outcome, FoldOutcome)
    assert sorted(outcome.files) == files


def test_early_stopping_predicts_with_the_best_weights(tmp_path: Path) -> None:
    task = _task(1, tmp_path, lambda: FoldData(X[:20], 1 - Y[:20], X[27:], x_val=X[20:27], y_val=Y[20:27]))
    recipe = Recipe(12, 8, early_stopping=2, checkpoint="both")

    def build(shape: Any) -> keras.Model:
        return _sequential(optimizer=keras.optimizers.SGD(1.0))

    (outcome,) = FitEngine().train([task], build, recipe, Progress())
    assert isinstance(outcome, FoldOutcome)
    best, last = (keras.saving.load_model(outcome.files[f"{name}.keras"]) for name in ("best", "last"))
    np.testing.assert_allclose(outcome.outputs, best.predict(_data(0).x_test, verbose=0), rtol=1e-6)
    assert not np.allclose(best.get_weights()[0], last.get_weights()[0])
    assert outcome.best_epoch == int(np.argmin(outcome.history["val_loss"]))


def test_progress_hears_of_every_epoch(tmp_path: Path) -> None:
    heard: list[tuple[str, int, int]] = []

    class Listens(Progress):
        def epoch_finished(self, fold: str, epoch: int, epochs: int) -> None:
            heard.append((fold, epoch, epochs))

    recipe = Recipe(2, 8, checkpoint="none")
    list(FitEngine().train([_task(0, tmp_path)], BUILDS["dropout"], recipe, Listens()))
    assert heard == [("repeat 0 fold 0", 1, 2), ("repeat 0 fold 0", 2, 2)]


class QuietSubclass(keras.callbacks.ModelCheckpoint):  # type: ignore[misc]
    """Looks at batches though its base class does not."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Looks."""


@pytest.mark.parametrize(
    ("callback", "watches"),
    [
        (keras.callbacks.EarlyStopping(), False),
        (keras.callbacks.ModelCheckpoint("x.keras"), False),
        (keras.callbacks.ModelCheckpoint("x.keras", save_freq=3), True),
        (keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: None), False),
        (keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None), True),
        (keras.callbacks.TerminateOnNaN(), True),
        (QuietSubclass("x.keras"), True),
        (Lowers(), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_who_watches_batches_is_known(callback: Any, watches: bool) -> None:
    assert _watches_batches(callback) is watches


@pytest.mark.parametrize(("steps", "at_once"), [(1, 1), (12, 12), (1000, 1000), (1002, 501), (1009, 1)])
def test_the_batches_of_one_call_divide_the_epoch(steps: int, at_once: int) -> None:
    assert _steps_per_execution(steps, []) == at_once


@pytest.mark.parametrize(("history", "epoch"), [({"val_loss": [3.0, 1.0, 2.0]}, 1), ({"loss": [1.0]}, None)])
def test_the_best_epoch_has_the_lowest_validation_loss(history: Any, epoch: int | None) -> None:
    assert best_epoch(history) == epoch
