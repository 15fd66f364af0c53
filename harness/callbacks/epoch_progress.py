"""Tells a progress display how far training is."""

from __future__ import annotations

from typing import Any

import keras

from harness.progress import Progress


class EpochProgress(keras.callbacks.Callback):  # type: ignore[misc]
    """Reports every finished epoch of a fold.

    Args:
        progress: The display.
        fold: The fold's name.
        epochs: Epochs to come in all.
    """

    def __init__(self, progress: Progress, fold: str, epochs: int) -> None:
        super().__init__()
        self.progress = progress
        self.fold = fold
        self.epochs = epochs

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Reports the epoch."""
        self.progress.epoch_finished(self.fold, epoch + 1, self.epochs)
