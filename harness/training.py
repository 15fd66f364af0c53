"""The folds of one evaluation: taken over where they are in the store, trained where not, kept one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from harness.errors import FoldError, UsageError
from harness.evaluation import Evaluation
from harness.metrics import Metric
from harness.progress import Progress
from harness.seeds import FoldKey
from harness.store import OpenRun

if TYPE_CHECKING:
    from harness.engines.base import FoldFailure, FoldOutcome, FoldTask


class Training:
    """Trains what is missing of a run.

    Args:
        evaluation: What is evaluated.
        open_run: Where finished folds are looked for and put.
        attempt: Which attempt at this evaluation, from 0; none takes over the folds of another.
        on_error: "continue" or "raise".
        progress: Told of folds.

    Attributes:
        scores: Each metric's score of every fold trained so far: computed while others are still at work.
    """

    def __init__(
        self, evaluation: Evaluation, open_run: OpenRun, attempt: int, on_error: str, progress: Progress
    ) -> None:
        self.scores: dict[Metric, dict[FoldKey, float]] = defaultdict(dict)
        self._evaluation = evaluation
        self._open_run = open_run
        self._attempt = attempt
        self._on_error = on_error
        self._progress = progress
        self._any_done = False

    def adopt(self, tasks: Sequence[FoldTask]) -> tuple[list[FoldTask], float]:
        """Takes over the folds that are in the store; returns the others and the seconds the first ones took."""
        pending, seconds = [], 0.0
        for task in tasks:
            found = self._open_run.find(self._evaluation.fold_key(task.key, self._attempt))
            if found is None:
                pending.append(task)
                continue
            self._open_run.adopt(task.key, found)
            self._any_done = True
            if self._evaluation.logs:
                self._evaluation.logs.restore(task.key, found)
            seconds += float(found.record["seconds"])
        return pending, seconds

    def train(self, tasks: Sequence[FoldTask]) -> None:
        """Trains folds and keeps each as soon as it is done.

        Raises:
            UsageError: What was asked for is wrong: no fold could be trained with it.
            FoldError: A fold failed and `on_error` is "raise".
        """
        from harness.engines.base import FoldFailure

        if not tasks:
            return
        evaluation = self._evaluation
        results = evaluation.engine.train(tasks, evaluation.build, evaluation.recipe, self._progress)
        with _ended(results):
            for result in results:
                if isinstance(result, FoldFailure):
                    self._failed(result)
                else:
                    self._trained(result)

    def _trained(self, outcome: FoldOutcome) -> None:
        evaluation = self._evaluation
        try:
            scores = evaluation.scores(outcome)
        except FoldError as error:
            self._fail(outcome.key, error)
            return
        unique_key = evaluation.fold_key(outcome.key, self._attempt)
        artifacts = evaluation.artifacts(outcome)
        self._open_run.commit(outcome.key, unique_key, evaluation.record(outcome), artifacts)
        self._any_done = True
        for metric, score in scores.items():
            self.scores[metric][outcome.key] = score
        headline = evaluation.plan.metrics[0]
        self._progress.fold_finished(str(outcome.key), outcome.seconds, f"{headline.name} {scores[headline]:.4g}")

    def _failed(self, failure: FoldFailure) -> None:
        if isinstance(failure.error, UsageError) and not self._any_done:
            raise failure.error  # what was asked for is wrong, not this fold
        self._fail(failure.key, failure.error)

    def _fail(self, key: FoldKey, error: Exception) -> None:
        message = f"{type(error).__name__}: {error}".splitlines()[0]
        self._open_run.fail(key, message)
        self._progress.fold_finished(str(key), 0.0, f"failed: {message}")
        if self._on_error == "raise":
            raise FoldError(f"{key} failed: {message}") from error


@contextmanager
def _ended(results: Iterator[Any]) -> Iterator[None]:
    """Ends what an engine does in threads of its own, however its results are left.

    An exception keeps them alive, and so the threads that write to folders which are about to be removed.
    """
    try:
        yield
    finally:
        if isinstance(results, Generator):
            results.close()
