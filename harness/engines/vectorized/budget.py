"""How many folds may be in memory at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from harness.engines.vectorized.fold_training import PreparedFold
from harness.memory import memory_in_use

# What compiling a program takes for a while, as measured with small networks.
_COMPILER_BYTES = 100 * 2**20
# A state goes in and comes out, and lies about once more as arrays and in files under way.
_COPIES_OF_STATE = 4
# While the first program is compiled there is time to get many folds ready, if they take little.
_NEXT_TO_NOTHING = 64 * 2**20
_MOST_READY = 32


class Budget:
    """Memory that folds may take.

    Args:
        memory: Bytes that the process may take as a whole, or None for no limit.
        most: Folds at once at most.
        tell: Told in one line, once, of a fold that takes more than there is.
    """

    def __init__(self, memory: int | None, most: int, tell: Callable[[str], None]) -> None:
        self._most = most
        self._tell: Callable[[str], None] | None = tell
        self._free = None if memory is None else memory - memory_in_use() - _COMPILER_BYTES

    def folds(self, fold: PreparedFold) -> int:
        """How many folds like this one may be at work or ready: one at least, whatever it takes."""
        taken = max(_bytes(fold), 1)
        most = int(np.clip(_NEXT_TO_NOTHING // taken, self._most, _MOST_READY))
        if self._free is None:
            return most
        if taken > self._free and self._tell is not None:
            wanted, free = math.ceil(taken / 2**20), max(self._free, 0) // 2**20
            self._tell(f"A fold takes {wanted} MiB where {free} MiB are free: memory will be exceeded; raise it")
            self._tell = None
        return int(np.clip(self._free // taken, 1, most))


def _bytes(fold: PreparedFold) -> int:
    """What a fold takes while it is trained: its rows as arrays and as tensors, and its states."""
    data = fold.data
    rows = _total([data.x_train, data.y_train, data.x_test, data.x_val, data.y_val, data.sample_weight])
    tensors = rows  # of the same size, but for a few rows of filling
    state = _total(map(np.asarray, fold.state))
    return rows + tensors + _COPIES_OF_STATE * state + fold.bytes_a_call


def _total(arrays: Iterable[Any]) -> int:
    return sum(array.nbytes for array in arrays if array is not None)
