"""The callbacks of a fold, as they ride with the compiled program."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from harness.callbacks.save_best import SaveBest


def riding(callbacks: Iterable[keras.callbacks.Callback]) -> list[keras.callbacks.Callback]:
    """The callbacks in the form in which they see a `FoldModel`, which has values and no variables."""
    return [_SaveBestValues(callback) if type(callback) is SaveBest else callback for callback in callbacks]


class FoldCallbacks(keras.callbacks.CallbackList):  # type: ignore[misc]
    """The callbacks of a fold, told of losses and metrics that are plain numbers already."""

    @property
    def only_record(self) -> bool:
        """Whether all that they do is to write losses and metrics down, which needs no telling epoch by epoch."""
        return all(type(callback) is keras.callbacks.History for callback in self.callbacks)

    def record(self, first: int, names: Sequence[str], logs: NDArray[np.float32]) -> None:
        """Writes down what `on_epoch_end` would for every row of `logs`, from epoch `first` on."""
        for callback in self.callbacks:
            callback.epoch.extend(range(first, first + len(logs)))
            for name, values in zip(names, logs.T, strict=True):
                callback.history.setdefault(name, []).extend(map(float, values))
            callback.model.history = callback

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """Tells every callback, without looking for tensors in `logs` first: that takes 0.1 ms."""
        for callback in self.callbacks:
            callback.on_epoch_end(epoch, logs)


def compare_quickly(callbacks: Iterable[Any]) -> None:
    """Lets callbacks that have chosen how to compare do so in NumPy: an operation of Keras takes 0.1 ms."""
    for callback in callbacks:
        operation = getattr(callback, "monitor_op", None)
        if operation is keras.ops.less:
            callback.monitor_op = _less
        elif operation is keras.ops.greater:
            callback.monitor_op = _greater


def _less(value: float, other: float) -> bool:
    return bool(np.float32(value) < np.float32(other))


def _greater(value: float, other: float) -> bool:
    return bool(np.float32(value) > np.float32(other))


class _SaveBestValues(keras.callbacks.Callback):  # type: ignore[misc]
    """Does what `SaveBest` does; a `FoldModel` writes only what was saved last."""

    def __init__(self, original: SaveBest) -> None:
        super().__init__()
        self._filepath = original.filepath
        self._monitor = original.monitor
        self._best = math.inf

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        value = (logs or {}).get(self._monitor, math.inf)
        if value < self._best:
            self._best = value
            self.model.save(self._filepath)
