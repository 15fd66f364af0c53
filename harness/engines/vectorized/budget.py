"""How many folds may be in memory at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from harness.engines.vectorized.fold_training import PreparedFold
from harness.memory import memory_in_use

# What compiling a program takes for a while, as measured with small networks.
_COMPILER_BYTES = 100 * 2**20
# A state goes in and comes out, and lies about once more as arrays and in files under way.
_COPIES_OF_STATE = 4


class Budget:
    """Memory that folds may take.

    Args:
        memory: Bytes that the process may take as a whole, or None for no limit.
        most: Folds at once at most.
    """

    def __init__(self, memory: int | None, most: int) -> None:
        self._most = most
        self._free = None if memory is None else memory - memory_in_use() - _COMPILER_BYTES

    def folds(self, fold: PreparedFold) -> int:
        """How many folds like this one may be at work or ready: one at least, whatever it takes."""
        if self._free is None:
            return self._most
        return int(np.clip(self._free // max(_bytes(fold), 1), 1, self._most))


def _bytes(fold: PreparedFold) -> int:
    """What a fold takes while it is trained: its rows as arrays and as tensors, and its states."""
    data = fold.data
    rows = _total([data.x_train, data.y_train, data.x_test, data.x_val, data.y_val, data.sample_weight])
    tensors = rows  # of the same size, but for a few rows of filling
    state = _total(map(np.asarray, fold.state))
    return rows + tensors + _COPIES_OF_STATE * state + fold.bytes_a_call


def _total(arrays: Iterable[Any]) -> int:
    return sum(array.nbytes for array in arrays if array is not None)
