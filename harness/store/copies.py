"""The JSON copies beside the database, and the database made again from them.

Each fold's document lies in `folds/<unique_key>.json`, each run's in `runs/<run_id>.json`. They are written
before the row, in its transaction: what was acknowledged is in both places.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from harness.errors import CorruptArtifactError
from harness.store import tables
from harness.store.atomic import write_file
from harness.store.documents import seal, unseal

Document = dict[str, Any]


def run_copy(root: Path, run_id: str) -> Path:
    """Returns where the copy of a run's document lies."""
    return root / "runs" / f"{run_id}.json"


def fold_copy(root: Path, unique_key: str) -> Path:
    """Returns where the copy of a fold's document lies."""
    return root / "folds" / f"{unique_key}.json"


def save_run(database: sqlite3.Connection, root: Path, document: Document, scratch: Path) -> None:
    """Writes a run's row, and its copy with the outcomes of its folds.

    Args:
        database: With a transaction open.
        root: The store's folder.
        document: The run's; `run_id` names it.
        scratch: Folder for the temporary file.
    """
    run_id = document["run_id"]
    sequence = tables.put_run(database, run_id, seal(document))
    outcomes, _ = tables.outcomes(database, run_id)
    copy = seal({**document, "sequence": sequence, "outcomes": outcomes})
    write_file(run_copy(root, run_id), f"{copy}\n".encode(), scratch)


def save_fold(database: sqlite3.Connection, root: Path, document: Document, scratch: Path) -> None:
    """Writes a fold's copy and row; arguments as for `save_run`."""
    sealed = seal(document)
    write_file(fold_copy(root, document["unique_key"]), f"{sealed}\n".encode(), scratch)
    tables.put_fold(database, document["unique_key"], sealed)


def recall_run(database: sqlite3.Connection, root: Path, run_id: str, warnings: list[str]) -> Document | None:
    """Reads a run's document from its row or, where that is missing or damaged, from its copy."""
    row = tables.run_document(database, run_id)
    document = _first_intact(row, f"The database row of run {run_id}", run_copy(root, run_id), warnings)
    return document and _without_outcomes(document)[0]


def recall_fold(database: sqlite3.Connection, root: Path, unique_key: str, warnings: list[str]) -> Document | None:
    """Reads a fold's document from its row or else from its copy, which then becomes the row."""
    row = tables.fold_document(database, unique_key)
    name = f"The database row of fold {unique_key}"
    document = _first_intact(row, name, fold_copy(root, unique_key), warnings)
    if document is not None and row != seal(document):
        tables.put_fold(database, unique_key, seal(document))
    return document


def restore(database: sqlite3.Connection, root: Path, warnings: list[str]) -> tuple[int, int]:
    """Fills the database with what the copies hold; rows without a copy stay.

    Args:
        database: With the tables made and a transaction open.
        root: The store's folder.
        warnings: Gets a line for each copy that is damaged.

    Returns:
        How many runs and how many folds were found.
    """
    folds = list(_documents(root / "folds", warnings))
    tables.remove_damaged_outcomes(database)
    runs = [_without_outcomes(document) for document in _documents(root / "runs", warnings)]
    for document in folds:
        tables.put_fold(database, document["unique_key"], seal(document))
        # Before the runs' own lists: a run killed since its copy was written does not know its last folds.
        outcome = tables.Outcome._make([*document["key"], document["unique_key"], None])
        tables.put_outcome(database, document["run_id"], outcome, keep=True)
    for document, sequence, outcomes in sorted(runs, key=lambda run: (run[1], run[0]["run_id"])):
        tables.put_run(database, document["run_id"], seal(document), sequence)
        for entry in outcomes:
            tables.put_outcome(database, document["run_id"], tables.Outcome._make(entry), keep=True)
    return len(runs), len(folds)


def _without_outcomes(document: Document) -> tuple[Document, int, Sequence[Any]]:
    """Parts a run's copy into its document, its sequence number and what became of its folds."""
    index = {"sequence": 0, "outcomes": (), **document}
    rest = {key: value for key, value in document.items() if key not in ("sequence", "outcomes")}
    return rest, index["sequence"], index["outcomes"]


def _first_intact(row: str | None, name: str, copy: Path, warnings: list[str]) -> Document | None:
    """Reads the row or else the copy, with a warning for each one that is damaged."""
    document = None if row is None else _intact(row, name, warnings)
    return document or _read(copy, warnings)


def _documents(folder: Path, warnings: list[str]) -> Iterator[Document]:
    for path in sorted(folder.glob("*.json")):
        if document := _read(path, warnings):
            yield document


def _read(path: Path, warnings: list[str]) -> Document | None:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        warnings.append(f"{path} cannot be read: {error.strerror}")
        return None
    return _intact(content, str(path), warnings)


def _intact(text: str | bytes, name: str, warnings: list[str]) -> Document | None:
    try:
        return unseal(text, name)
    except CorruptArtifactError as error:
        warnings.append(str(error))
        return None
