"""Saves the weights that training ended with."""

from __future__ import annotations

import os
from pathlib import Path

import keras


class SaveLast(keras.callbacks.Callback):  # type: ignore[misc]
    """Saves the model as training ends, before EarlyStopping restores the best weights.

    `keras.callbacks.ModelCheckpoint` without `save_best_only` writes the same file after every epoch, which for
    a small network takes longer than the epoch. Put this one before `EarlyStopping` in the list: callbacks end
    in their order.

    Args:
        filepath: A `.keras` path.

    Example:
        >>> SaveLast("last.keras").filepath
        PosixPath('last.keras')
    """

    def __init__(self, filepath: str | os.PathLike[str]) -> None:
        super().__init__()
        self.filepath = Path(filepath)

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """Writes the file."""
        self.model.save(self.filepath)
