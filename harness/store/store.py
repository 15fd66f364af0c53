"""The run store: opening, listing and loading runs."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from harness.errors import CorruptArtifactError, StoreError, UnknownNameError
from harness.store import tables
from harness.store.database import Database
from harness.store.documents import storable, unseal
from harness.store.names import check_name
from harness.store.open_run import OpenRun
from harness.store.ownership import Ownership, clear_abandoned, read_owner
from harness.store.records import RunInfo, StoredFold, StoredRun, artifacts_of
from harness.store.tables import RunRow


class RunStore:
    """A folder of runs. Nothing is created before the first run is opened.

    Args:
        root: The folder.

    Attributes:
        root: The folder, absolute.
        warnings: Trouble that was got over in listing, loading and rebuilding, one line each.

    Example:
        >>> import tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> store = RunStore(folder.name)
        >>> with store.open_run("sonar-7", {"identity": {"seed": 7}}) as run:
        ...     fold = run.commit((0, 0, 0), "k0", {"accuracy": 0.86}, {"predictions.csv": b"0.9"})
        ...     run.finish("finished", {"accuracy": 0.86}, seconds=1.5)
        >>> stored = store.load("son")
        >>> stored.status, stored.folds[0].record, stored.folds[0].read("predictions.csv")
        ('finished', {'accuracy': 0.86}, b'0.9')
        >>> folder.cleanup()
    """

    def __init__(self, root: str | os.PathLike[str] = "runs") -> None:
        self.root = Path(root).absolute()
        self.warnings: list[str] = []

    def open_run(self, run_id: str, manifest: Mapping[str, Any]) -> OpenRun:
        """Begins a run, or resumes it, and owns it until it is closed.

        Args:
            run_id: Letters, digits, dots, underscores and hyphens.
            manifest: What is asked for, finite numbers only. Its "identity" must be the same when a run is
                resumed (all of it where there is none); the rest may change and is updated.

        Returns:
            The run, to be used in a `with` block.

        Raises:
            StoreError: The folder cannot be written, a living process owns the run, or it was begun with
                another identity.
            ValueError: The manifest holds NaN or infinity; the message says where.
        """
        check_name("run id", run_id)
        plain = storable(manifest, "manifest")
        ownership = Ownership(self.root / "open" / run_id)
        ownership.acquire()
        try:
            clear_abandoned(ownership.folder.parent)
            database = Database(self.root, [])
            database.prepare()
            run = OpenRun(run_id, database, ownership)
            run.begin(plain)
        except BaseException:
            ownership.release()
            raise
        return run

    def list_runs(self, pattern: str | None = None) -> list[RunInfo]:
        """Returns the runs in the order in which they were begun, the newest last.

        Args:
            pattern: Of run ids, with "*", "?" and "[…]"; None for all.
        """
        with self._database().read() as database:
            return [
                self._info(row, document)
                for row, document in self._rows(database)
                if fnmatchcase(row.run_id, pattern or "*")
            ]

    def load(self, run_id_or_prefix: str) -> StoredRun:
        """Reads a run; nothing is locked, so it may be one that is being written.

        Args:
            run_id_or_prefix: Its id, or a beginning that no other id shares.

        Raises:
            UnknownNameError: There is no such run.
            StoreError: Several ids begin so; they are named.
        """
        with self._database().read() as database:
            rows = {row.run_id: (row, document) for row, document in self._rows(database)}
            row, document = rows[_match(run_id_or_prefix, list(rows))]
            return self._load(database, row, document)

    def rebuild(self) -> int:
        """Fills the database again from the JSON copies of the folds and runs.

        That happens by itself where the database is lost or damaged. `warnings` names damaged copies.

        Returns:
            How many folds the copies hold.

        Raises:
            StoreError: The folder cannot be written.
        """
        if not self.root.is_dir():
            raise StoreError(f"There is no run store at {self.root}")
        return self._database().rebuild()

    def _database(self) -> Database:
        return Database(self.root, self.warnings)

    def _rows(self, database: sqlite3.Connection) -> Iterator[tuple[RunRow, dict[str, Any]]]:
        for row in tables.runs(database):
            try:
                yield row, unseal(row.document, f"The database row of run {row.run_id}")
            except CorruptArtifactError as error:
                self.warnings.append(f"{error}; the run is left out until `rebuild` restores it")

    def _info(self, row: RunRow, document: dict[str, Any]) -> RunInfo:
        return RunInfo(**self._fields(row, document))

    def _fields(self, row: RunRow, document: dict[str, Any]) -> dict[str, Any]:
        kept = ("run_id", "status", "manifest", "summary", "seconds", "started")
        fields = {name: document[name] for name in kept}
        if fields["status"] == "running" and not self._is_owned(row.run_id):
            fields["status"] = "interrupted"
        fields["memory"] = document.get("memory", {})
        return {**fields, "sequence": row.sequence, "finished_folds": row.folds, "failed_folds": row.failed}

    def _is_owned(self, run_id: str) -> bool:
        owner = read_owner(self.root / "open" / run_id)
        return owner is not None and owner.is_alive()

    def _load(self, database: sqlite3.Connection, row: RunRow, document: dict[str, Any]) -> StoredRun:
        folds: list[StoredFold] = []
        failures: dict[tables.FoldIndex, str] = {}
        warnings: list[str] = []
        outcomes, damaged = tables.outcomes(database, row.run_id)
        if damaged:
            warnings.append(f"{damaged} rows of run {row.run_id} are damaged; `rebuild` restores them")
        for outcome in outcomes:
            if outcome.unique_key is None:
                failures[outcome.key] = outcome.error or ""
            elif fold := self._fold(database, outcome.key, outcome.unique_key, warnings):
                folds.append(fold)
        return StoredRun(
            **self._fields(row, document),
            folds=folds,
            failures=failures,
            files=artifacts_of(self.root, document["attachments"]),
            warnings=warnings,
        )

    def _fold(
        self, database: sqlite3.Connection, key: tables.FoldIndex, unique_key: str, warnings: list[str]
    ) -> StoredFold | None:
        text = tables.fold_document(database, unique_key)
        if text is None:
            warnings.append(f"Fold {key} was damaged and is gone; the same command runs it again")
            return None
        try:
            document = unseal(text, f"The database row of fold {key}")
        except CorruptArtifactError as error:
            warnings.append(f"{error}; left out until `rebuild` restores it")
            return None
        return StoredFold.from_document(self.root, document, key)


def _match(name: str, run_ids: list[str]) -> str:
    """Finds the run id that a name stands for."""
    candidates = [run_id for run_id in run_ids if run_id.startswith(name)]
    if name in candidates:
        return name
    if not candidates:
        raise UnknownNameError("run", name, run_ids)
    if len(candidates) > 1:
        raise StoreError(
            f"Several runs begin with '{name}': {', '.join(sorted(candidates))}; write more of the id"
        )
    return candidates[0]
