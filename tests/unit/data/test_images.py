"""A folder of images as a data set."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from harness.data import audit, duplicate_groups, from_image_folder, load_dataset
from harness.data.images import chosen_labels
from harness.errors import DataError, UnknownNameError
from tests.pictures import noise, picture_folder, save


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return picture_folder(tmp_path / "pets", ("dog", "cat", "bird"), count=3)


def test_labels_and_files_are_those_keras_finds(folder: Path) -> None:
    data = from_image_folder(folder, image_size=(8, 8))
    theirs = keras.utils.image_dataset_from_directory(folder, shuffle=False, image_size=(8, 8), verbose=False)
    assert data.X.paths.tolist() == theirs.file_paths
    assert list(data.classes) == theirs.class_names
    labels = np.concatenate([label.numpy() for _, label in theirs])
    assert data.y.tolist() == [theirs.class_names[label] for label in labels]


def test_everything_about_the_data_is_told(folder: Path) -> None:
    data = from_image_folder(folder, image_size=(8, 10))
    assert (data.name, data.task, data.n, data.input_shape) == ("pets", "multiclass", 9, (8, 10, 3))
    assert (data.feature_names, data.target_names, data.categorical) == ((), ("class",), ())
    assert data.notes == ("9 images of 3 classes, resized to 8 × 10 pixels.",)


def test_two_classes_are_a_binary_task(tmp_path: Path) -> None:
    data = from_image_folder(picture_folder(tmp_path, count=1), name="two")
    assert (data.task, data.name, data.input_shape) == ("binary", "two", (224, 224, 3))


def test_hidden_files_and_what_browsers_leave_are_passed_over(folder: Path) -> None:
    for name in (".DS_Store", "cat/.hidden.png", "cat/Thumbs.db", ".git/config", "dog/.thumbs/0.png"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("nothing")
    (folder / "README.txt").write_text("about the classes")
    assert from_image_folder(folder, image_size=(8, 8)).n == 9


def test_images_in_deeper_folders_belong_to_the_class(folder: Path) -> None:
    save(folder / "cat" / "indoors" / "x.png", noise(77))
    assert from_image_folder(folder, image_size=(8, 8)).class_counts == {"bird": 3, "cat": 4, "dog": 3}


def test_linked_images_are_read_and_linked_folders_below_a_class_are_not(folder: Path, tmp_path: Path) -> None:
    outside = save(tmp_path / "elsewhere" / "x.png", noise(77))
    (folder / "cat" / "link.png").symlink_to(outside)
    (folder / "cat" / "folder").symlink_to(outside.parent)
    assert from_image_folder(folder, image_size=(8, 8)).class_counts["cat"] == 4


def test_files_that_are_no_images_are_counted_and_named_in_one_line(folder: Path) -> None:
    whole = (folder / "dog" / "0000.png").read_bytes()
    (folder / "cat" / "empty.jpg").touch()
    (folder / "cat" / "notes.txt").write_text("about the cats")
    (folder / "dog" / "half.png").write_bytes(whole[: len(whole) // 2])
    for i in range(4):
        (folder / "dog" / f"z{i}.png").write_bytes(b"x")
    with pytest.raises(DataError) as caught:
        from_image_folder(folder)
    message = str(caught.value)
    assert "\n" not in message
    assert "7 of 16 files are no usable images: cat/empty.jpg is empty; cat/notes.txt is no JPEG" in message
    assert "dog/half.png cannot be decoded" in message
    assert message.endswith("; and 2 more; mend or remove them")


def _nothing(folder: Path) -> None:
    shutil.rmtree(folder)


def _one_class(folder: Path) -> None:
    shutil.rmtree(folder / "cat")
    shutil.rmtree(folder / "dog")


def _empty_class(folder: Path) -> None:
    (folder / "fish").mkdir()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_nothing, "is no folder; expected one with a sub-folder of images for each class"),
        (_one_class, "has 1 sub-folders; .*at least two"),
        (_empty_class, "the class folder 'fish' is empty"),
    ],
)
def test_folders_that_are_no_data_set_are_refused(folder: Path, change: Any, reason: str) -> None:
    change(folder)
    with pytest.raises(DataError, match=reason):
        from_image_folder(folder)


@pytest.mark.parametrize("size", [(0, 8), (8,), (8, 5000), (8.0, 8)])
def test_a_size_out_of_range_is_refused(folder: Path, size: Any) -> None:
    with pytest.raises(DataError, match="image_size is height and width"):
        from_image_folder(folder, image_size=size)


def test_the_digest_is_of_files_labels_and_size_but_not_of_places(folder: Path, tmp_path: Path) -> None:
    digest = from_image_folder(folder, image_size=(8, 8)).sha256
    assert from_image_folder(folder, image_size=(8, 9)).sha256 != digest
    moved = shutil.copytree(folder, tmp_path / "moved")
    assert from_image_folder(moved, image_size=(8, 8)).sha256 == digest
    save(moved / "cat" / "0000.png", noise(99))
    assert from_image_folder(moved, image_size=(8, 8)).sha256 != digest


def test_a_folder_is_a_data_sets_name(folder: Path) -> None:
    data = load_dataset(folder, default_image_size=(9, 9))
    assert (data.input_shape, data.card) == ((9, 9, 3), None)
    assert load_dataset(str(folder), image_size=(8, 8), default_image_size=(9, 9)).input_shape == (8, 8, 3)


def test_a_folder_takes_no_arguments(folder: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown argument of the data set .* 'breeds'"):
        load_dataset(folder, arguments={"breeds": ["a"]})


def test_a_card_may_describe_a_folder(folder: Path) -> None:
    (folder.parent / "dataset.toml").write_text("""
        name = "my_pets"
        task = "multiclass"
        target = "class"
        classes = { bird = 3, cat = 3, dog = 3 }
        protocol = { cv = "stratified", folds = 3 }
        source = { kind = "image_folder", folder = "pets", image_size = [6, 7] }
    """)
    data = load_dataset(folder.parent, default_image_size=(9, 9))
    assert (data.name, data.input_shape) == ("my_pets", (6, 7, 3))
    assert load_dataset(folder.parent, image_size=(8, 8)).input_shape == (8, 8, 3)


def test_copies_are_found_however_they_were_saved(folder: Path) -> None:
    pixels = noise(5, 60, 80)
    save(folder / "cat" / "x.png", pixels)
    save(folder / "cat" / "y.jpg", pixels, quality=60)
    save(folder / "dog" / "z.bmp", np.clip(pixels[::2, ::2] * 1.03, 0, 255).astype(np.uint8))
    data = from_image_folder(folder, image_size=(8, 8))
    found = {finding.code: finding for finding in audit(data)}
    assert set(found) == {"few_rows", "rare_class", "near_duplicates", "contradicting_labels"}
    assert found["near_duplicates"].message == (
        "3 of 12 images look like another one, in 1 set of near-duplicates; "
        "the largest: 'cat/x.png', 'cat/y.jpg', 'dog/z.bmp'."
    )
    assert "--groups duplicates" in found["near_duplicates"].advice
    assert "images that look alike have different labels" in found["contradicting_labels"].message
    groups = duplicate_groups(data.X)
    assert len(set(groups[[6, 7, 11]].tolist())) == 1
    assert len(set(groups.tolist())) == 10


@pytest.mark.parametrize("chosen", ["Shiba Inu,pug", ["shiba-inu", "pug"], ("pug", "shiba_inu", "pug")])
def test_classes_are_chosen_by_name(tmp_path: Path, chosen: Any) -> None:
    for name in ("beagle", "pug", "shiba_inu"):
        (tmp_path / name).mkdir()
    assert chosen_labels(chosen, "breeds", tmp_path) == ["pug", "shiba_inu"]


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [("pug,poodel", "Unknown breeds 'poodel'. Did you mean 'poodle'"), ("pug", "two names or more"), (3, "names")],
)
def test_classes_that_cannot_be_chosen_are_refused(tmp_path: Path, chosen: Any, reason: str) -> None:
    for name in ("poodle", "pug"):
        (tmp_path / name).mkdir()
    with pytest.raises(DataError if "Unknown" not in reason else UnknownNameError, match=reason):
        chosen_labels(chosen, "breeds", tmp_path)
