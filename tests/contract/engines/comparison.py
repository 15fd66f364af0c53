"""Folds trained by the vectorized engine and by `model.fit`, side by side."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import h5py
import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from harness.engines import choose_engine
from harness.engines.base import FoldData, FoldFailure, FoldOutcome, FoldTask, Recipe, Shape
from harness.engines.fit import FitEngine
from harness.engines.vectorized.engine import VectorizedEngine
from harness.errors import EngineError
from harness.progress import Progress
from harness.seeds import FoldKey, FoldSeeds

layers, optimizers = keras.layers, keras.optimizers
ROWS, FEATURES = 43, 6
SHORT = Recipe(epochs=5, batch_size=8, checkpoint="last")
Builder = Callable[[Shape], keras.Model]
Labels = Callable[[NDArray[np.float32]], NDArray[Any]]


def make_task(
    directory: Path, fold: int, *, weighted: bool = False, targets: int = 1, labels: Labels | None = None
) -> FoldTask:
    """Fold `fold` of 43 rows; training sizes differ by one between folds 0 and 1."""
    generator = np.random.default_rng(5)
    x = generator.normal(size=(ROWS, FEATURES)).astype(np.float32)
    y = labels(x) if labels is not None else products(x, targets)
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


def products(x: NDArray[np.float32], targets: int = 1) -> NDArray[np.float32]:
    """Labels 0 and 1: whether neighbouring features have the same sign."""
    return np.stack([x[:, i] * x[:, i + 1] > 0 for i in range(targets)], axis=1).astype(np.float32)


def classes(x: NDArray[np.float32]) -> NDArray[np.int32]:
    """Class numbers 0, 1 and 2."""
    return np.argmax(x[:, :3], axis=1).astype(np.int32)


def one_hot(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Three columns, one a class."""
    return np.eye(3, dtype=np.float32)[classes(x)]


def amounts(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Two positive numbers."""
    return np.exp(0.5 * x[:, :2] + 0.3 * x[:, 2:4])


def trained(engine: Any, tasks: Sequence[FoldTask], build: Builder, recipe: Recipe) -> dict[FoldKey, FoldOutcome]:
    results = list(engine.train(tasks, build, recipe, Progress()))
    for result in results:
        if isinstance(result, FoldFailure):
            raise result.error
    return {result.key: result for result in results}


def compare(tmp_path: Path, build: Builder, recipe: Recipe = SHORT, **how: Any) -> dict[FoldKey, FoldOutcome]:
    """Trains two folds of unequal size by both engines; returns what the vectorized engine made of them."""
    outcomes = []
    for engine in (VectorizedEngine(), FitEngine()):
        tasks = [make_task(tmp_path / engine.name, fold, **how) for fold in (0, 1)]
        outcomes.append(trained(engine, tasks, build, recipe))
    ours, theirs = outcomes
    for key in theirs:
        assert_same(ours[key], theirs[key])
    return ours


def assert_same(ours: FoldOutcome, theirs: FoldOutcome, tolerance: float = 1e-5) -> None:
    assert ours.history.keys() == theirs.history.keys()
    for name, values in theirs.history.items():
        assert_close(ours.history[name], values, tolerance)
    assert_close(ours.outputs, theirs.outputs, tolerance)
    assert (ours.val_outputs is None) == (theirs.val_outputs is None)
    if theirs.val_outputs is not None:
        assert_close(ours.val_outputs, theirs.val_outputs, tolerance)
    assert ours.best_epoch == theirs.best_epoch
    assert ours.files.keys() == theirs.files.keys()
    for name in ours.files:
        assert_same_file(ours.files[name], theirs.files[name], tolerance)


def assert_same_file(ours: Path, theirs: Path, tolerance: float) -> None:
    one, other = (_CONTENTS[path.suffix](path) for path in (ours, theirs))
    assert one.keys() == other.keys()
    for name in other:
        assert_close(one[name], other[name], tolerance)


def assert_close(ours: Any, theirs: Any, tolerance: float) -> None:
    """Compares relative to the largest number of an array, or to what a few sums near one are rounded by."""
    expected = np.asarray(theirs, dtype=np.float64)
    bound = max(tolerance * float(np.abs(expected).max(initial=0)), 2 * float(np.finfo(np.float32).eps))
    np.testing.assert_allclose(np.asarray(ours, dtype=np.float64), expected, rtol=0, atol=bound)


def _of_model(path: Path) -> dict[str, Any]:
    """Weights, statistics and optimizer of a `.keras` file."""
    model = keras.models.load_model(path)
    return {str(number): value for number, value in enumerate([*model.weights, *model.optimizer.variables])}


def _of_weights(path: Path) -> dict[str, Any]:
    """All numbers of a `.weights.h5` file, by their place in it; none of them may be missing."""
    found: dict[str, Any] = {}

    def take(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found[name] = item[()]

    with h5py.File(path, "r") as file:
        file.visititems(take)
    assert found
    return found


def _of_log(path: Path) -> dict[str, Any]:
    """The columns of a CSV file."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    return {name: [float(row[name]) for row in rows] for name in rows[0]}


_CONTENTS: dict[str, Callable[[Path], dict[str, Any]]] = {".keras": _of_model, ".h5": _of_weights, ".csv": _of_log}


def assert_refused(model: keras.Model, reason: str, callbacks: Sequence[Any] = ()) -> None:
    """The engine refuses for this reason where it is insisted on, and is passed over for it where it is not."""
    with pytest.raises(EngineError, match="The vectorized engine cannot train this: ") as refusal:
        choose_engine("vectorized", model, SHORT, callbacks)
    assert reason in str(refusal.value)
    engine, told = choose_engine("auto", model, SHORT, callbacks)
    assert isinstance(engine, FitEngine)
    assert reason in told


def some(names: Iterable[str], usual: Sequence[str] = ()) -> list[Any]:
    """All names as parameters, those that are not among the usual ones marked as slow."""
    return [pytest.param(name, marks=() if name in usual else pytest.mark.slow) for name in names]


def assert_complete(module: ModuleType, *tables: Iterable[str]) -> None:
    """Every public name of a module of Keras is in one table and in no other; a second name needs no entry."""
    public = {_first_name(name, getattr(module, name)) for name in dir(module) if not name.startswith("_")}
    entries = [name for table in tables for name in table]
    assert sorted(entries) == sorted(set(entries))
    assert public == set(entries)


def _first_name(name: str, thing: Any) -> str:
    """`AveragePooling1D` for `AvgPool1D`."""
    return name if isinstance(thing, ModuleType) else str(thing.__name__)


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


def sequential(*body: Callable[[], Any]) -> Builder:
    """A network of some layers and a last one of a single unit."""

    def build(shape: Shape) -> keras.Model:
        return compiled(keras.Sequential([keras.Input(shape), *(make() for make in body), layers.Dense(1)]))

    return build


def functional(body: Callable[[Any], Any]) -> Builder:
    """A network of what `body` makes of its input and a last layer of a single unit."""

    def build(shape: Shape) -> keras.Model:
        inputs = keras.Input(shape)
        return compiled(keras.Model(inputs, layers.Dense(1)(body(inputs))))

    return build


def compiled(model: keras.Model) -> keras.Model:
    model.compile(loss="mse", optimizer=optimizers.SGD(0.01, momentum=0.5), metrics=["mae"])
    return model
