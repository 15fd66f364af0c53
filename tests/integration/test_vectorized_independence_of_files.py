"""A fold's bits depend on its key alone, with early stopping and batch statistics, and to its saved weights."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import pytest

import harness
from harness.engines.base import FoldOutcome, Recipe
from harness.engines.vectorized.engine import VectorizedEngine
from harness.evaluation import Evaluation
from harness.plan import make_plan
from harness.progress import Progress
from harness.seeds import FoldKey
from harness.settings import Settings
from tests.fakes import two_blobs

X, Y = two_blobs(60)
SETTINGS: dict[str, Any] = {
    "folds": 10,
    "repeats": 3,
    "seed": 3,
    "epochs": 8,
    "batch_size": 16,
    "early_stopping": 2,
    "inner_val": 0.2,
    "checkpoint": "both",
    "engine": "vectorized",
}
FEW = (28, 0, 13, 9)


def net(input_shape: tuple[int, ...]) -> keras.Model:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Dense(4),
            layers.BatchNormalization(momentum=0.5),
            layers.ReLU(),
            layers.Dropout(0.3),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.1), loss="binary_crossentropy", metrics=["accuracy"])
    return model


Content = dict[str, Any]
Train = Callable[..., dict[FoldKey, Content]]


def content(outcome: FoldOutcome) -> Content:
    """All that a fold leaves, to the bit."""
    weights = {f"file {name}": weights_in(path) for name, path in outcome.files.items()}
    return {"history": outcome.history, "outputs": outcome.outputs.tobytes(), **weights}


def weights_in(path: Path) -> bytes:
    """Weights, statistics, random seeds and optimizer in a `.keras` file, which holds the date as well."""
    with zipfile.ZipFile(path) as archive:
        return archive.read("model.weights.h5")


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return Evaluation.of(make_plan(net, X, Y, Settings(**SETTINGS)))


@pytest.fixture(scope="module")
def train(evaluation: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> Train:
    """Trains the folds of the given numbers in the given order."""

    def trained(
        numbers: Sequence[int], threads: int | None = None, recipe: Recipe | None = None
    ) -> dict[FoldKey, Content]:
        tasks = evaluation.tasks(tmp_path_factory.mktemp("folds"))
        results = VectorizedEngine(threads).train(
            [tasks[number] for number in numbers], evaluation.build, recipe or evaluation.recipe, Progress()
        )
        contents = {result.key: content(result) for result in results if isinstance(result, FoldOutcome)}
        assert len(contents) == len(numbers)
        return contents

    return trained


@pytest.fixture(scope="module")
def thirty(train: Train) -> dict[FoldKey, Content]:
    return train(range(30))


def assert_as(thirty: Mapping[FoldKey, Content], some: Mapping[FoldKey, Content]) -> None:
    for key, expected in some.items():
        assert thirty[key].keys() == expected.keys()
        for part, value in expected.items():
            assert thirty[key][part] == value, f"{key}: {part}"


def test_folds_stop_early_and_leave_weights_of_their_own(thirty: dict[FoldKey, Content]) -> None:
    assert len({len(each["history"]["loss"]) for each in thirty.values()}) > 1
    assert len({each["file best.keras"] for each in thirty.values()}) == 30
    assert any(each["file best.keras"] != each["file last.keras"] for each in thirty.values())


@pytest.mark.parametrize("numbers", [(0,), (28,), FEW, range(29, -1, -1)], ids=["one", "another", "four", "back"])
def test_neither_company_nor_order_changes_a_bit(
    numbers: Sequence[int], train: Train, thirty: dict[FoldKey, Content]
) -> None:
    assert_as(thirty, train(numbers))


def test_neither_threads_nor_memory_change_a_bit(
    train: Train, evaluation: Evaluation, thirty: dict[FoldKey, Content]
) -> None:
    assert_as(thirty, train(FEW, threads=5))
    assert_as(thirty, train(range(30), recipe=replace(evaluation.recipe, memory=1)))


@pytest.mark.slow
def test_a_resumed_run_is_as_one_in_one_go(tmp_path: Path, thirty: dict[FoldKey, Content]) -> None:
    harness.evaluate(net, X, Y, **{**SETTINGS, "repeats": 1}, store=tmp_path)
    run = harness.evaluate(net, X, Y, **SETTINGS, store=tmp_path)
    for key, expected in thirty.items():
        artifacts = run.artifacts(key.repeat, key.fold, key.init)
        files = {name: path for name, path in artifacts.items() if name.endswith(".keras")}
        assert run.histories[key].history == expected["history"]
        assert {f"file {name}": weights_in(path) for name, path in files.items()}.items() <= expected.items()
        assert len(files) == 2
