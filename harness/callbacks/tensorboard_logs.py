"""Keras' TensorBoard callback for one fold, with a copy of what it logged for the run store."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import keras

EVENTS = "events.out.tfevents"
"""What TensorBoard knows its files by."""

PARTS = ("train", "validation")
"""The folders that Keras logs to."""


class TensorBoardLogs(keras.callbacks.TensorBoard):  # type: ignore[misc]
    """Logs the losses and metrics, the graph of layers, and histograms of all weights after each epoch.

    Nothing is logged within an epoch, so that the batches of one run without returning to Python.

    Args:
        log_dir: Where TensorBoard will look; events that an earlier, interrupted training left there are removed.
        copies: A folder of this training's own, to which the events of each part are copied as
            `tensorboard-<part>.tfevents` when training has ended.

    Example:
        >>> TensorBoardLogs("logs/fold_0", ".").log_dir
        'logs/fold_0'
    """

    def __init__(self, log_dir: str | os.PathLike[str], copies: str | os.PathLike[str]) -> None:
        super().__init__(log_dir=os.fspath(log_dir), histogram_freq=1)
        self._copies = Path(copies)

    # Keras logs batches here only if told to; left as they are, they would make `fit` stop after each batch.
    on_train_batch_begin = keras.callbacks.Callback.on_train_batch_begin
    on_train_batch_end = keras.callbacks.Callback.on_train_batch_end

    def set_model(self, model: keras.Model) -> None:
        """Begins the logs anew, unless this is a further phase of the same training."""
        if not any((self._copies / copy_name(part)).exists() for part in PARTS):
            for part in PARTS:
                for path in event_files(Path(self.log_dir) / part):
                    path.unlink()
        super().set_model(model)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Closes the logs and copies them."""
        super().on_train_end(logs)
        for part in PARTS:
            if events := [path.read_bytes() for path in event_files(Path(self.log_dir) / part)]:
                # Files of events are sequences of records: one after the other they are such a file again.
                (self._copies / copy_name(part)).write_bytes(b"".join(events))


def event_files(folder: Path) -> list[Path]:
    """The files of events in a folder, if there is one, in the order they were begun."""
    return sorted(folder.glob(f"{EVENTS}*"))


def copy_name(part: str) -> str:
    """The name of the copy of a part's events.

    Example:
        >>> copy_name("train")
        'tensorboard-train.tfevents'
    """
    return f"tensorboard-{part}.tfevents"
