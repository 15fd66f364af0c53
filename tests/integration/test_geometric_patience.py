"""Geometric patience through the harness: it watches the inner validation part, and the best weights are kept."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import harness
from harness.callbacks import geometric_patience
from harness.callbacks.geometric_patience import GeometricPatience
from harness.seeds import FoldKey
from tests.fakes import two_blobs
from zoo.mnist import mnist_softmax

DEFAULTS = {
    "patience": 20,
    "patience_increase": 2,
    "improvement_threshold": 0.995,
    "monitor": None,
    "report": None,
}


def logistic(input_shape: tuple[int, ...]) -> keras.Model:
    model = keras.Sequential([keras.Input(input_shape), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.SGD(0.1), loss="binary_crossentropy", metrics=["accuracy"])
    return model


def test_a_callback_is_given_the_inner_validation_part() -> None:
    X, y = two_blobs()
    seen: list[int] = []

    def callbacks(context: harness.FoldContext) -> list[Any]:
        if context.validation_data is not None:
            seen.append(len(context.validation_data[0]))
        return [GeometricPatience(context.validation_data, patience=7, improvement_threshold=0.1)]

    run = harness.evaluate(logistic, X, y, epochs=50, folds=2, batch_size=8, store=None, callbacks=callbacks)
    assert seen == [4, 4]
    assert run.n_failed == 0
    # Two batches an epoch, and no improvement is great enough to go on beyond the eighth.
    assert run.history.epoch.max() == 3


def test_the_saved_model_is_the_one_that_predicted() -> None:
    X, y = two_blobs()
    run = harness.evaluate(
        logistic, X, y, epochs=3, folds=2, batch_size=8, store=None, early_stopping="geometric", checkpoint="both"
    )
    rows = run.predictions[run.predictions.fold == 0]
    expected = run.models[0].predict(X[rows.row.to_numpy()].astype(np.float32), verbose=0)[:, 0]
    np.testing.assert_allclose(rows["p[yes]"], expected, atol=1e-6)
    # Two batches an epoch: after three of them patience has not run out.
    found = json.loads(run.artifacts(fold=0)["geometric_patience.json"].read_text())
    best = int(np.argmin(run.histories[FoldKey(0, 0)].history["val_loss"]))
    assert found == {
        "best_iteration": 2 * best + 1,
        "best_epoch": best,
        "stopped_iteration": None,
        "validations": 3,
    }
    assert run.stored.folds[0].record["best_epoch"] == best


@pytest.mark.parametrize(
    ("rate", "early_stopping"), [(0.1, "geometric"), (10.0, "geometric"), (0.1, "geometric-error")]
)
def test_both_engines_stop_at_the_same_iteration(
    rate: float, early_stopping: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a patience of 20 batches: at a high rate the loss soon grows, at a low one it falls on and on."""
    monkeypatch.setattr(geometric_patience.GeometricPatienceByEpoch.__init__, "__kwdefaults__", DEFAULTS)

    def build(input_shape: tuple[int, ...]) -> keras.Model:
        model = logistic(input_shape)
        model.compile(keras.optimizers.SGD(rate), loss="binary_crossentropy", metrics=["accuracy"])
        return model

    X, y = two_blobs()
    how: dict[str, Any] = {"epochs": 30, "folds": 2, "batch_size": 8, "early_stopping": early_stopping}
    runs = [harness.evaluate(build, X, y, store=None, engine=engine, **how) for engine in ("fit", "vectorized")]
    for fold in (0, 1):
        found = [run.artifacts(fold=fold)["geometric_patience.json"].read_text() for run in runs]
        assert found[0] == found[1]
    np.testing.assert_allclose(runs[0].predictions["p[yes]"], runs[1].predictions["p[yes]"], atol=1e-5)
    assert [len(run.history) for run in runs[1:]] == [len(runs[0].history)]


def idx(path: Path, offset: int) -> Any:
    return np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8, offset=offset)


