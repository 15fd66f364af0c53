"""What a fold's callbacks left in its folder, under names for the run store."""

from __future__ import annotations

import itertools
import re
from collections.abc import Container
from pathlib import Path

RESULT = "result.npz"
"""The name of what the harness itself keeps of a fold."""

MEAN_IMAGE = "mean_image.npy"
"""The name of the mean image that a fold subtracted: without it, its saved model cannot be used."""

_LONGEST = 120


def kept_files(directory: Path) -> dict[str, Path]:
    """The files that a fold's callbacks left, those in folders too, under names that the run store takes.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> (folder / "my log.csv").touch()
        >>> list(kept_files(folder))
        ['my_log.csv']
    """
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    # What lies at the top comes first: a checkpoint of ours keeps its name, whatever callbacks leave in folders.
    files.sort(key=lambda path: (path.parent != directory, path.name.startswith(".")))
    kept: dict[str, Path] = {}
    for path in files:
        kept[_free_name("-".join(path.relative_to(directory).parts), {RESULT, *kept})] = path
    return kept


def _free_name(name: str, taken: Container[str]) -> str:
    """The name in the letters that the store takes, numbered where another file has it: "a-b.csv", "a-b-2.csv"."""
    plain = Path(re.sub(r"[^A-Za-z0-9._-]", "_", name)[-_LONGEST:].lstrip(".") or "file")
    numbered = (f"{plain.stem}-{number}{plain.suffix}" for number in itertools.count(2))
    return next(each for each in itertools.chain([plain.name], numbered) if each not in taken)
