"""Folds side by side in one call of the program, for accelerators, which are idle most of the time with one.

A step of a small network is a few dozen operations of some microseconds each, however many folds they are for. So
the calls of folds that train at the same time are gathered and made as one. How many have a place in it follows
from the model and its rows alone, and places left over are filled with nothing: a fold's bits do not depend on its
company.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import keras
import numpy as np
from numpy.typing import NDArray

from harness.backend import device
from harness.engines.vectorized.rows import Rows
from harness.engines.vectorized.worth import multiplications
from harness.environment import processors

MOST_FOLDS = 32

# Multiplications in a step from which on an accelerator has enough to do with one fold.
_BUSY = 2**30
# What rows of all folds side by side may take of its memory.
_MOST_BYTES = 2**31

Result = tuple[list[Any], Any, list[Any]]


class Call(NamedTuple):
    """One fold's part of a call.

    Attributes:
        state: Its state.
        parts: Its training and its validation rows.
        orders: (epochs, rows) the orders in which epochs visit the training rows, filled up with zeros.
        counts: (3,) epochs, training rows and validation rows, without filling.
    """

    state: list[Any]
    parts: Any
    orders: NDArray[np.int32]
    counts: NDArray[np.int32]

    @property
    def epochs(self) -> int:
        """Epochs to be trained."""
        return int(self.counts[0])


class Alone:
    """The form of a program that trains one fold at a time."""

    alone = True

    def mapped(self, run: Callable[..., Any]) -> Any:
        """The function to compile."""
        return jax.jit(run)

    def piled(self, calls: Sequence[Call]) -> tuple[Any, ...]:
        """The arguments for some calls."""
        (call,) = calls
        return *call, call.counts[0]

    def parted(self, result: Result, count: int) -> list[Result]:
        """What each of the calls gives."""
        state, logs, kept = result
        # Reading the numbers waits for all of it: a call that returned before would run in the next one's thread.
        return [(state, np.asarray(logs), kept)]


class Stacked:
    """The form of a program that trains several folds at a time.

    Args:
        places: How many.
    """

    alone = False

    def __init__(self, places: int) -> None:
        self._places = places

    def mapped(self, run: Callable[..., Any]) -> Any:
        """The function to compile."""
        return jax.jit(jax.vmap(run, in_axes=(0, 0, 0, 0, None)))

    def piled(self, calls: Sequence[Call]) -> tuple[Any, ...]:
        """The arguments for some calls, one after the other along a new first axis."""
        empty = calls[-1]._replace(counts=np.zeros_like(calls[-1].counts))
        calls = [*calls, *[empty] * (self._places - len(calls))]
        states = [np.stack(values) for values in zip(*(call.state for call in calls), strict=True)]
        rows = _piled_on_device(*(call.parts for call in calls))
        orders, counts = (np.stack([getattr(call, name) for call in calls]) for name in ("orders", "counts"))
        return states, rows, orders, counts, counts[:, 0].max()

    def parted(self, result: Result, count: int) -> list[Result]:
        """What each of the calls gives; its state in arrays of its own, not views of those of all folds."""
        state, logs, kept = jax.device_get(result)
        return [
            ([values[place].copy() for values in state], logs[place], [values[place] for values in kept])
            for place in range(count)
        ]


@jax.jit
def _piled_on_device(*parts: Any) -> Any:
    """The rows of all folds, which are on the device already."""
    return jax.tree.map(lambda *arrays: jnp.stack(arrays), *parts)


def folds_at_a_time() -> int:
    """How many folds keep the machine busy: one a processor, or as many as have places on an accelerator."""
    return MOST_FOLDS if stacks() else processors()


def stacks() -> bool:
    """Whether folds train side by side in one call: on any device but a processor."""
    return device() != "cpu"


def width(model: keras.Model, rows: Sequence[Rows | None], batch_size: int) -> int:
    """How many folds a call has places for.

    Args:
        model: A built model.
        rows: The parts of some fold, for their shapes.
        batch_size: Rows in a batch.
    """
    if not stacks():
        return 1
    arrays = [array for part in rows if part is not None for array in jax.tree.leaves(tuple(part.batch))]
    step = batch_size * sum(map(_multiplications, model._flatten_layers(include_self=False)))
    fitting = _MOST_BYTES // max(sum(each.nbytes for each in arrays), 1)
    return int(np.clip(min(_BUSY // max(step, 1), fitting), 1, MOST_FOLDS))


def _multiplications(layer: Any) -> int:
    """Multiplications for one example, if every weight is used once."""
    return multiplications(layer) or sum(int(np.prod(weight.shape)) for weight in layer._trainable_variables)
