from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from harness.callbacks.tensorboard_logs import TensorBoardLogs, event_files
from harness.engines.fit import _watches_batches

X, Y = np.ones((8, 2), np.float32), np.ones((8, 1), np.float32)


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    folder = tmp_path / "copies"
    folder.mkdir()
    return folder


def fit(callback: TensorBoardLogs, y: np.ndarray = Y) -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="sgd")
    model.fit(X, y, epochs=2, verbose=0, callbacks=[callback])


def tags(path: Path) -> list[str]:
    records = (tf.compat.v1.Event.FromString(record.numpy()) for record in tf.data.TFRecordDataset(str(path)))
    return [value.tag for event in records for value in event.summary.value]


def test_an_epoch_runs_without_returning_to_python() -> None:
    assert not _watches_batches(TensorBoardLogs("logs", "copies"))
    assert _watches_batches(keras.callbacks.TensorBoard("logs"))


def test_the_copy_is_what_was_logged(tmp_path: Path, copies: Path) -> None:
    fit(TensorBoardLogs(tmp_path / "logs", copies))
    (logged,) = event_files(tmp_path / "logs" / "train")
    assert [path.name for path in copies.iterdir()] == ["tensorboard-train.tfevents"]
    assert tags(copies / "tensorboard-train.tfevents") == tags(logged)
    assert tags(logged).count("epoch_loss") == 2


def test_earlier_events_are_removed_and_nothing_else(tmp_path: Path, copies: Path) -> None:
    folder = tmp_path / "logs" / "train"
    folder.mkdir(parents=True)
    (folder / "events.out.tfevents.1.old").touch()
    (folder / "notes.txt").touch()
    fit(TensorBoardLogs(tmp_path / "logs", copies))
    assert not (folder / "events.out.tfevents.1.old").exists()
    assert (folder / "notes.txt").exists()


def test_a_second_phase_goes_on_with_the_logs(tmp_path: Path, copies: Path) -> None:
    for _ in range(2):
        fit(TensorBoardLogs(tmp_path / "logs", copies))
    assert tags(copies / "tensorboard-train.tfevents").count("epoch_loss") == 4


def test_weights_that_are_no_numbers_are_logged_too(tmp_path: Path, copies: Path) -> None:
    fit(TensorBoardLogs(tmp_path / "logs", copies), np.full_like(Y, np.inf))
    assert tags(copies / "tensorboard-train.tfevents").count("epoch_loss") == 2
