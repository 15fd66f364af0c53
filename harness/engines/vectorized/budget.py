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
# The first state stays while one goes in and another comes out; later the best and the last one lie about as
# arrays, and one of them twice more as the bytes of a file.
_COPIES_OF_STATE = 6
# Orders are an array and then a tensor, states are kept in the loop and then given back, as was measured.
_COPIES_OF_CALL = 2
# Its rows before and between the steps of preprocessing, while a fold is made ready.
_COPIES_OF_ROWS = 3
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
        rows = _rows(fold)
        taken = max(_bytes(fold, rows), 1)
        most = int(np.clip(_NEXT_TO_NOTHING // taken, self._most, _MOST_READY))
        if self._free is None:
            return most
        left = self._free - _COPIES_OF_ROWS * rows
        if taken > left and self._tell is not None:
            wanted, free = math.ceil(taken / 2**20), max(left, 0) // 2**20
            self._tell(f"A fold takes {wanted} MiB where {free} MiB are free: memory will be exceeded; raise it")
            self._tell = None
        return int(np.clip(left // taken, 1, most))


def _rows(fold: PreparedFold) -> int:
    data = fold.data
    weights = [data.sample_weight, data.val_sample_weight]
    return _total([data.x_train, data.y_train, data.x_test, data.x_val, data.y_val, *weights])


def _bytes(fold: PreparedFold, rows: int) -> int:
    """What a fold takes while it is trained: its rows as arrays and as tensors, and its states."""
    tensors = rows  # of the same size, but for a few rows of filling
    state = _total(map(np.asarray, fold.state))
    return rows + tensors + _COPIES_OF_STATE * state + _COPIES_OF_CALL * fold.bytes_a_call


def _total(arrays: Iterable[Any]) -> int:
    return sum(array.nbytes for array in arrays if array is not None)
