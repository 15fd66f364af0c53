"""One fold through the compiled program: blocks of epochs, and the callbacks after each epoch.

The program runs several epochs at a time and keeps the state after each, so that callbacks can be called for one
epoch after the other as if training had stopped there; where one then ends training, the rest of the block is
thrown away.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from harness.engines.base import FoldData, FoldOutcome, FoldTask, Recipe, check_finite, joined_heads
from harness.engines.fold_callbacks import best_epoch
from harness.engines.kept_files import kept_files
from harness.engines.vectorized.backend import Program, State, StatelessModel
from harness.engines.vectorized.block import Block, explained, state_reader
from harness.engines.vectorized.checkpoints import CheckpointWriter
from harness.engines.vectorized.embeddings import check_indices
from harness.engines.vectorized.fold_callbacks import FoldCallbacks, compare_quickly
from harness.engines.vectorized.fold_model import FoldModel
from harness.engines.vectorized.rows import Rows

_SECONDS_A_BLOCK = 0.1


@dataclass
class Pace:
    """How long a program takes, as last seen; what one fold shows is of use to the next.

    Attributes:
        seconds: For an epoch, or None before the first call, which compiles.
    """

    seconds: float | None = None
    compiled: bool = False

    def saw(self, seconds: float) -> None:
        """Takes down what an epoch took, unless it had to wait for the compiler."""
        self.seconds = seconds if self.compiled else None
        self.compiled = True

    def epochs(self, most: int) -> int:
        """Epochs for the next call, so that it takes about as long as one may wait to be stopped."""
        if self.seconds is None:
            return 1
        return int(np.clip(_SECONDS_A_BLOCK / max(self.seconds, 1e-6), 1, most))


class Stopped(Exception):  # noqa: N818 (nothing went wrong)
    """Training was asked to end before it was done."""


@dataclass(frozen=True)
class PreparedFold:
    """A fold ready to be trained.

    Attributes:
        task: The fold.
        data: Its arrays.
        state: Its initial state.
        callbacks: Its callbacks.
        orders: The orders in which one epoch after the other visits the training rows.
        train: Its training rows as tensors.
        validation: Its inner validation rows, or None.
        model: The model of all folds as functions of a state.
        writer: Writes files of that model.
        program: The program for its shapes.
        pace: How fast that program is.
        bytes_a_call: What a call of it takes beside the state.
        rows_a_prediction: Rows that are predicted together.
        preparation: Seconds that its preparation took.
    """

    task: FoldTask
    data: FoldData
    state: State
    callbacks: Sequence[keras.callbacks.Callback]
    orders: Iterator[NDArray[np.int64]]
    train: Rows
    validation: Rows | None
    model: StatelessModel
    writer: CheckpointWriter
    program: Program
    pace: Pace
    bytes_a_call: int
    rows_a_prediction: int
    preparation: float

    def predict(self, state: State, x: Any) -> NDArray[np.float32]:
        """What the model says of a few rows, its outputs side by side."""
        return joined_heads(self.model.predict(state, x))

    def rehearse_prediction(self) -> None:
        """Predicts a batch in vain: what is made anew for the first prediction of a model is made then."""
        self.predict(self.state, self.data.x_test[: self.rows_a_prediction])


class FoldTraining:
    """Trains one fold.

    Args:
        fold: The fold.
        recipe: How to train.
        epoch_finished: Told of the epochs trained so far after each block.
        stopping: Asked between blocks whether to give up.
    """

    def __init__(
        self,
        fold: PreparedFold,
        recipe: Recipe,
        epoch_finished: Callable[[int], None],
        stopping: Callable[[], bool],
    ) -> None:
        self._fold = fold
        self._recipe = recipe
        self._epoch_finished = epoch_finished
        self._stopping = stopping
        self._view = FoldModel(fold.writer, fold.writer.variables)
        self._callbacks = FoldCallbacks(
            list(fold.callbacks), add_history=True, model=self._view, epochs=recipe.epochs
        )

    def run(self) -> FoldOutcome:
        """Trains, predicts and writes the fold's files.

        Raises:
            Stopped: It was asked to give up.
            FoldError: Something is not finite, or there is no embedding for a number.
        """
        began = time.perf_counter()
        check_indices(self._fold.writer.model, self._fold.data)
        with self._fold.program.joined():
            state = self._fit(self._fold.state)
        self._view.write_files()
        history: dict[str, Sequence[float]] = {
            name: [float(value) for value in values] for name, values in self._view.history.history.items()
        }
        outcome = FoldOutcome(
            key=self._fold.task.key,
            outputs=self._predict(state, self._fold.data.x_test),
            val_outputs=self._predict_validation(state),
            history=history,
            best_epoch=best_epoch(history, self._fold.callbacks),
            seconds=self._fold.preparation + time.perf_counter() - began,
            files=kept_files(self._fold.task.directory),
        )
        check_finite(outcome, self._view.get_weights())
        self._view.release()
        return outcome

    def _fit(self, state: State) -> State:
        self._view.show(state_reader(state))
        self._callbacks.on_train_begin()
        done = 0
        logs: dict[str, float] = {}
        while done < self._recipe.epochs and not self._view.stop_training:
            if self._stopping():
                raise Stopped
            self._callbacks.on_epoch_begin(done)
            state, logs, done = self._call_callbacks(self._block(self._changed(state), done), done)
            self._epoch_finished(done)
            if not np.isfinite(logs.get("loss", 0.0)):
                break
        state = self._fold.model.finalized(state)
        self._view.show(state_reader(state))
        self._callbacks.on_train_end(logs)
        return self._changed(state)

    def _block(self, state: State, first: int) -> Block:
        """Trains some epochs from epoch `first` on."""
        epochs = min(self._fold.pace.epochs(self._fold.program.epochs), self._recipe.epochs - first)
        orders = np.stack(list(itertools.islice(self._fold.orders, epochs)))
        # Only a program's first call compiles: what goes wrong later is no reason to train all folds anew.
        with nullcontext() if self._fold.pace.compiled else explained("compiled"):
            block = self._fold.program(state, self._fold.train, self._fold.validation, orders)
        self._fold.pace.saw(block.seconds)
        return block

    def _call_callbacks(self, block: Block, first: int) -> tuple[State, dict[str, float], int]:
        """Calls the callbacks for each epoch of a block; returns the state to go on with, and epochs done."""
        names = self._fold.program.names
        if self._callbacks.only_record:
            self._callbacks.record(first, names, block.logs)
            return block.state, dict(zip(names, map(float, block.logs[-1]), strict=True)), first + len(block.logs)
        for number, values in enumerate(block.logs):
            if number:
                self._callbacks.on_epoch_begin(first + number)
            self._view.show(block.reader(number))
            logs = dict(zip(names, map(float, values), strict=True))
            self._callbacks.on_epoch_end(first + number, logs)
            if self._view.stop_training and number < len(block.logs) - 1:
                return self._tensors(), logs, first + number + 1
        compare_quickly(self._callbacks.callbacks)
        return self._changed(block.state), logs, first + len(block.logs)

    def _changed(self, state: State) -> State:
        """The state with what callbacks have written to it."""
        return self._tensors() if self._view.changed else state

    def _tensors(self) -> State:
        return self._fold.model.state(self._view.values)

    def _predict_validation(self, state: State) -> Any:
        x = self._fold.data.x_val
        return self._predict(state, x) if self._recipe.predict_validation and x is not None else None

    def _predict(self, state: State, x: Any) -> Any:
        rows = self._fold.rows_a_prediction
        batches = [x[start : start + rows] for start in range(0, len(x), rows)]
        return np.vstack([self._fold.predict(state, batch) for batch in batches])
