"""The compiled program on the JAX backend: several epochs of one fold, validation included, in one `jax.jit`.

It is `_program.Program` in JAX's words. Mapping it over folds by `vmap` was measured on two processors: no faster
on one of them, slower with dropout, and the other is left idle, where two threads use both.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from numpy.typing import NDArray

from harness.engines.vectorized.block import Block, explained
from harness.engines.vectorized.jax_stateless import State, StatelessModel
from harness.engines.vectorized.rows import Batch, Rows

Carried = tuple[State, State]
Step = Callable[[State, State, Batch, "jax.Array | None"], Carried]


class Program:
    """The program for folds of one shape; it is compiled when first called, in whichever thread that is.

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
        self._model = model
        self._batch_size = batch_size
        self._keep_states = keep_states
        self._masked = (train.masked, validation is not None and validation.masked)
        self._compiling = threading.Lock()
        self._compiled: Any = None
        with explained("traced"):
            names = list(jax.eval_shape(lambda: model.results(model.empty_metrics())))
            self.names = names + [f"val_{name}" for name in names if validation is not None]
            # Only their shapes are looked at while tracing.
            self._lowered = jax.jit(self._run).lower(
                [variable.value for variable in model.variables],
                train.batch,
                validation and validation.batch,
                np.zeros((epochs, train.size), np.int32),
                *(np.int32(0),) * 3,
            )

    def __call__(self, state: State, train: Rows, validation: Rows | None, orders: NDArray[np.int64]) -> Block:
        """Trains one epoch for each row of `orders`, (epochs, rows): the order in which it visits the rows."""
        padded = np.zeros((self.epochs, train.size), np.int32)
        padded[: len(orders), : train.count] = orders
        counts = (len(orders), train.count, validation.count if validation else 0)
        state, logs, states = self._executable()(
            state, train.batch, validation and validation.batch, padded, *map(np.int32, counts)
        )
        # Reading the numbers waits for all of it: a call that returned before would run in the next one's thread.
        return Block(state, np.asarray(logs)[: len(orders)], tuple(states))

    def _executable(self) -> Any:
        with self._compiling:
            if self._compiled is None:
                self._compiled = self._lowered.compile()
        return self._compiled

    def _run(
        self,
        state: State,
        train: Batch,
        validation: Batch | None,
        orders: jax.Array,
        epochs: jax.Array,
        rows: jax.Array,
        validation_rows: jax.Array,
    ) -> tuple[State, jax.Array, list[jax.Array]]:
        """What is compiled: a loop over epochs."""
        train_mask, validation_mask = self._masked

        def epoch(number: jax.Array, carried: Any) -> Any:
            state, logs, kept = carried
            shuffled = _taken(train, orders[number])
            state, results = self._pass(self._model.train_step, state, shuffled, rows if train_mask else None)
            if validation is not None:
                count = validation_rows if validation_mask else None
                state, held_out = self._pass(self._model.test_step, state, validation, count)
                results += held_out
            kept = [array.at[number].set(value) for array, value in zip(kept, state, strict=False)]
            return state, logs.at[number].set(jnp.stack(results)), kept

        logs = jnp.zeros((self.epochs, len(self.names)), jnp.float32)
        kept = [jnp.zeros((self.epochs, *value.shape), value.dtype) for value in state if self._keep_states]
        trained: tuple[State, jax.Array, list[jax.Array]] = lax.fori_loop(0, epochs, epoch, (state, logs, kept))
        return trained

    def _pass(
        self, step: Step, state: State, batch: Batch, count: jax.Array | None
    ) -> tuple[State, list[jax.Array]]:
        """Takes a step for each batch of rows: the full ones in a loop, then what is left.

        Where `count` is given, only so many rows are true and the others are masked.
        """
        size = self._batch_size
        full, left = divmod(len(batch.x), size)

        def body(number: jax.Array, carried: Carried) -> Carried:
            rows = batch.map(lambda array: lax.dynamic_slice_in_dim(array, number * size, size))
            mask = None if count is None else number * size + jnp.arange(size) < count
            return step(*carried, rows, mask)

        carried: Carried = (state, self._model.empty_metrics())
        if full:
            carried = lax.fori_loop(0, full, body, carried)
        if left:
            carried = step(*carried, batch.map(lambda array: array[full * size :]), None)
        state, metrics = carried
        return state, list(self._model.results(metrics).values())


def _taken(batch: Batch, rows: jax.Array) -> Batch:
    return batch.map(lambda array: array.at[rows].get(mode="promise_in_bounds"))
