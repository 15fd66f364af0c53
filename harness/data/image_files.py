"""The files of a folder of images: which there are, and whether each can be read, before anything is trained."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from harness.data.decoding import SUFFIXES
from harness.data.registry import CARD_FILE, list_datasets
from harness.errors import DataError

# What file browsers leave behind, beside files whose names begin with a dot.
_LITTER = {"thumbs.db", "desktop.ini"}
_MOST_NAMED = 5


def class_folders(folder: Path) -> list[Path]:
    """The sub-folders that are not hidden, sorted by name: one a class.

    Raises:
        DataError: The folder cannot be read.
    """
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir() and not _is_hidden(path.name))
    except OSError as error:
        raise DataError(f"{folder} cannot be read: {error.strerror}") from None


def is_image_folder(folder: Path) -> bool:
    """Whether a folder has a sub-folder in which a file is named like an image."""
    return folder.is_dir() and any(
        path.suffix.lower() in SUFFIXES for each in class_folders(folder) for path in files_below(each)
    )


def is_bare_image_folder(name_or_folder: str | os.PathLike[str]) -> bool:
    """Whether this is a folder of images by class, and neither a registered name nor a folder with a card."""
    text = os.fspath(name_or_folder)
    if text.replace("-", "_") in list_datasets() or (Path(text) / CARD_FILE).is_file():
        return False
    return is_image_folder(Path(text))


def files_below(folder: Path) -> Iterator[Path]:
    """Every file at any depth that is not hidden, in the order of their names; linked folders are not entered."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        yield from (Path(parent, name) for name in sorted(names) if not _is_hidden(name))


def unusable_message(folder: Path, count: int, unusable: dict[str, str]) -> str:
    """Says in one line which of `count` files are no readable images, and why; the first few are named."""
    named = [f"{Path(path).relative_to(folder)} {reason}" for path, reason in unusable.items()]
    more = f"; and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    files = f"{len(named)} of {count} files " + (
        "is no usable image" if len(named) == 1 else "are no usable images"
    )
    return f"{folder}: {files}: {'; '.join(named[:_MOST_NAMED])}{more}"


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name.lower() in _LITTER
