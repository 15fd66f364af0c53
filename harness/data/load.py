"""Loads a data set by name or folder, and holds it against its card."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.data.arrays import from_arrays
from harness.data.bundled import load_bundled
from harness.data.cards import Card, default_protocol, get_card, read_card
from harness.data.dataset import Dataset
from harness.data.downloads import locate, verify
from harness.data.generators import generate
from harness.data.image_files import files_below, is_bare_image_folder
from harness.data.images import chosen_labels, from_image_folder, image_dataset
from harness.data.mnist import load_mnist
from harness.data.registry import CARD_FILE, find_folder
from harness.data.sources import (
    CsvSource,
    DownloadSource,
    GeneratorSource,
    ImageArchiveSource,
    ImageFolderSource,
    ImageSize,
    MnistSource,
)
from harness.data.table import from_csv
from harness.errors import DataError, UnknownNameError


def load_dataset(
    name_or_folder: str | os.PathLike[str],
    *,
    data_dir: str | os.PathLike[str] | None = None,
    download: bool | None = None,
    image_size: ImageSize | None = None,
    default_image_size: ImageSize | None = None,
    arguments: Mapping[str, Any] | None = None,
) -> Dataset:
    """Loads a data set and checks it against its card.

    Args:
        name_or_folder: A name of `list_datasets`, a folder that holds a ``dataset.toml``, or a folder with one
            sub-folder of images a class.
        data_dir: Where files that are not shipped are; None: the folder that `prepare` downloads to.
        download: Whether a missing file may be fetched; None: only where the card has no notice to agree to.
        image_size: Height and width of images, in pixels; None: what the card says.
        default_image_size: Where neither `image_size` nor a card says it; None: 224 × 224.
        arguments: What the card leaves to the caller, such as ``{"breeds": ["pug", "beagle"]}``.

    Returns:
        The data set, with its card if it has one.

    Raises:
        UnknownNameError: No data set, or no argument of it, of that name.
        DataError: A malformed card, a file that is missing or not the one described, or data with other counts.

    Example:
        >>> load_dataset("sonar")
        Dataset('sonar', binary, 208 rows × 60, classes 'M' 111, 'R' 97)
    """
    if is_bare_image_folder(name_or_folder):
        _check_arguments(str(name_or_folder), (), arguments)
        return from_image_folder(name_or_folder, image_size=image_size or default_image_size)
    folder = find_folder(name_or_folder)
    card = read_card(folder / CARD_FILE)
    _check_arguments(card.name, argument_names(card), arguments)
    asked = _Asked(data_dir, download, image_size, default_image_size, dict(arguments or {}))
    dataset = _read(card, folder, asked)
    if asked.arguments:
        card = _card_of_choice(card, dataset)
    dataset = dataclasses.replace(dataset, name=card.name, card=card)
    _check_against_card(dataset, card, folder / CARD_FILE)
    return dataset


def dataset_arguments(name_or_folder: str | os.PathLike[str]) -> tuple[str, ...]:
    """The names of the arguments that a data set takes; none where there is no card."""
    return () if is_bare_image_folder(name_or_folder) else argument_names(get_card(name_or_folder))


def argument_names(card: Card) -> tuple[str, ...]:
    """What a card leaves to the caller."""
    return (card.source.argument,) if isinstance(card.source, ImageArchiveSource) else ()


@dataclasses.dataclass(frozen=True)
class _Asked:
    """What the caller asks for, beside the data set itself."""

    data_dir: str | os.PathLike[str] | None
    download: bool | None
    image_size: ImageSize | None
    default_image_size: ImageSize | None
    arguments: dict[str, Any]

    def size(self, on_card: ImageSize | None) -> ImageSize | None:
        return self.image_size or on_card or self.default_image_size


def _read(card: Card, folder: Path, asked: _Asked) -> Dataset:
    source = card.source
    if isinstance(source, ImageFolderSource):
        return from_image_folder(folder / source.folder, image_size=asked.size(source.image_size))
    if isinstance(source, ImageArchiveSource):
        (unpacked,) = locate(card, source, asked.data_dir, asked.download)
        labels = chosen_labels(asked.arguments.get(source.argument, source.default), source.argument, unpacked)
        files = {label: list(files_below(unpacked / label)) for label in labels}
        return image_dataset(files, card.name, unpacked, asked.size(source.image_size))
    if isinstance(source, GeneratorSource):
        return _generated(card, source, folder, asked.image_size)
    if asked.image_size is not None:
        raise DataError(f"{card.name} holds no images to resize; leave out the image size")
    if isinstance(source, MnistSource):
        return load_mnist(locate(card, source, asked.data_dir, asked.download), source)
    if isinstance(source, DownloadSource):
        return _read_csv(card, *locate(card, source, asked.data_dir, asked.download))
    if isinstance(source, CsvSource):
        if source.sha256:
            verify(folder / source.file, source.sha256)
        return _read_csv(card, folder / source.file)
    X, y, names = load_bundled(source.loader)
    return _from_arrays(card, folder, X, y, names)


def _generated(card: Card, source: GeneratorSource, folder: Path, image_size: ImageSize | None) -> Dataset:
    arguments = dict(source.arguments)
    if image_size is not None:
        if "image_size" not in arguments:
            raise DataError(f"{card.name} holds no images to resize; leave out the image size")
        arguments["image_size"] = image_size
    X, y = generate(source.generator, arguments, str(folder / CARD_FILE))
    return _from_arrays(card, folder, X, y, card.features or None)


def _from_arrays(card: Card, folder: Path, X: Any, y: Any, names: Sequence[str] | None) -> Dataset:
    where, groups = str(folder / CARD_FILE), card.protocol.groups
    return from_arrays(
        X, y, task=card.task, groups=groups, feature_names=names, target_names=card.target, where=where
    )


def _check_arguments(name: str, known: Sequence[str], arguments: Mapping[str, Any] | None) -> None:
    for argument in arguments or {}:
        if argument not in known:
            raise UnknownNameError(f"argument of the data set {name}", argument, known)


def _card_of_choice(card: Card, dataset: Dataset) -> Card:
    """The card, with the counts and the metrics of the classes that were chosen."""
    metrics = default_protocol(dataset.task).metrics
    return card.model_copy(
        update={
            "task": dataset.task,
            "rows": dataset.n,
            "classes": {str(label): count for label, count in dataset.class_counts.items()},
            "protocol": card.protocol.model_copy(update={"metrics": metrics}),
        }
    )


def _read_csv(card: Card, path: Path) -> Dataset:
    columns = (*card.features, *card.target) if card.features else ()
    return from_csv(path, card.target, task=card.task, groups=card.protocol.groups, columns=columns)


def _check_against_card(dataset: Dataset, card: Card, path: Path) -> None:
    counts = {str(label): count for label, count in dataset.class_counts.items()}
    checks = (
        ("rows", card.rows, dataset.n),
        ("columns", card.columns, len(dataset.feature_names)),
        ("classes", card.classes, counts),
        ("features", card.features, dataset.feature_names),
        ("target", card.target, dataset.target_names),
    )
    for field, expected, received in checks:
        if expected and expected != received:
            raise DataError(f"{path}: field '{field}' says {expected}, but the data have {received}")
