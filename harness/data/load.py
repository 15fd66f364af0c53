"""Loads a data set by name or folder, and holds it against its card."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from harness.data.arrays import from_arrays
from harness.data.bundled import load_bundled
from harness.data.cards import Card, CsvSource, DownloadSource, GeneratorSource, read_card
from harness.data.dataset import Dataset
from harness.data.downloads import locate, verify
from harness.data.generators import generate
from harness.data.registry import CARD_FILE, find_folder
from harness.data.table import from_csv
from harness.errors import DataError


def load_dataset(
    name_or_folder: str | os.PathLike[str],
    *,
    data_dir: str | os.PathLike[str] | None = None,
    download: bool | None = None,
) -> Dataset:
    """Loads a data set and checks it against its card.

    Args:
        name_or_folder: A name of `list_datasets`, or a folder that holds a ``dataset.toml``.
        data_dir: Where files that are not shipped are; None: the folder that `prepare` downloads to.
        download: Whether a missing file may be fetched; None: only where the card has no notice to agree to.

    Returns:
        The data set, with its card.

    Raises:
        UnknownNameError: No data set of that name.
        DataError: A malformed card, a file that is missing or not the one described, or data with other counts.

    Example:
        >>> load_dataset("sonar")
        Dataset('sonar', binary, 208 rows × 60, classes 'M' 111, 'R' 97)
    """
    folder = find_folder(name_or_folder)
    card = read_card(folder / CARD_FILE)
    dataset = dataclasses.replace(_read(card, folder, data_dir, download), name=card.name, card=card)
    _check_against_card(dataset, card, folder / CARD_FILE)
    return dataset


def _read(card: Card, folder: Path, data_dir: str | os.PathLike[str] | None, download: bool | None) -> Dataset:
    source = card.source
    where = str(folder / CARD_FILE)
    if isinstance(source, CsvSource):
        if source.sha256:
            verify(folder / source.file, source.sha256)
        return _read_csv(card, folder / source.file)
    if isinstance(source, DownloadSource):
        return _read_csv(card, locate(card, source, data_dir, download))
    if isinstance(source, GeneratorSource):
        X, y = generate(source.generator, source.arguments, where)
        names = card.features or None
    else:
        X, y, names = load_bundled(source.loader)
    groups = card.protocol.groups
    return from_arrays(
        X, y, task=card.task, groups=groups, feature_names=names, target_names=card.target, where=where
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
