"""The mean image: of training images only, and the same from disk as from memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone

from harness.data import ImageRows
from harness.data.mean_image import MeanImage
from harness.errors import DataError
from harness.preprocessing import FoldPreprocessor, describe_transformers, resolve_transformers
from tests.pictures import picture_folder


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return sorted(picture_folder(tmp_path_factory.mktemp("pictures"), count=5).rglob("*.png"))


@pytest.mark.parametrize("name", ["mean_image", "mean-image"])
@pytest.mark.parametrize("budget", [0, 2**20])
def test_training_images_have_mean_zero_and_the_others_that_mean_less(
    paths: list[Path], name: str, budget: int
) -> None:
    images = ImageRows(paths, (6, 7), budget=budget)
    array = images.load()
    fold = FoldPreprocessor(resolve_transformers(name))
    fitted = np.asarray(fold.fit_transform(images[:6]))
    np.testing.assert_allclose(fitted, array[:6] - array[:6].mean(axis=0, dtype=np.float64), atol=1e-4)
    np.testing.assert_allclose(np.asarray(fold.transform(images[6:])), array[6:] - array[:6].mean(0), atol=1e-4)


def test_images_on_disk_and_in_memory_give_the_same_bits(paths: list[Path]) -> None:
    images = ImageRows(paths, (6, 7))
    from_disk, from_memory = MeanImage().fit(images), MeanImage().fit(images.load())
    np.testing.assert_array_equal(from_disk.mean_, from_memory.mean_)
    np.testing.assert_array_equal(np.asarray(from_disk.transform(images)), from_memory.transform(images.load()))


@pytest.mark.parametrize(("budget", "kind"), [(0, ImageRows), (2**20, np.ndarray)])
def test_images_stay_on_disk_where_they_do_not_fit_into_memory(paths: list[Path], budget: int, kind: type) -> None:
    images = ImageRows(paths, (6, 7), budget=budget)
    fold = FoldPreprocessor(resolve_transformers("mean_image"))
    assert isinstance(fold.fit_transform(images[:5]), kind)
    assert isinstance(fold.transform(images[5:]), kind)


def test_it_is_a_scikit_learn_transformer_that_describes_itself() -> None:
    assert describe_transformers([clone(MeanImage())]) == ["MeanImage()"]


@pytest.mark.parametrize("call", ["fit", "transform"])
def test_transformers_of_tables_refuse_images_on_disk(paths: list[Path], call: str) -> None:
    fold = FoldPreprocessor(resolve_transformers("standardize"))
    with pytest.raises(DataError, match="StandardScaler cannot transform images on disk; 'mean_image' can"):
        getattr(fold, call)(ImageRows(paths, (6, 7)))