@pytest.fixture(scope="module")
def mnist(reference_data: Path) -> tuple[Any, Any]:
    """All 70,000 pictures, pixels from 0 to 255, and labels, the test part last."""
    files = [reference_data / "mnist" / f"{part}-{{}}-ubyte.gz" for part in ("train", "t10k")]
    pixels = [idx(Path(str(file).format("images-idx3")), 16).reshape(-1, 784) for file in files]
    labels = [idx(Path(str(file).format("labels-idx1")), 8) for file in files]
    return np.concatenate(pixels).astype(np.float32), np.concatenate(labels)


WHOLE = 9_600
"""The tutorial leaves out what fills no batch of 600: 800 training rows, 400 to validate, 400 to test."""


def trained_as_there(X: Any, y: Any, validation: int) -> tuple[Any, GeometricPatience]:
    """Whether each test row is misclassified, and what stopped.

    Learning rate 0.13, whole batches of 600 in the order of the file, stopped by the share of wrong answers.
    """
    rows = slice(50_000, 50_000 + validation)
    stop = GeometricPatience((X[rows], y[rows]), patience=5000, monitor="val_zero_one_loss")
    model, train = mnist_softmax(), slice(0, 600 * 83)
    model.fit(X[train], y[train], batch_size=600, epochs=1000, shuffle=False, verbose=0, callbacks=[stop])
    wrong = model.predict(X[60_000:], batch_size=600, verbose=0).argmax(axis=1) != y[60_000:]
    print(
        f"stopped after iteration {stop.stopped_iteration}, best {stop.best_iteration}; test error "
        f"{wrong.mean():.2%} of all rows, {wrong[:WHOLE].mean():.2%} of the first {WHOLE}"
    )
    return wrong, stop


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_mnist_gives_the_very_error_of_the_tutorial(mnist: tuple[Any, Any]) -> None:
    """It reports 74 epochs, 7.50 % wrong to validate and 7.489583 % to test.

    Its file, `mnist.pkl.gz`, holds pixels divided by 256. A transcription to NumPy gives the same iterations.
    """
    X, y = mnist
    wrong, stop = trained_as_there(X / 256, y, WHOLE)
    assert (stop.best_iteration, stop.stopped_iteration) == (6058, 6140)
    assert stop.stopped_iteration // 83 + 1 == 74
    assert stop.best == pytest.approx(0.0750, abs=2 / WHOLE)
    assert wrong[:WHOLE].mean() == pytest.approx(0.07489583, abs=2 / WHOLE)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_mnist_of_all_rows_gives_the_error_of_the_tutorial(mnist: tuple[Any, Any]) -> None:
    X, y = mnist
    wrong, stop = trained_as_there(X / 255, y, 10_000)
    assert stop.stopped_iteration is not None
    assert 0.073 <= wrong.mean() <= 0.077


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_mnist_by_its_recipe_gives_the_error_of_the_tutorial_on_all_test_rows(reference_data: Path) -> None:
    """Rate, batches and rule are the tutorial's; only, the rows are shuffled, and none are left out."""
    data = harness.load_dataset("mnist", data_dir=reference_data)
    run = harness.evaluate("mnist_softmax", dataset=data, store=None, checkpoint="none")
    assert {name: run.manifest["identity"][name] for name in ("epochs", "batch_size", "early_stopping")} == {
        "epochs": 1000,
        "batch_size": 600,
        "early_stopping": "geometric-error",
    }
    table = run.predictions.sort_values("row")
    assert table["row"].tolist() == list(range(60_000, 70_000))
    wrong = (table["y_true"] != table["y_pred"]).to_numpy()
    print(f"{run.history.epoch.max() + 1} epochs: {wrong.mean():.2%}, {wrong[:WHOLE].mean():.2%} of {WHOLE}")
    assert 0.073 <= wrong.mean() <= 0.077
