"""A fold's bits under the vectorized engine depend on its key alone, not on company, order or memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import harness
from harness.engines.base import FoldOutcome, FoldTask, Recipe
from harness.engines.vectorized.engine import VectorizedEngine
from harness.evaluation import Evaluation
from harness.plan import make_plan
from harness.progress import Progress
from harness.settings import Settings

SETTINGS: dict[str, Any] = {"folds": 10, "repeats": 3, "epochs": 4, "checkpoint": "none", "seed": 3}
FEW = (0, 9, 13, 28)


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return Evaluation.of(make_plan("sonar_dropout", None, None, Settings(**SETTINGS, engine="vectorized")))


Train = Callable[..., dict[Any, FoldOutcome]]


@pytest.fixture(scope="module")
def train(evaluation: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> Train:
    """Trains the folds of the given numbers in the given order."""

    def trained(
        numbers: Sequence[int], engine: VectorizedEngine | None = None, recipe: Recipe | None = None
    ) -> dict[Any, FoldOutcome]:
        tasks: list[FoldTask] = evaluation.tasks(tmp_path_factory.mktemp("folds"))
        chosen, engine = [tasks[number] for number in numbers], engine or VectorizedEngine()
        results = list(engine.train(chosen, evaluation.build, recipe or evaluation.recipe, Progress()))
        return {result.key: result for result in results if isinstance(result, FoldOutcome)}

    return trained


@pytest.fixture(scope="module")
def thirty(train: Train) -> dict[Any, FoldOutcome]:
    return train(range(30))


def assert_same_bits(some: dict[Any, FoldOutcome], thirty: dict[Any, FoldOutcome], count: int) -> None:
    assert len(some) == count
    for key, outcome in some.items():
        assert outcome.history == thirty[key].history
        np.testing.assert_array_equal(outcome.outputs, thirty[key].outputs)


def test_all_thirty_are_different(thirty: dict[Any, FoldOutcome]) -> None:
    assert len({tuple(outcome.history["loss"]) for outcome in thirty.values()}) == 30


@pytest.mark.parametrize("number", FEW[::3])
def test_a_fold_alone_is_as_among_thirty(number: int, train: Train, thirty: dict[Any, FoldOutcome]) -> None:
    assert_same_bits(train([number]), thirty, 1)


def test_a_group_of_four_is_as_among_thirty(train: Train, thirty: dict[Any, FoldOutcome]) -> None:
    assert_same_bits(train(FEW), thirty, 4)


def test_the_order_does_not_matter(train: Train, thirty: dict[Any, FoldOutcome]) -> None:
    assert_same_bits(train(np.random.default_rng(0).permutation(30)), thirty, 30)


def test_neither_threads_nor_memory_matter(
    train: Train, evaluation: Evaluation, thirty: dict[Any, FoldOutcome]
) -> None:
    assert_same_bits(train(range(30), VectorizedEngine(threads=5)), thirty, 30)
    one_at_a_time = replace(evaluation.recipe, memory=1)
    assert_same_bits(train(range(30), recipe=one_at_a_time), thirty, 30)


def test_a_resumed_run_is_as_one_in_one_go(tmp_path: Path, thirty: dict[Any, FoldOutcome]) -> None:
    arguments = {**SETTINGS, "engine": "vectorized", "store": tmp_path / "runs"}
    harness.evaluate("sonar_dropout", **{**arguments, "repeats": 1})
    run = harness.evaluate("sonar_dropout", **arguments)
    for key, outcome in thirty.items():
        assert run.histories[key].history == outcome.history
