"""The vectorized engine: one compiled program for all folds, on all cores.

The training of a fold, all its epochs and batches, validation included, is one XLA computation of the fold's
state and data. It is compiled once for each number of training rows and serves every fold, repeat and seed;
threads run it side by side, one fold each, for it holds no lock of Python's. On an accelerator, which is better at
few large operations than at many small ones, what the threads ask for at the same time is computed as one. What a
fold gives does not depend on which others are trained, where, or when.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import keras

from harness.engines.base import FoldFailure, FoldOutcome, FoldTask, Recipe
from harness.engines.vectorized import expressible
from harness.engines.vectorized.backend import StatelessModel, folds_at_a_time
from harness.engines.vectorized.budget import Budget
from harness.engines.vectorized.fold_training import FoldTraining, PreparedFold
from harness.engines.vectorized.shared_models import Builder, FirstModel, SharedModels
from harness.errors import EngineError
from harness.progress import Progress
from harness.seeds import FoldKey

Result = FoldOutcome | FoldFailure

_FOLDS_AHEAD = 2


class _Epoch(NamedTuple):
    key: FoldKey
    done: int


_Report = _Epoch | Result | EngineError


def why_not(model: keras.Model, recipe: Recipe, callbacks: Iterable[Any]) -> str | None:
    """Tells why the vectorized engine cannot train a model as `model.fit` would.

    Args:
        model: A compiled, built model.
        recipe: How it is to be trained.
        callbacks: The caller's callbacks for one fold.

    Returns:
        The reason in one line, or None.
    """
    if recipe.streamed:
        return "images are read from disk"
    if recipe.fine_tune_epochs is not None:
        return "fine-tuning changes which layers are trained"
    return expressible.why_not(model, callbacks)


class VectorizedEngine:
    """Trains folds by one compiled program, several at a time.

    Args:
        threads: Folds to train at a time; by default as many as keep the machine busy.
        first: A model that is built already.
    """

    name = "vectorized"

    def __init__(self, threads: int | None = None, first: FirstModel | None = None) -> None:
        self._threads = threads or folds_at_a_time()
        self._first = first

    def train(
        self, tasks: Sequence[FoldTask], build: Builder, recipe: Recipe, progress: Progress
    ) -> Iterator[FoldOutcome | FoldFailure]:
        """Trains every task; one that fails is yielded as such and touches no other.

        Args:
            tasks: The folds.
            build: Makes a new compiled model for the shape of one example.
            recipe: How to train.
            progress: Told of epochs, several at a time.

        Yields:
            A `FoldOutcome` or `FoldFailure` for each task, in the order they finish.

        Raises:
            EngineError: The model or a callback cannot be expressed.
        """
        run = _Run(recipe, progress, min(self._threads, len(tasks)))
        budget = Budget(recipe.memory, most=self._threads + _FOLDS_AHEAD, tell=progress.message)
        models = SharedModels(build, recipe, self._first)
        self._first = None  # for the models' own from now on
        try:
            yield from run.results(_from_both_ends(tasks), models.prepare, budget)
        finally:
            run.stop()


class _Run:
    """Threads that train folds, and what they report."""

    def __init__(self, recipe: Recipe, progress: Progress, threads: int) -> None:
        self._recipe = recipe
        self._progress = progress
        self._ready: queue.Queue[PreparedFold | None] = queue.Queue()
        self._reports: queue.Queue[_Report] = queue.Queue()
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def results(
        self, tasks: Iterable[FoldTask], prepare: Callable[[FoldTask], PreparedFold], budget: Budget
    ) -> Iterator[Result]:
        """Keeps the threads supplied with folds and yields what becomes of them."""
        waiting = most = 0
        prepared: Counter[StatelessModel] = Counter()
        for task in tasks:
            try:
                fold = prepare(task)
                most = budget.folds(fold)
                self._ready.put(fold)
                waiting += 1
                prepared[fold.model] += 1
                # While the program is compiled; the second fold's model is the last one that is built, and what is
                # set up before a model is built TensorFlow forgets.
                if prepared[fold.model] == 2:
                    with suppress(Exception):  # what goes wrong here goes wrong again where it is needed
                        fold.rehearse_prediction()
                del fold  # that belongs to a thread now, and must not outlive its training
            except EngineError:
                raise
            except Exception as error:  # a fold may fail in any way; the others go on
                yield FoldFailure(task.key, error)
            while waiting >= max(most, 1):
                yield from self._finished()
                waiting -= 1
        for _ in range(waiting):
            yield from self._finished()

    def stop(self) -> None:
        """Ends the threads after the epochs they are at."""
        self._stopping.set()
        for _ in self._threads:
            self._ready.put(None)
        for thread in self._threads:
            thread.join()

    def _finished(self) -> Iterator[Result]:
        """Waits for one fold, and tells the display of every epoch meanwhile."""
        while isinstance(report := self._reports.get(), _Epoch):
            self._progress.epoch_finished(str(report.key), report.done, self._recipe.epochs)
        if isinstance(report, EngineError):
            raise report
        yield report

    def _work(self) -> None:
        while (fold := self._ready.get()) is not None and not self._stopping.is_set():
            self._reports.put(self._trained(fold))
            del fold  # not to be kept until there is another one

    def _trained(self, fold: PreparedFold) -> Result | EngineError:
        key = fold.task.key

        def epoch_finished(done: int) -> None:
            self._reports.put(_Epoch(key, done))

        try:
            return FoldTraining(fold, self._recipe, epoch_finished, self._stopping.is_set).run()
        except EngineError as error:
            return error
        except Exception as error:  # a fold may fail in any way; the others go on
            return FoldFailure(key, error)


def _from_both_ends(tasks: Sequence[FoldTask]) -> Iterator[FoldTask]:
    """The first, the last, the second, the last but one …

    Folds differ in size by a row, the larger ones coming last: so both programs are compiled at the same time.
    """
    left = deque(tasks)
    while left:
        yield left.popleft()
        if left:
            yield left.pop()
