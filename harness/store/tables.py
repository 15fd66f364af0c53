"""The tables of the store's database, and the statements that read and write them.

`runs` and `folds` hold one sealed document each; `outcomes` says what became of each fold of a run: finished
(its unique key) or failed (its error). SQLite keeps no checksums, so rows carry their own: a flipped bit is
found when a row is read.
"""

from __future__ import annotations

import hashlib
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
    checksum TEXT NOT NULL,
    PRIMARY KEY (run_id, repeat, fold, init),
    CHECK ((unique_key IS NULL) <> (error IS NULL))
);
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

    def checksum(self, run_id: str) -> str:
        """Returns what the row of a run must carry."""
        return hashlib.sha256(repr((run_id, *self)).encode(errors="backslashreplace")).hexdigest()[:16]


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


def outcomes(database: sqlite3.Connection, run_id: str) -> tuple[list[Outcome], int]:
    """Returns what became of a run's folds, by repeat, fold and init, and the number of damaged rows."""
    rows = database.execute(
        "SELECT repeat, fold, init, unique_key, error, checksum FROM outcomes "
        "WHERE run_id = ? ORDER BY repeat, fold, init",
        (run_id,),
    ).fetchall()
    checked = [(Outcome._make(row), checksum) for *row, checksum in rows]
    intact = [outcome for outcome, checksum in checked if outcome.checksum(run_id) == checksum]
    return intact, len(rows) - len(intact)


def put_outcome(database: sqlite3.Connection, run_id: str, outcome: Outcome, *, keep: bool = False) -> None:
    """Writes what became of a fold, in place of what was known unless that is to be kept."""
    # Nothing is written, and so nothing synced, where this is known already.
    columns = ("unique_key", "error", "checksum")
    assignments = ", ".join(f"{column} = excluded.{column}" for column in columns)
    changed = " OR ".join(f"outcomes.{column} IS NOT excluded.{column}" for column in columns)
    update = f"UPDATE SET {assignments} WHERE {changed}"
    database.execute(
        f"INSERT INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO {'NOTHING' if keep else update}",
        (run_id, *outcome, outcome.checksum(run_id)),
    )


def remove_run(database: sqlite3.Connection, run_id: str) -> None:
    """Forgets a run and what became of its folds; finished folds stay."""
    database.execute("DELETE FROM outcomes WHERE run_id = ?", (run_id,))
    database.execute("DELETE FROM runs WHERE run_id = ?", (run_id,))


def remove_damaged_outcomes(database: sqlite3.Connection) -> None:
    """Forgets the outcomes whose rows are not what was written."""
    rows = database.execute(
        "SELECT rowid, checksum, run_id, repeat, fold, init, unique_key, error FROM outcomes"
    ).fetchall()
    for row, checksum, run_id, *outcome in rows:
        if Outcome._make(outcome).checksum(run_id) != checksum:
            database.execute("DELETE FROM outcomes WHERE rowid = ?", (row,))


def damage(database: sqlite3.Connection) -> str | None:
    """Checks the file's structure.

    Returns:
        The first thing that is wrong with it, or None.
    """
    # Not `quick_check`, which does not hold the indexes against the rows.
    try:
        answer = str(database.execute("PRAGMA integrity_check(1)").fetchone()[0])
    except UnicodeDecodeError:  # SQLite's own error quotes a name that is no text any more.
        return "a name in its schema is not text"
    if answer != "ok":
        return answer
    if version(database) <= VERSION and _tables(database) != _expected_tables(version(database)):
        return "its tables are not those of a run store"
    return None


def _expected_tables(of_version: int) -> list[str]:
    empty = sqlite3.connect(":memory:")
    if of_version:
        create(empty)
    expected = _tables(empty)
    empty.close()
    return expected


def _tables(database: sqlite3.Connection) -> list[str]:
    rows = database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name")
    return [repr(row) for row in rows]
