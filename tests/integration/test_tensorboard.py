"""Logs for TensorBoard, read back with TensorFlow: what training reported of every fold, interrupted or not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.model_selection import StratifiedKFold

import harness
from harness.errors import EngineError, UsageError
from harness.seeds import FoldKey
from tests.fakes import two_blobs

X, Y = two_blobs(40)
PAIRS = list(StratifiedKFold(2, shuffle=True, random_state=0).split(X, Y))
FOLDERS = {f"repeat_0_fold_{fold}/{part}" for fold in (0, 1) for part in ("train", "validation")}


def evaluate(store: Path, *, x: Any = X, model: Any = "sonar_baseline", **settings: Any) -> harness.Run:
    settings = {"epochs": 3, "inner_val": 0.25, "tensorboard": store / "logs", "cv": PAIRS, **settings}
    return harness.evaluate(model, x, Y, store=store / "runs", **settings)


def events(folder: Path) -> Iterator[tuple[int, Any]]:
    """Step and value of everything that TensorBoard would find in a folder."""
    (path,) = folder.glob("*tfevents*")
    for record in tf.data.TFRecordDataset(str(path)):
        event = tf.compat.v1.Event.FromString(record.numpy())
        yield from ((event.step, value) for value in event.summary.value)


def tensors(folder: Path, kind: str) -> dict[str, list[Any]]:
    """What was logged for one of TensorBoard's tabs: for every name its values, one an epoch."""
    found: dict[str, list[Any]] = {}
    for step, value in events(folder):
        if value.metadata.plugin_data.plugin_name == kind or (found.get(value.tag) and kind == "scalars"):
            found.setdefault(value.tag, []).append((step, tf.make_ndarray(value.tensor)))
    return found


def parts(logs: Path) -> set[str]:
    return {path.parent.relative_to(logs).as_posix() for path in logs.rglob("*tfevents*")}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logged")


@pytest.fixture(scope="module")
def run(store: Path) -> harness.Run:
    return evaluate(store)


@pytest.fixture
def logs(store: Path, run: harness.Run) -> Path:
    return store / "logs" / run.id


def test_every_fold_has_a_folder_with_training_and_validation(logs: Path) -> None:
    assert parts(logs) == FOLDERS


@pytest.mark.parametrize(("part", "prefix"), [("train", ""), ("validation", "val_")])
def test_scalars_are_those_of_the_history(logs: Path, run: harness.Run, part: str, prefix: str) -> None:
    for fold in (0, 1):
        logged = tensors(logs / f"repeat_0_fold_{fold}" / part, "scalars")
        history = run.histories[FoldKey(0, fold)].history
        for name in ("loss", "accuracy"):
            values = [float(value) for _, value in logged[f"epoch_{name}"]]
            assert values == pytest.approx(history[f"{prefix}{name}"])
            assert [step for step, _ in logged[f"epoch_{name}"]] == [0, 1, 2]


def test_the_last_histogram_is_that_of_the_saved_weights(logs: Path, run: harness.Run) -> None:
    model = run.models[0]
    logged = tensors(logs / "repeat_0_fold_0" / "train", "histograms")
    assert len(logged) == len(model.weights)
    kernel = model.layers[-1].kernel
    name = next(tag for tag in logged if tag.endswith(f"{model.layers[-1].name}/kernel/histogram"))
    step, buckets = logged[name][-1]  # rows of left edge, right edge and count
    weights = np.asarray(kernel)
    assert step == 2
    assert buckets[:, 2].sum() == weights.size
    assert (buckets[0, 0], buckets[-1, 1]) == pytest.approx((weights.min(), weights.max()))


def test_the_graph_names_the_layers(logs: Path, run: harness.Run) -> None:
    ((_, graph),) = tensors(logs / "repeat_0_fold_1" / "train", "graph_keras_model")["keras"]
    assert all(layer.name in str(graph) for layer in run.models[1].layers)


def test_the_run_says_why_the_fit_engine_trains(run: harness.Run) -> None:
    assert run.engine == "fit"
    assert any("for the callback TensorBoardLogs is called by model.fit only" in note for note in run.notes)


def test_logging_changes_nothing(run: harness.Run, tmp_path: Path) -> None:
    silent = evaluate(tmp_path, tensorboard=None, engine="fit")
    assert silent.predictions.equals(run.predictions)
    assert silent.history.drop(columns="run").equals(run.history.drop(columns="run"))
    assert silent.id != run.id


def test_the_vectorized_engine_cannot_log(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"TensorBoardLogs is called by model.fit only; use engine='fit'"):
        evaluate(tmp_path, engine="vectorized")


def test_test_rows_leave_no_trace(run: harness.Run, logs: Path, tmp_path: Path) -> None:
    poisoned = X.copy()
    poisoned[PAIRS[1][1]] = 1e4
    other = evaluate(tmp_path, x=poisoned, preprocessing=None)
    clean = evaluate(tmp_path, preprocessing=None)
    ours, theirs = (
        [(step, value) for part in ("train", "validation") for step, value in events(folder / part)]
        for folder in (tmp_path / "logs" / each.id / "repeat_0_fold_1" for each in (clean, other))
    )
    assert len(ours) > 10
    assert ours == theirs


def test_folds_that_are_taken_over_get_their_logs_back(run: harness.Run, logs: Path, store: Path) -> None:
    scalars = tensors(logs / "repeat_0_fold_0" / "train", "scalars")
    shutil.rmtree(logs.parent)
    again = evaluate(store, tensorboard=store / "elsewhere")
    shutil.copytree(store / "elsewhere", logs.parent)
    assert again.id == run.id
    assert parts(logs) == FOLDERS
    assert tensors(logs / "repeat_0_fold_0" / "train", "scalars") == scalars


def test_logs_are_kept_with_the_fold(run: harness.Run) -> None:
    assert {"tensorboard-train.tfevents", "tensorboard-validation.tfevents"} <= set(run.artifacts(fold=1))


class Interrupting(keras.callbacks.Callback):  # type: ignore[misc]
    """Interrupts the second fold after its second epoch, once."""

    armed = True

    def __init__(self, fold: int) -> None:
        super().__init__()
        self.fold = fold

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if Interrupting.armed and (self.fold, epoch) == (1, 1):
            Interrupting.armed = False
            raise KeyboardInterrupt


def test_an_interrupted_fold_logs_anew(tmp_path: Path) -> None:
    def callbacks(context: harness.FoldContext) -> list[Any]:
        return [Interrupting(context.key.fold)]

    with pytest.raises(KeyboardInterrupt):
        evaluate(tmp_path, callbacks=callbacks)
    (folder,) = (tmp_path / "logs").iterdir()
    assert (folder / "repeat_0_fold_1" / "train").is_dir()
    resumed = evaluate(tmp_path, callbacks=callbacks)
    assert folder.name == resumed.id
    assert parts(folder) == FOLDERS
    losses = tensors(folder / "repeat_0_fold_1" / "train", "scalars")["epoch_loss"]
    assert [step for step, _ in losses] == [0, 1, 2]


def test_a_folder_that_cannot_be_made_is_refused_before_training(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    with pytest.raises(UsageError, match=r"Cannot log to .*logs.*name another folder"):
        evaluate(tmp_path)
