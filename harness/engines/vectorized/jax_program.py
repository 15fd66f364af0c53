"""The compiled program on the JAX backend: several epochs of one fold, validation included, in one `jax.jit`.

It is `program.Program` in JAX's words. Where an accelerator computes, it is mapped over folds by `vmap`. On two
processors that was measured: no faster on one of them, slower with dropout, and the other is left idle, where two
threads use both.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from numpy.typing import NDArray

from harness.engines.vectorized.block import Block, explained
from harness.engines.vectorized.jax_stack import Alone, Call, Stacked, width
from harness.engines.vectorized.jax_stateless import State, StatelessModel, compiler_options
from harness.engines.vectorized.rendezvous import Rendezvous
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
        places = width(model.model, (train, validation), batch_size)
        self._form = Stacked(places) if places > 1 else Alone()
        self._together: Rendezvous[Call, Block] = Rendezvous(places, self._made)
        with explained("traced"):
            names = list(jax.eval_shape(lambda: model.results(model.empty_metrics())))
            self.names = names + [f"val_{name}" for name in names if validation is not None]
            # Only their shapes are looked at while tracing.
            state = [variable.value for variable in model.variables]
            example = self._call(state, train, validation, np.zeros((0, train.size), np.int64))
            self._lowered = self._form.mapped(jax.jit(self._run)).lower(*self._form.piled([example]))

    def __call__(self, state: State, train: Rows, validation: Rows | None, orders: NDArray[np.int64]) -> Block:
        """Trains one epoch for each row of `orders`, (epochs, rows): the order in which it visits the rows."""
        return self._together(self._call(state, train, validation, orders))

    def joined(self) -> AbstractContextManager[None]:
        """To be entered by a thread before its first call and left after its last: others wait for its calls."""
        return self._together.joined()

    def _call(self, state: State, train: Rows, validation: Rows | None, orders: NDArray[np.int64]) -> Call:
        padded = np.zeros((self.epochs, train.size), np.int32)
        padded[: len(orders), : train.count] = orders[:, : train.count]
        counts = np.array([len(orders), train.count, validation.count if validation else 0], np.int32)
        return Call(state, (train.batch, validation and validation.batch), padded, counts)

    def _made(self, calls: Sequence[Call]) -> list[Block]:
        """What the calls of some folds give, made together."""
        run = self._executable()
        began = time.perf_counter()
        made = self._form.parted(run(*self._form.piled(calls)), len(calls))
        seconds = (time.perf_counter() - began) / max(call.epochs for call in calls)
        return [
            Block(state, logs[: call.epochs], tuple(kept), seconds)
            for call, (state, logs, kept) in zip(calls, made, strict=True)
        ]

    def _executable(self) -> Any:
        with self._compiling:
            if self._compiled is None:
                self._compiled = self._lowered.compile(compiler_options())
        return self._compiled

    def _run(
        self,
        state: State,
        parts: tuple[Batch, Batch | None],
        orders: jax.Array,
        counts: jax.Array,
        most: jax.Array,
    ) -> tuple[State, jax.Array, list[jax.Array]]:
        """What is compiled: a loop over `most` epochs, after the first `counts[0]` of which nothing changes."""
        train, validation = parts
        epochs, rows, validation_rows = counts
        train_mask, validation_mask = self._masked

        def epoch(number: jax.Array, carried: Any) -> Any:
            before, logs, kept = carried
            shuffled = _taken(train, orders[number])
            state, results = self._pass(self._model.train_step, before, shuffled, rows if train_mask else None)
            if validation is not None:
                count = validation_rows if validation_mask else None
                state, held_out = self._pass(self._model.test_step, state, validation, count)
                results += held_out
            if not self._form.alone:
                state = [jnp.where(number < epochs, *values) for values in zip(state, before, strict=True)]
            kept = [array.at[number].set(value) for array, value in zip(kept, state, strict=False)]
            return state, logs.at[number].set(jnp.stack(results)), kept

        logs = jnp.zeros((self.epochs, len(self.names)), jnp.float32)
        kept = [jnp.zeros((self.epochs, *value.shape), value.dtype) for value in state if self._keep_states]
        trained: tuple[State, jax.Array, list[jax.Array]] = lax.fori_loop(0, most, epoch, (state, logs, kept))
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
