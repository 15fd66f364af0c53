"""One fold through the compiled program: blocks of epochs, and the callbacks after each epoch.

The program runs several epochs at a time and keeps the state after each, so that callbacks can be called for one
epoch after the other as if training had stopped there; where one then ends training, the rest of the block is
thrown away.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from harness.engines._checkpoints import CheckpointWriter
from harness.engines._fold_callbacks import compare_quickly
from harness.engines._fold_model import FoldModel, Values
from harness.engines._program import Block, Program
from harness.engines._rows import Rows
from harness.engines._stateless import State, StatelessModel
from harness.engines.base import FoldData, FoldOutcome, FoldTask, Recipe, check_finite, joined_heads
from harness.engines.fit import best_epoch

_SECONDS_A_BLOCK = 0.1
_ROWS_A_PREDICTION = 256


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
        train: Its training rows as tensors.
        validation: Its inner validation rows, or None.
        model: The model of all folds as functions of a state.
        writer: Writes files of that model.
        program: The program for its shapes.
        started: When its preparation began, by `time.perf_counter`.
    """

    task: FoldTask
    data: FoldData
    state: State
    callbacks: Sequence[keras.callbacks.Callback]
    train: Rows
    validation: Rows | None
    model: StatelessModel
    writer: CheckpointWriter
    program: Program
    started: float


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
        self._view = FoldModel(fold.writer, fold.model.variables)
        self._callbacks = keras.callbacks.CallbackList(
            list(fold.callbacks), add_history=True, model=self._view, epochs=recipe.epochs
        )

    def run(self) -> FoldOutcome:
        """Trains, predicts and writes the fold's files.

        Raises:
            Stopped: It was asked to give up.
            FoldError: Something is not finite.
        """
        state = self._fit(self._fold.state)
        self._view.write_files()
        history: dict[str, Sequence[float]] = {
            name: [float(value) for value in values] for name, values in self._view.history.history.items()
        }
        outcome = FoldOutcome(
            key=self._fold.task.key,
            outputs=self._predict(state),
            history=history,
            best_epoch=best_epoch(history),
            seconds=time.perf_counter() - self._fold.started,
            files={path.name: path for path in sorted(self._fold.task.directory.iterdir()) if path.is_file()},
        )
        check_finite(outcome, self._view.get_weights())
        return outcome

    def _fit(self, state: State) -> State:
        self._view.show(_reader(state))
        self._callbacks.on_train_begin()
        done, length = 0, 1
        logs: dict[str, float] = {}
        while done < self._recipe.epochs and not self._view.stop_training:
            if self._stopping():
                raise Stopped
            self._callbacks.on_epoch_begin(done)
            state = self._changed(state)
            began = time.perf_counter()
            block = self._block(state, done, length)
            length = self._next_length(length, time.perf_counter() - began)
            state, logs, done = self._call_callbacks(block, done)
            self._epoch_finished(done)
            if not np.isfinite(logs.get("loss", 0.0)):
                break
        state = self._fold.model.finalized(state)
        self._view.show(_reader(state))
        self._callbacks.on_train_end(logs)
        return self._changed(state)

    def _block(self, state: State, first: int, length: int) -> Block:
        """Trains up to `length` epochs from epoch `first` on."""
        last = min(first + length, self._recipe.epochs)
        rows = len(self._fold.data.x_train)
        orders = np.stack([self._fold.task.seeds.batch_order(epoch, rows) for epoch in range(first, last)])
        return self._fold.program(state, self._fold.train, self._fold.validation, orders)

    def _next_length(self, length: int, seconds: float) -> int:
        """Epochs for the next call, so that it takes about as long as one may wait to be stopped."""
        return int(np.clip(_SECONDS_A_BLOCK * length / max(seconds, 1e-6), 1, self._fold.program.epochs))

    def _call_callbacks(self, block: Block, first: int) -> tuple[State, dict[str, float], int]:
        """Calls the callbacks for each epoch of a block; returns the state to go on with, and epochs done."""
        for number, values in enumerate(block.logs):
            if number:
                self._callbacks.on_epoch_begin(first + number)
            self._view.show(block.reader(number))
            logs = dict(zip(self._fold.program.names, map(float, values), strict=True))
            self._callbacks.on_epoch_end(first + number, logs)
            if self._view.stop_training and number < len(block.logs) - 1:
                return self._tensors(), logs, first + number + 1
        compare_quickly(self._callbacks.callbacks)
        return self._changed(block.state), logs, first + len(block.logs)

    def _changed(self, state: State) -> State:
        """The state with what callbacks have written to it."""
        return self._tensors() if self._view.changed else state

    def _tensors(self) -> State:
        return [tf.constant(value) for value in self._view.values]

    def _predict(self, state: State) -> Any:
        x = self._fold.data.x_test
        starts = range(0, len(x), max(self._recipe.batch_size, _ROWS_A_PREDICTION))
        batches = [x[start : start + starts.step] for start in starts]
        return np.vstack([joined_heads(self._fold.model.predict(state, tf.constant(batch))) for batch in batches])


def _reader(state: State) -> Callable[[], Values]:
    return lambda: [np.asarray(value) for value in state]
