"""Finds the data sets: folders with a card in them, shipped ones and the user's own.

Nothing but the standard library is imported here, so that a listing is instant.
"""

from __future__ import annotations

import fnmatch
import os
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from harness.errors import DataError, UnknownNameError

CARD_FILE = "dataset.toml"


class CardSummary(NamedTuple):
    """One line of the listing: what a data set is, without loading it."""

    name: str
    title: str
    task: str
    n: int
    licence: str


def datasets_root() -> Path:
    """Returns the folder of the shipped data sets: in the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_datasets"
    return installed if installed.is_dir() else package.parent / "datasets"


def list_datasets(pattern: str | None = None) -> list[str]:
    """Lists the names of the shipped data sets.

    Args:
        pattern: A shell pattern such as ``"mam*"``; None lists all. Hyphens and underscores are the same.

    Returns:
        The names, sorted.

    Example:
        >>> list_datasets("mam*")
        ['mammography']
    """
    names = sorted(card.parent.name for card in datasets_root().glob(f"*/{CARD_FILE}"))
    return names if pattern is None else fnmatch.filter(names, pattern.replace("-", "_"))


def dataset_summaries(pattern: str | None = None) -> list[CardSummary]:
    """Summarises the cards of the shipped data sets without validating them.

    Args:
        pattern: As for `list_datasets`.

    Returns:
        One summary a data set, sorted by name; ``n`` is 0 where the card does not say.

    Raises:
        DataError: A card is not valid TOML.

    Example:
        >>> dataset_summaries("sonar")[0].n
        208
    """
    return [_summary(datasets_root() / name) for name in list_datasets(pattern)]


def find_folder(name_or_folder: str | os.PathLike[str]) -> Path:
    """Finds the folder of a shipped data set by name, or of any data set by path.

    Args:
        name_or_folder: A name of the registry (it wins), or a folder that holds a ``dataset.toml``.

    Returns:
        The folder.

    Raises:
        UnknownNameError: Neither a data set of that name nor a folder.
        DataError: A folder without a card.
    """
    text = os.fspath(name_or_folder)
    names = list_datasets()
    if text.replace("-", "_") in names:
        return datasets_root() / text.replace("-", "_")
    folder = Path(text)
    if (folder / CARD_FILE).is_file():
        return folder
    if folder.is_dir() and text != folder.name:  # a bare word is a name, whatever folders lie around
        raise DataError(
            f"{folder} is a folder without a {CARD_FILE}: write one there, or name a CSV file and its target"
        )
    raise UnknownNameError("data set", text, names)


def read_toml(path: Path) -> dict[str, Any]:
    """Reads a card as it stands.

    Raises:
        DataError: Not readable, not UTF-8 or not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read as TOML: {error}") from None


def _summary(folder: Path) -> CardSummary:
    card = read_toml(folder / CARD_FILE)
    rows = card.get("rows")
    return CardSummary(
        name=folder.name,
        title=str(card.get("title", "")),
        task=str(card.get("task", "")),
        n=rows if isinstance(rows, int) else 0,
        licence=str(card.get("licence", "not stated")),
    )
