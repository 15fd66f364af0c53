"""Saves the model of the best epoch, once training has ended."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import keras


class SaveBest(keras.callbacks.Callback):  # type: ignore[misc]
    """Keeps the state of the epoch with the lowest monitored value, and saves it as training ends.

    What `keras.callbacks.ModelCheckpoint(save_best_only=True)` leaves behind, without writing a file after every
    epoch that was better, which for a small network takes longer than the epoch. The file holds the optimizer's
    state of that epoch too. The model is left as training ended. A training that goes on with `initial_epoch`
    writes only what is better than all that came before.

    Args:
        filepath: A `.keras` path.
        monitor: What to watch; less is better, and an equal value is no improvement.

    Example:
        >>> SaveBest("best.keras").monitor
        'val_loss'
    """

    def __init__(self, filepath: str | os.PathLike[str], monitor: str = "val_loss") -> None:
        super().__init__()
        self.filepath = Path(filepath)
        self.monitor = monitor
        self._best = math.inf
        self._state: list[Any] | None = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Forgets what an earlier training left as the first epoch begins."""
        if epoch == 0:
            self._best, self._state = math.inf, None

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Keeps the state if the epoch was the best so far."""
        value = (logs or {}).get(self.monitor, math.inf)
        if value < self._best:
            self._best, self._state = value, self._copy()

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """Writes the file."""
        if self._state is None:
            return
        ended = self._copy()
        self._set(self._state)
        self.model.save(self.filepath)
        self._set(ended)
        self._state = None

    def _variables(self) -> list[Any]:
        model = self.model
        return [*model.trainable_variables, *model.non_trainable_variables, *model.optimizer.variables]

    def _copy(self) -> list[Any]:
        return [keras.ops.convert_to_numpy(variable).copy() for variable in self._variables()]

    def _set(self, state: list[Any]) -> None:
        for variable, value in zip(self._variables(), state, strict=True):
            variable.assign(value)
