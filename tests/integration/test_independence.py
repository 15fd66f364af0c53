"""A fold's result depends on its key alone, not on which folds the same engine trained before it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.engines.base import FoldOutcome, FoldTask
from harness.evaluation import Evaluation
from harness.plan import make_plan
from harness.progress import Progress
from harness.settings import Settings
from tests.fakes import two_blobs

X, Y = two_blobs(40)
ROWS = np.arange(len(X))
# 8, 5, 4 and 8 batches of 4: what is compiled for one fold must not be used for the next.
PAIRS = [(ROWS[8:], ROWS[:8]), (ROWS[20:], ROWS[8:20]), (ROWS[:13], ROWS[20:]), (ROWS[:30], ROWS[30:])]


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    settings = Settings(cv=PAIRS, batch_size=4, epochs=3, checkpoint="none", engine="fit", seed=1)
    return Evaluation.of(make_plan("sonar_dropout", X, Y, settings))


def _train(evaluation: Evaluation, tasks: Iterable[FoldTask]) -> dict[Any, FoldOutcome]:
    results = evaluation.engine.train(list(tasks), evaluation.build, evaluation.recipe, Progress())
    return {result.key: result for result in results if isinstance(result, FoldOutcome)}


@pytest.fixture(scope="module")
def together(evaluation: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> dict[Any, FoldOutcome]:
    return _train(evaluation, evaluation.tasks(tmp_path_factory.mktemp("together")))


@pytest.mark.parametrize("fold", range(4))
def test_a_fold_trains_as_it_does_alone(
    evaluation: Evaluation, together: dict[Any, FoldOutcome], tmp_path: Path, fold: int
) -> None:
    task = evaluation.tasks(tmp_path)[fold]
    alone = _train(evaluation, [task])[task.key]
    assert together[task.key].history == alone.history
    np.testing.assert_array_equal(together[task.key].outputs, alone.outputs)


def test_the_order_does_not_matter(
    evaluation: Evaluation, together: dict[Any, FoldOutcome], tmp_path: Path
) -> None:
    backwards = _train(evaluation, reversed(evaluation.tasks(tmp_path)))
    for key, outcome in together.items():
        np.testing.assert_array_equal(outcome.outputs, backwards[key].outputs)
