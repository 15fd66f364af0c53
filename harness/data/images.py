"""Makes a data set of a folder of images, one sub-folder a class."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.data.dataset import Dataset
from harness.data.image_files import class_folders, files_below, unusable_message
from harness.errors import DataError, UnknownNameError

IMAGE_SIZE = (224, 224)
"""Height and width that images are resized to where nobody says: what most networks for photographs take."""

_MOST_SIDE = 4096


def from_image_folder(
    path: str | os.PathLike[str], *, image_size: tuple[int, int] | None = None, name: str | None = None
) -> Dataset:
    """Makes a data set of a folder with one sub-folder a class, laid out as for `image_dataset_from_directory`.

    Every file is decoded once to see that it can be. Training then reads the images from disk as it needs them,
    resized to one size whatever their proportions; where all of them fit into 64 MiB they are kept in memory.
    Hidden files are passed over, linked files are read, linked folders within a class are not entered.

    Args:
        path: The folder; the names of its sub-folders are the labels. JPEG, PNG, GIF (first frame), BMP, WebP.
        image_size: Height and width to resize to, in pixels; None: 224 × 224.
        name: What messages and runs call the data; None: the folder's name.

    Returns:
        The data set; ``X`` is an `ImageRows` of float32 pixels from 0 to 255, in the order of the file names.

    Raises:
        DataError: Not a folder, fewer than two classes, a class without files, or files that are no readable
            images (all are counted, the first few named).

    Example:
        >>> data = from_image_folder("photographs", image_size=(96, 96))  # doctest: +SKIP
        >>> data.X.shape, data.classes  # doctest: +SKIP
        ((360, 96, 96, 3), ('conference', 'orange', 'satsumas', 'watermelon'))
    """
    folder = Path(path)
    files = _files_of_classes(folder)
    return image_dataset(files, name or folder.resolve().name, folder, image_size)


def image_dataset(
    files: Mapping[str, Sequence[Path]], name: str, folder: Path, image_size: tuple[int, int] | None = None
) -> Dataset:
    """Makes a data set of image files by label, and checks them.

    Args:
        files: The files of each label.
        name: What messages and runs call the data.
        folder: Where the files are; messages name them from there.
        image_size: As for `from_image_folder`.

    Raises:
        DataError: As for `from_image_folder`.
    """
    import numpy as np

    from harness.data.image_rows import ImageRows

    size = _checked_size(image_size or IMAGE_SIZE)
    images = ImageRows([path for paths in files.values() for path in paths], size)
    if unusable := images.unusable():
        raise DataError(f"{unusable_message(folder, len(images), unusable)}; mend or remove them")
    labels = np.repeat(np.array(list(files), dtype=np.str_), [len(paths) for paths in files.values()])
    labels.setflags(write=False)
    return Dataset(
        name=name,
        X=images,
        y=labels,
        task="binary" if len(files) == 2 else "multiclass",
        feature_names=(),
        target_names=("class",),
        notes=(f"{len(images)} images of {len(files)} classes, resized to {size[0]} × {size[1]} pixels.",),
    )


def _files_of_classes(folder: Path) -> dict[str, list[Path]]:
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder; expected one with a sub-folder of images for each class")
    files = {each.name: list(files_below(each)) for each in class_folders(folder)}
    if len(files) < 2:
        raise DataError(
            f"{folder} has {len(files)} sub-folders; expected one of images for each class, at least two"
        )
    for label, paths in files.items():
        if not paths:
            raise DataError(f"{folder}: the class folder '{label}' is empty; put images in it or remove it")
    return files


def chosen_labels(chosen: object, argument: str, folder: Path) -> list[str]:
    """The labels that a caller names, as a list or in one text with commas.

    Args:
        chosen: Names of class folders; capitals, spaces and hyphens do not matter.
        argument: What the caller passed them as.
        folder: Where the class folders are.

    Returns:
        Their names, sorted.

    Raises:
        UnknownNameError: No class of that name.
        DataError: Fewer than two.
    """
    words = chosen.split(",") if isinstance(chosen, str) else chosen
    if not isinstance(words, list | tuple) or not all(isinstance(word, str) for word in words):
        raise DataError(f"{argument} takes names, as in {argument}=one,another. Received: {chosen!r}")
    names = {re.sub(r"[\s-]+", "_", word.strip().lower()) for word in words if word.strip()}
    known = [path.name for path in class_folders(folder)]
    for name in sorted(names):
        if name not in known:
            raise UnknownNameError(argument, name, known)
    if len(names) < 2:
        raise DataError(f"{argument} takes two names or more. Received: {chosen!r}")
    return sorted(names)


def _checked_size(size: tuple[int, int]) -> tuple[int, int]:
    if len(size) != 2 or not all(isinstance(side, int) and 1 <= side <= _MOST_SIDE for side in size):
        raise DataError(f"image_size is height and width, each from 1 to {_MOST_SIDE}. Received: {size}")
    return size
