"""The store's SQLite database: connections, transactions, and what to do when the file is lost or damaged.

Each transaction has a connection of its own, so threads, forked processes and a database that vanishes under
a running process need no thought. Commits are durable when they return (`synchronous = EXTRA`, which in the
write-ahead log means FULL, https://sqlite.org/pragma.html#pragma_synchronous).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path

from harness.errors import StoreError
from harness.store import tables
from harness.store.artifacts import quarantine
from harness.store.atomic import room
from harness.store.copies import restore
from harness.store.filesystems import network_file_system
from harness.store.ownership import Ownership

BUSY_SECONDS = 60.0
# Earlier versions may corrupt the log when several connections use it: https://sqlite.org/wal.html#walresetbug
_WAL_SINCE = (3, 51, 3)
# SQLITE_ERROR: what a check of the file answers where its header names a format that does not exist.
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_ADVICE = {
    sqlite3.SQLITE_FULL: "; make room, then run the same command again: what is finished is kept",
    sqlite3.SQLITE_BUSY: f"; another process has been writing for {BUSY_SECONDS:.0f} s",
    sqlite3.SQLITE_CORRUPT: "; run the same command again: it is made again from its JSON copies",
    sqlite3.SQLITE_NOTADB: "; run the same command again: it is made again from its JSON copies",
    sqlite3.SQLITE_READONLY: "; choose another folder for the run store",
}


class Database:
    """The file `harness.sqlite` of a store.

    Args:
        root: The store's folder.
        warnings: Gets a line for each trouble that was got over.
    """

    def __init__(self, root: Path, warnings: list[str]) -> None:
        self.root = root
        self.path = root / "harness.sqlite"
        self.warnings = warnings

    def prepare(self) -> None:
        """Makes the database ready for writing: created, or made again from the copies if lost or damaged.

        Raises:
            StoreError: It cannot be written, or is of a newer harness.
        """
        if self._damage():
            self._set_aside()
        with self._errors(), closing(self._connect()) as database:
            self._set_journal_mode(database, self._journal_mode())
        with self.write():
            pass

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it is durable when the block is left, or nothing of it happened.

        Raises:
            StoreError: SQLite could not write; the message names the file and the free bytes.
        """
        with self._errors(), closing(self._connect()) as database:
            database.execute("PRAGMA synchronous = EXTRA")
            database.execute("BEGIN IMMEDIATE")
            try:
                self._ensure_tables(database)
                yield database
                database.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    database.execute("ROLLBACK")
                raise

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection that changes nothing; to the copies, in memory, where the file cannot be read.

        Raises:
            StoreError: Another process blocks the file, or it is of a newer harness.
        """
        with self._errors(), closing(self._readable() or self._from_copies()) as database:
            yield database

    def rebuild(self) -> int:
        """Fills the database again from the JSON copies.

        Returns:
            How many folds the copies hold.
        """
        self.prepare()
        with self.write() as database:
            return restore(database, self.root, self.warnings)[1]

    def _connect(self, mode: str = "rwc") -> sqlite3.Connection:
        uri = f"{self.path.as_uri()}?mode={mode}"
        database = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        # Text that a flipped bit made no UTF-8 is found by its checksum.
        database.text_factory = partial(str, encoding="utf-8", errors="replace")
        return database

    def _ensure_tables(self, database: sqlite3.Connection) -> None:
        if not self._check_version(database):
            tables.create(database)
            self._restore(database, f"{self.path} was not there; made again")

    def _check_version(self, database: sqlite3.Connection) -> int:
        version = tables.version(database)
        if version > tables.VERSION:
            raise StoreError(
                f"{self.path} was written by a newer harness (schema {version}, this one knows "
                f"{tables.VERSION}); upgrade this one or choose another folder for the run store"
            )
        return version

    def _restore(self, database: sqlite3.Connection, what_happened: str) -> None:
        runs, folds = restore(database, self.root, self.warnings)
        if runs or folds:
            self.warnings.append(f"{what_happened} from JSON copies: {runs} runs, {folds} folds")

    def _readable(self) -> sqlite3.Connection | None:
        """Opens the file for reading, or returns None where there is none or nothing can be read from it."""
        if not self.path.exists():
            return None
        # "rw", as after a kill the first to come undoes what was half written.
        database = self._connect("rw")
        try:
            if tables.damage(database) is None and self._check_version(database):
                return database
        except sqlite3.DatabaseError as error:
            if _code(error) in _BUSY:
                raise
        database.close()
        return None

    def _from_copies(self) -> sqlite3.Connection:
        database = sqlite3.connect(":memory:", isolation_level=None)
        tables.create(database)
        self._restore(database, f"{self.path} is lost or damaged; read")
        return database

    def _damage(self) -> str | None:
        if not self.path.exists():
            return None
        with self._errors(), closing(self._connect()) as database:
            try:
                return tables.damage(database)
            except sqlite3.DatabaseError as error:
                if _code(error) not in _DAMAGED:
                    raise
                return str(error)

    def _set_aside(self) -> None:
        """Moves the damaged file away, unless another process was faster."""
        repair = Ownership(self.root / "open" / ".repair", f"{self.path}, which is damaged,")
        repair.acquire()
        try:
            if damage := self._damage():
                # First, as another process may begin a new database as soon as the old one is gone.
                self._set_companions_aside()
                moved = quarantine(self.path, self.root)
                self.warnings.append(f"{self.path} was damaged ({damage}); moved to {moved}")
        finally:
            repair.release()

    def _set_companions_aside(self) -> None:
        for end in ("-journal", "-wal", "-shm"):
            companion = self.path.with_name(self.path.name + end)
            if companion.exists():
                quarantine(companion, self.root)

    def _journal_mode(self) -> str:
        if sqlite3.sqlite_version_info < _WAL_SINCE:
            return "delete"
        if kind := network_file_system(self.root):
            self.warnings.append(
                f"{self.root} is on a network file system ({kind}); SQLite runs without a write-ahead log"
            )
            return "delete"
        return "wal"

    def _set_journal_mode(self, database: sqlite3.Connection, mode: str) -> None:
        if database.execute("PRAGMA journal_mode").fetchone()[0] == mode:
            return
        try:
            database.execute(f"PRAGMA journal_mode = {mode}")
        except sqlite3.OperationalError as error:
            # Others are at work without the log: that is safe, only slower.
            if mode != "wal" or _code(error) not in _BUSY:
                raise

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            advice = _ADVICE.get(_code(error), "")
            raise StoreError(f"Cannot use {self.path}: {error}; {room(self.root)}{advice}") from error


def _code(error: sqlite3.Error) -> int:
    """Returns SQLite's primary result code; errors of the Python module have none."""
    return int(getattr(error, "sqlite_errorcode", -1)) & 0xFF
