"""Folders of photographs through a whole evaluation, and the memory that takes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import harness
from harness.data import from_arrays, from_image_folder, image_rows
from tests.pictures import noise, picture_folder, save


def small_cnn(input_shape: tuple[int, ...], classes: int = 2) -> keras.Model:
    layers = [keras.layers.Conv2D(4, 3, activation="relu"), keras.layers.GlobalAveragePooling2D()]
    head = [keras.layers.Dropout(0.2), keras.layers.Dense(classes, activation="softmax")]
    model = keras.Sequential(
        [keras.Input(input_shape), keras.layers.Rescaling(1 / 128, offset=-1), *layers, *head]
    )
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
    return model


def frozen_cnn(input_shape: tuple[int, ...], classes: int = 2) -> keras.Model:
    """A base that is frozen, of 64 numbers an image, and the same in every fold."""
    filters = keras.layers.Conv2D(64, 3, strides=8, kernel_initializer="ones", activation="relu")
    base = keras.Sequential(
        [keras.Input(input_shape), filters, keras.layers.GlobalAveragePooling2D()], name="base"
    )
    base.trainable = False
    model = keras.Sequential([keras.Input(input_shape), base, keras.layers.Dense(classes, activation="softmax")])
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
    return model


def _evaluate(dataset: Any, **settings: Any) -> harness.Run:
    asked = {
        "epochs": 2,
        "batch_size": 8,
        "folds": 2,
        "preprocessing": "mean_image",
        "early_stopping": 2,
        **settings,
    }
    return harness.evaluate(small_cnn, dataset=dataset, store=None, **asked)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return picture_folder(tmp_path / "pets", count=12)


def test_streamed_images_give_the_scores_of_the_array(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_memory = from_image_folder(folder, image_size=(10, 12))
    array = from_arrays(np.asarray(in_memory.X), in_memory.y)
    monkeypatch.setattr(image_rows, "MEMORY_BUDGET", 0)
    streamed = from_image_folder(folder, image_size=(10, 12))
    runs = [_evaluate(streamed), *(_evaluate(data, engine="fit") for data in (in_memory, array))]
    records = [run.to_dict() for run in runs]
    assert "near_duplicates" not in str(records[0]["warnings"])
    for metric in records[0]["metrics"]:
        scores = [record["metrics"][metric]["scores"] for record in records]
        assert scores[0] == scores[1] == scores[2]
    assert "images are read from disk" in str(records[0]["notes"])


def test_copies_stay_on_one_side(folder: Path) -> None:
    for i in range(6):
        save(folder / "cat" / f"copy{i}.jpg", np.asarray(noise(i)), quality=80)
    data = from_image_folder(folder, image_size=(10, 12))
    run = _evaluate(data, groups="duplicates", early_stopping=None)
    assert "near_duplicates: 12 of 30 images look like another one, in 6 sets" in str(run.to_dict()["warnings"])
    originals, copies = np.arange(6), np.arange(12, 18)
    for _, rows in run.predictions.groupby("fold")["row"]:
        assert np.isin(originals, rows).tolist() == np.isin(copies, rows).tolist()


PEAK = """
import json, os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import harness
from harness.data import from_image_folder
from harness.memory import peak_memory
from tests.integration import test_images
folder, model = sys.argv[1:]
data = from_image_folder(folder, image_size=(192, 192))
mean = "mean_image" if model == "small_cnn" else None
run = harness.evaluate(getattr(test_images, model), dataset=data, store=None, cv="holdout", test_size=0.5,
                       epochs=2, batch_size=16, preprocessing=mean, early_stopping=2, checkpoint="none")
peak = peak_memory() / 2**20
print(json.dumps({"megabytes": peak, "images": data.n, "all": data.X.nbytes / 2**20, "engine": run.engine}))
"""


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("model", "engine"), [("small_cnn", "fit"), ("frozen_cnn", "frozen")])
def test_memory_does_not_grow_with_the_number_of_images(tmp_path: Path, model: str, engine: str) -> None:
    """Features are kept in memory by the frozen engine: here 256 bytes an image."""
    peaks = {}
    for count in (200, 2000):
        folder = picture_folder(tmp_path / str(count), count=count // 2, height=40, width=50)
        words = [sys.executable, "-c", PEAK, str(folder), model]
        done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=Path.cwd())
        peaks[count] = json.loads(done.stdout.splitlines()[-1])
    print(peaks)
    assert {peak["engine"] for peak in peaks.values()} == {engine}
    assert peaks[2000]["all"] > 800
    assert peaks[2000]["megabytes"] < peaks[200]["megabytes"] + 80


def test_a_fold_keeps_the_mean_image_that_its_model_wants_subtracted(folder: Path) -> None:
    dataset = from_image_folder(folder, image_size=(10, 12))
    run, images = _evaluate(dataset, early_stopping=None), np.asarray(dataset.X, dtype=np.float32)
    for fold in (0, 1):
        tested = run.predictions[run.predictions.fold == fold]
        mean = np.load(run.artifacts(fold=fold)["mean_image.npy"])
        np.testing.assert_allclose(mean, np.delete(images, tested.row, axis=0).mean(axis=0), atol=1e-3)
        np.testing.assert_array_equal(run.models.mean_image(fold), mean)
        said = run.models[fold].predict(images[tested.row] - mean, verbose=0)
        np.testing.assert_allclose(tested[["p[cat]", "p[dog]"]], said, atol=1e-6)
    without = _evaluate(dataset, epochs=1, early_stopping=None, preprocessing=None)
    assert without.models.mean_image(0) is None
