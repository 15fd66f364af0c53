"""How many folds a budget lets in, and that those which are done make room for others at once."""

from __future__ import annotations

import gc
import time
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest

from harness.engines.base import FoldData, FoldTask, Recipe, Shape
from harness.engines.vectorized import budget
from harness.engines.vectorized.budget import Budget
from harness.engines.vectorized.engine import VectorizedEngine
from harness.engines.vectorized.fold_training import FoldTraining, PreparedFold
from harness.engines.vectorized.shared_models import SharedModels
from harness.progress import Progress
from harness.seeds import FoldKey, FoldSeeds

MEBIBYTE = 2**20
RECIPE = Recipe(epochs=4, batch_size=8, early_stopping=3, checkpoint="best")


@pytest.fixture(autouse=True)
def nothing_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "memory_in_use", lambda: 0)


def fold_of(rows: int, state: int, call: int) -> Any:
    """A fold as far as a budget looks at it, all sizes in MiB."""
    x, weight = (np.zeros((rows * MEBIBYTE - 4,), np.int8), np.zeros((1,), np.float32))
    data = SimpleNamespace(
        x_train=x,
        y_train=None,
        x_test=None,
        x_val=None,
        y_val=None,
        sample_weight=None,
        val_sample_weight=weight,
    )
    return SimpleNamespace(data=data, state=[np.zeros(state * MEBIBYTE, np.int8)], bytes_a_call=call * MEBIBYTE)


@pytest.mark.parametrize(
    ("memory", "folds"),
    # 100 MiB for the compiler, 30 for a fold being made ready, and 2 × 10 + 6 × 5 + 2 × 25 for each.
    [(100 + 30 + 100, 1), (100 + 30 + 299, 2), (100 + 30 + 300, 3), (10_000, 6), (1, 1)],
)
def test_as_many_folds_are_let_in_as_there_is_room_for(memory: int, folds: int) -> None:
    assert Budget(memory * MEBIBYTE, 6, lambda text: None).folds(fold_of(10, 5, 25)) == folds


def test_without_a_budget_small_folds_may_be_many() -> None:
    unlimited = Budget(None, 4, lambda text: None)
    assert [unlimited.folds(fold_of(rows, 0, 0)) for rows in (1, 4, 100)] == [32, 8, 4]


def test_that_a_single_fold_takes_more_is_said_once() -> None:
    said: list[str] = []
    tight = Budget(150 * MEBIBYTE, 6, said.append)
    assert [tight.folds(fold_of(10, 5, 25)) for _ in range(3)] == [1, 1, 1]
    assert said == ["A fold takes 100 MiB where 20 MiB are free: memory will be exceeded; raise it"]


def build(shape: Shape) -> keras.Model:
    model = keras.Sequential([keras.Input(shape), keras.layers.Dense(5, activation="relu"), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="adam")
    return model


def make_task(folder: Path, fold: int) -> FoldTask:
    def prepare() -> FoldData:
        x = np.random.default_rng(fold).normal(size=(44, 4)).astype(np.float32)
        y = x[:, :1]
        return FoldData(x[:30], y[:30], x[30:36], x[36:], y[36:])

    key = FoldKey(0, fold)
    (folder / str(key)).mkdir()
    return FoldTask(key, FoldSeeds(3, key), prepare, folder / str(key))


@pytest.fixture
def no_search_for_cycles() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_search_for_cycles")
def test_a_fold_that_is_done_is_gone_before_the_next_one_is_made_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folds: list[weakref.ref[PreparedFold]] = []
    prepare = SharedModels.prepare

    def noted(self: SharedModels, task: FoldTask) -> PreparedFold:
        until = time.monotonic() + 5  # the thread that trained it may not have got round to it yet
        while any(fold() for fold in folds) and time.monotonic() < until:
            time.sleep(0.001)
        assert not any(fold() for fold in folds)
        fold = prepare(self, task)
        folds.append(weakref.ref(fold))
        return fold

    monkeypatch.setattr(SharedModels, "prepare", noted)
    tasks = [make_task(tmp_path, fold) for fold in range(5)]
    results = list(VectorizedEngine(3).train(tasks, build, replace(RECIPE, memory=1), Progress()))
    assert len(folds) == len(results) == 5
    assert not any(hasattr(result, "error") for result in results)


@pytest.mark.usefixtures("no_search_for_cycles")
def test_a_trained_fold_leaves_no_state_behind(tmp_path: Path) -> None:
    fold = SharedModels(build, RECIPE).prepare(make_task(tmp_path, 0))
    training = FoldTraining(fold, RECIPE, lambda epochs: None, lambda: False)
    view = weakref.ref(training._view)
    training.run()
    del training, fold
    assert view() is None
