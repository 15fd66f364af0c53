"""Images from disk train a fold exactly as the array of them does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from harness.data import ImageRows
from harness.engines._array_batches import ArrayBatches
from harness.engines._batches import batches_of, prediction_batch_size
from harness.engines.base import FoldData, FoldFailure, FoldOutcome, FoldTask, Recipe
from harness.engines.fit import FitEngine
from harness.engines.vectorized.engine import why_not
from harness.errors import DataError
from harness.progress import Progress
from harness.seeds import FoldKey, FoldSeeds
from tests.pictures import picture_folder

SIZE = (6, 8)
TRAIN, VAL, TEST = slice(0, 17), slice(17, 22), slice(22, 30)
RECIPE = Recipe(epochs=3, batch_size=5, checkpoint="none", streamed=True)
Y = np.tile(np.array([[0], [1]], np.float32), (15, 1))


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> ImageRows:
    folder = picture_folder(tmp_path_factory.mktemp("pictures"), count=15)
    return ImageRows(sorted(folder.rglob("*.png")), SIZE, budget=0)


def _data(x: Any, *, val: bool = False, weights: bool = False) -> FoldData:
    data = FoldData(x[TRAIN], Y[TRAIN], x[TEST])
    if val:
        data = replace(data, x_val=x[VAL], y_val=Y[VAL])
    weight = np.linspace(0.5, 2, 17, dtype=np.float32) if weights else None
    return replace(data, sample_weight=weight)


def _build(shape: Any) -> keras.Model:
    layers = [keras.layers.Rescaling(1 / 255), keras.layers.Conv2D(3, 3), keras.layers.BatchNormalization()]
    head = [keras.layers.Flatten(), keras.layers.Dropout(0.3), keras.layers.Dense(1, activation="sigmoid")]
    model = keras.Sequential([keras.Input(shape), *layers, *head])
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def _task(folder: Path, prepare: Callable[[], FoldData]) -> FoldTask:
    folder.mkdir()
    key = FoldKey(0, 1)
    return FoldTask(key, FoldSeeds(3, key), prepare, folder)


def _train(data: FoldData, folder: Path, recipe: Recipe = RECIPE) -> Any:
    (result,) = FitEngine().train([_task(folder, lambda: data)], _build, recipe, Progress())
    return result


@pytest.mark.parametrize(
    "case", [{}, {"val": True}, {"weights": True}, {"val": True, "weights": True, "mapped": True}], ids=str
)
def test_images_from_disk_give_the_bits_of_the_array(
    case: dict[str, bool], images: ImageRows, tmp_path: Path
) -> None:
    mapped = case.pop("mapped", False)
    rows = images.map(lambda batch: batch - 100) if mapped else images
    from_disk = _train(_data(rows, **case), tmp_path / "disk")
    from_memory = _train(_data(rows.load(), **case), tmp_path / "memory")
    case |= {"mapped": True} if mapped else {}
    assert isinstance(from_disk, FoldOutcome), from_disk.error
    assert from_disk.history == from_memory.history
    np.testing.assert_array_equal(from_disk.outputs, from_memory.outputs)


def test_early_stopping_and_batch_hooks_work_on_images_from_disk(images: ImageRows, tmp_path: Path) -> None:
    seen: list[int] = []
    hook = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(batch))
    recipe = replace(RECIPE, callbacks=lambda context: [hook], early_stopping=1, epochs=4)
    from_disk, from_memory = (
        _train(_data(x, val=True), tmp_path / name, recipe) for name, x in (("a", images), ("b", images.load()))
    )
    assert from_disk.history == from_memory.history
    assert seen[:4] == [0, 1, 2, 3]


both = pytest.mark.parametrize("form", [batches_of, ArrayBatches])


@both
def test_the_order_is_that_of_the_folds_seeds(form: Any, images: ImageRows, tmp_path: Path) -> None:
    x, seeds = images.load()[TRAIN], FoldSeeds(3, FoldKey(0, 1))
    orders = seeds.batch_orders(17)
    expected = [x[order[i : i + 5]] for order in (next(orders) for _ in range(3)) for i in range(0, 17, 5)]
    batches = form(_task(tmp_path / "fold", lambda: _data(images)), _data(images), RECIPE)
    found = [np.asarray(batch[0]) for batch in batches.training()]
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


@both
def test_batches_are_read_when_they_are_due(form: Any, images: ImageRows, tmp_path: Path) -> None:
    read: list[int] = []
    counted = images.map(lambda batch: read.append(len(batch)) or batch)  # type: ignore[func-returns-value]
    task, recipe = _task(tmp_path / "fold", lambda: _data(counted)), replace(RECIPE, epochs=50)
    batches = form(task, _data(counted), recipe)
    next(iter(batches.training()))
    assert sum(read) <= 5 * 5


def test_a_file_that_is_gone_fails_the_fold_with_its_name(images: ImageRows, tmp_path: Path) -> None:
    paths = picture_folder(tmp_path / "gone", count=15)
    rows = ImageRows(sorted(paths.rglob("*.png")), SIZE, budget=0)
    (paths / "cat" / "0003.png").write_bytes(b"overwritten")
    result = _train(_data(rows), tmp_path / "fold")
    assert isinstance(result, FoldFailure)
    assert isinstance(result.error, DataError)
    assert "cat/0003.png is no JPEG" in str(result.error)


def test_the_vectorized_engine_declines_images_from_disk() -> None:
    assert why_not(_build((6, 8, 3)), RECIPE, []) == "images are read from disk"


@pytest.mark.parametrize(
    ("batch_size", "shape", "rows"),
    [(16, (60,), 256), (600, (784,), 600), (16, (224, 224, 3), 27), (4, (2000, 2000, 3), 4)],
)
def test_large_rows_are_predicted_fewer_at_a_time(batch_size: int, shape: tuple[int, ...], rows: int) -> None:
    assert prediction_batch_size(batch_size, shape) == rows
