"""The compiled program: several epochs of one fold, validation included, as one XLA computation.

It takes a fold's state and data as arguments and captures nothing of a fold, so that one program, compiled once,
trains every fold whose arrays have the same shapes, in any order and from any thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from harness.engines.vectorized.block import Block, explained
from harness.engines.vectorized.lowering import direct_lowering
from harness.engines.vectorized.matrix_gradients import plain_products
from harness.engines.vectorized.random_draws import fast_draws
from harness.engines.vectorized.rows import Batch, Rows
from harness.engines.vectorized.stateless import State, StatelessModel, common_methods

Carried = tuple[State, State]
Step = Callable[[tf.Tensor, tf.Tensor | None, Carried], Carried]


class Program:
    """The program for folds of one shape.

    Args:
        model: The model as functions of its state.
        train: The training rows of some fold, for their shapes.
        validation: Its validation rows, or None.
        batch_size: Rows in a batch.
        epochs: Epochs in a call at most.
        keep_states: Whether to keep the state after each epoch.
    """

    def __init__(
        self,
        model: StatelessModel,
        train: Rows,
        validation: Rows | None,
        *,
        batch_size: int,
        epochs: int,
        keep_states: bool,
    ) -> None:
        self.epochs = epochs
        names = list(model.results(model.empty_metrics()))
        self.names = names + [f"val_{name}" for name in names if validation is not None]
        self._model = model
        self._batch_size = batch_size
        self._keep_states = keep_states
        self._masked = (train.masked, validation is not None and validation.masked)
        state = [tf.TensorSpec(variable.shape, variable.dtype) for variable in model.variables]
        orders, number = tf.TensorSpec((epochs, train.size), tf.int32), tf.TensorSpec((), tf.int32)
        function = tf.function(self._run, jit_compile=True, autograph=False)
        with (
            explained("traced"),
            fast_draws(as_xla=model.model.jit_compile),
            common_methods(model.model.optimizer),
            plain_products(),
            direct_lowering(),
        ):
            self._function = function.get_concrete_function(
                state, _specs(train), validation and _specs(validation), orders, number, number, number
            )

    def __call__(self, state: State, train: Rows, validation: Rows | None, orders: NDArray[np.int64]) -> Block:
        """Trains one epoch for each row of `orders`, (epochs, rows): the order in which it visits the rows."""
        padded = np.zeros((self.epochs, train.size), np.int32)
        padded[: len(orders), : train.count] = orders
        began = time.perf_counter()
        state, logs, states = self._function(
            state,
            train.batch,
            validation and validation.batch,
            tf.constant(padded),
            tf.constant(len(orders)),
            tf.constant(train.count),
            tf.constant(validation.count if validation else 0),
        )
        logs = logs.numpy()[: len(orders)]
        return Block(state, logs, states, (time.perf_counter() - began) / len(orders))

    def joined(self) -> AbstractContextManager[None]:
        """To be entered before a thread's first call and left after its last; here they need no company."""
        return nullcontext()

    def _run(
        self,
        state: State,
        train: Batch,
        validation: Batch | None,
        orders: tf.Tensor,
        epochs: tf.Tensor,
        rows: tf.Tensor,
        validation_rows: tf.Tensor,
    ) -> tuple[State, tf.Tensor, tuple[tf.Tensor, ...]]:
        """What is compiled: a loop over epochs."""

        def epoch(number: tf.Tensor, state: State, logs: Any, states: list[Any]) -> tuple[Any, ...]:
            state, results = self._epoch(state, train, orders[number], rows)
            if validation is not None:
                state, held_out = self._validate(state, validation, validation_rows)
                results |= {f"val_{name}": value for name, value in held_out.items()}
            kept = [array.write(number, value) for array, value in zip(states, state, strict=False)]
            return number + 1, state, logs.write(number, tf.stack([results[name] for name in self.names])), kept

        # Where XLA is not told the shape of an element, it translates the whole loop twice to find it.
        logs = tf.TensorArray(tf.float32, self.epochs, element_shape=(len(self.names),))
        _, state, logs, states = tf.while_loop(
            lambda number, *_: number < epochs, epoch, (0, state, logs, self._empty_states(state))
        )
        return state, logs.stack(), tuple(array.stack() for array in states)

    def _empty_states(self, state: State) -> list[Any]:
        if not self._keep_states:
            return []
        return [tf.TensorArray(value.dtype, self.epochs, element_shape=value.shape) for value in state]

    def _epoch(
        self, state: State, train: Batch, order: tf.Tensor, count: tf.Tensor
    ) -> tuple[State, dict[str, tf.Tensor]]:
        def step(rows: tf.Tensor, mask: tf.Tensor | None, carried: Carried) -> Carried:
            return self._model.train_step(*carried, _taken(train, rows), mask)

        start = (state, self._model.empty_metrics())
        state, metrics = self._batches(step, start, order, count if self._masked[0] else None)
        return state, self._model.results(metrics)

    def _validate(self, state: State, validation: Batch, count: tf.Tensor) -> tuple[State, dict[str, tf.Tensor]]:
        def step(rows: tf.Tensor, mask: tf.Tensor | None, carried: Carried) -> Carried:
            return self._model.test_step(*carried, _taken(validation, rows), mask)

        start, order = (state, self._model.empty_metrics()), tf.range(validation.x.shape[0])
        state, metrics = self._batches(step, start, order, count if self._masked[1] else None)
        return state, self._model.results(metrics)

    def _batches(self, step: Step, carried: Carried, order: tf.Tensor, count: tf.Tensor | None) -> Carried:
        """Takes a step for each batch of rows: the full ones in a loop, then what is left.

        Where `count` is given, only so many rows are true and the others are masked.
        """
        size = self._batch_size
        full = order.shape[0] // size

        def body(number: tf.Tensor, carried: Carried) -> tuple[tf.Tensor, Carried]:
            rows = tf.slice(order, [number * size], [size])
            mask = None if count is None else number * size + tf.range(size) < count
            return number + 1, step(rows, mask, carried)

        if full:
            _, carried = tf.while_loop(lambda number, _: number < full, body, (0, carried))
        return step(order[full * size :], None, carried) if order.shape[0] % size else carried


def _taken(batch: Batch, rows: tf.Tensor) -> Batch:
    return batch.map(lambda array: tf.gather(array, rows))


def _specs(rows: Rows) -> Batch:
    return rows.batch.map(lambda array: tf.TensorSpec(array.shape, array.dtype))
