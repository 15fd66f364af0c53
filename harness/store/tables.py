"""The tables of the store's database, and the statements that read and write them.

`runs` and `folds` hold one sealed document each, so a damaged row is found when it is read; `outcomes` says
what became of each fold of a run: finished (its unique key) or failed (its error).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

FoldIndex = tuple[int, int, int]

VERSION = 1

_SCHEMA = """
CREATE TABLE runs (
    sequence INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL
);
CREATE TABLE folds (
    unique_key TEXT PRIMARY KEY,
    document TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE outcomes (
    run_id TEXT NOT NULL,
    repeat INTEGER NOT NULL,
    fold INTEGER NOT NULL,
    init INTEGER NOT NULL,
    unique_key TEXT,
    error TEXT,
    PRIMARY KEY (run_id, repeat, fold, init),
    CHECK ((unique_key IS NULL) <> (error IS NULL))
) WITHOUT ROWID;
"""


class RunRow(NamedTuple):
    """A row of `runs` with the number of its outcomes."""

    sequence: int
    run_id: str
    document: str
    folds: int
    failed: int


class Outcome(NamedTuple):
    """What became of one fold of a run: either a unique key or an error."""

    repeat: int
    fold: int
    init: int
    unique_key: str | None
    error: str | None

    @property
    def key(self) -> FoldIndex:
        """Repeat, fold and init."""
        return (self.repeat, self.fold, self.init)


def create(database: sqlite3.Connection) -> None:
    """Makes the tables, within the transaction that is open."""
    for statement in filter(str.strip, _SCHEMA.split(";")):
        database.execute(statement)
    database.execute(f"PRAGMA user_version = {VERSION}")


def version(database: sqlite3.Connection) -> int:
    """Returns the schema's version, 0 for an empty database."""
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def runs(database: sqlite3.Connection) -> Iterator[RunRow]:
    """Yields the runs in the order in which they were begun."""
    counts = "SELECT run_id, COUNT(unique_key) AS folds, COUNT(error) AS failed FROM outcomes GROUP BY run_id"
    rows = database.execute(
        "SELECT sequence, run_id, document, COALESCE(folds, 0), COALESCE(failed, 0) "
        f"FROM runs LEFT JOIN ({counts}) USING (run_id) ORDER BY sequence"
    )
    return map(RunRow._make, rows)


def run_document(database: sqlite3.Connection, run_id: str) -> str | None:
    """Returns the document of a run."""
    row = database.execute("SELECT document FROM runs WHERE run_id = ?", (run_id,)).fetchone()
    return row and str(row[0])


def put_run(database: sqlite3.Connection, run_id: str, document: str, sequence: int | None = None) -> int:
    """Writes a run's document.

    Args:
        database: With a transaction open.
        run_id: A new run gets a number, a known one keeps its own.
        document: Sealed.
        sequence: The number that a new run should get; where it is taken, or None, the next one.

    Returns:
        The run's sequence number.
    """
    database.execute(
        "INSERT INTO runs (sequence, run_id, document) VALUES "
        "((SELECT :sequence WHERE :sequence NOT IN (SELECT sequence FROM runs)), :run_id, :document) "
        "ON CONFLICT (run_id) DO UPDATE SET document = excluded.document",
        {"sequence": sequence, "run_id": run_id, "document": document},
    )
    return int(database.execute("SELECT sequence FROM runs WHERE run_id = ?", (run_id,)).fetchone()[0])


def fold_document(database: sqlite3.Connection, unique_key: str) -> str | None:
    """Returns the document of a fold."""
    row = database.execute("SELECT document FROM folds WHERE unique_key = ?", (unique_key,)).fetchone()
    return row and str(row[0])


def put_fold(database: sqlite3.Connection, unique_key: str, document: str) -> None:
    """Writes a fold's document."""
    database.execute("INSERT OR REPLACE INTO folds VALUES (?, ?)", (unique_key, document))


def remove_fold(database: sqlite3.Connection, unique_key: str) -> None:
    """Forgets a fold; the runs that refer to it go on saying so."""
    database.execute("DELETE FROM folds WHERE unique_key = ?", (unique_key,))


def outcomes(database: sqlite3.Connection, run_id: str) -> list[Outcome]:
    """Returns what became of a run's folds, by repeat, fold and init."""
    rows = database.execute(
        "SELECT repeat, fold, init, unique_key, error FROM outcomes WHERE run_id = ? ORDER BY repeat, fold, init",
        (run_id,),
    )
    return [Outcome._make(row) for row in rows]


def put_outcome(database: sqlite3.Connection, run_id: str, outcome: Outcome, *, keep: bool = False) -> None:
    """Writes what became of a fold, in place of what was known unless that is to be kept."""
    # Nothing is written, and so nothing synced, where this is known already.
    changed = "unique_key IS NOT excluded.unique_key OR error IS NOT excluded.error"
    update = f"UPDATE SET unique_key = excluded.unique_key, error = excluded.error WHERE {changed}"
    database.execute(
        f"INSERT INTO outcomes VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO {'NOTHING' if keep else update}",
        (run_id, *outcome),
    )


def quick_check(database: sqlite3.Connection) -> str | None:
    """Returns the first thing that is wrong with the file, or None."""
    answer = str(database.execute("PRAGMA quick_check(1)").fetchone()[0])
    return None if answer == "ok" else answer
