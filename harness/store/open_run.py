"""A run that this process owns and writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from harness.errors import FoldError, StoreError
from harness.store import tables
from harness.store.artifacts import put_artifact, quarantine
from harness.store.copies import fold_copy, recall_fold, recall_run, run_copy, save_fold, save_run
from harness.store.database import Database
from harness.store.documents import first_difference, storable
from harness.store.names import check_name
from harness.store.ownership import Ownership
from harness.store.records import StoredFold
from harness.store.tables import FoldIndex, Outcome


class OpenRun:
    """A run being written; `RunStore.open_run` makes one, leaving the `with` block gives it back.

    Attributes:
        run_id: Its name.
        warnings: Trouble that was got over, one line each: damaged files, a database made again.
    """

    def __init__(self, run_id: str, database: Database, ownership: Ownership) -> None:
        self.run_id = run_id
        self.warnings = database.warnings
        self._root = database.root
        self._database = database
        self._ownership = ownership
        self._scratch = ownership.folder

    def __enter__(self) -> OpenRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close()
        except StoreError:
            if error is None:  # What went wrong first is what the caller must see.
                raise

    def begin(self, manifest: dict[str, Any]) -> None:
        """Writes the run down as running, new or resumed.

        Args:
            manifest: Plain JSON types. Of a run that is known its "identity" must be the same as before, or
                all of it where it has none; the rest may have changed.

        Raises:
            StoreError: The run was begun with another manifest.
        """
        with self._writing() as database:
            document = recall_run(database, self._root, self.run_id, self.warnings)
            if document is None:
                document = self._new_document()
            else:
                self._check_same(document["manifest"], manifest)
            self._save(database, {**document, "manifest": manifest, "status": "running"})

    def attach(self, name: str, content: bytes) -> None:
        """Stores bytes with the run; the same ones under the same name change nothing.

        Raises:
            StoreError: They could not be written.
        """
        check_name("name of an attachment", name)
        self._check_open()
        artifact = put_artifact(self._root, name, content, self._scratch)
        with self._writing() as database:
            document = self._document(database)
            if document["attachments"].get(name) != artifact.entry():
                document["attachments"][name] = artifact.entry()
                self._save(database, document)

    def find(self, unique_key: str) -> StoredFold | None:
        """Looks for a finished fold among those of all the store's runs.

        A fold with a damaged artifact is not found: the file goes to `quarantine`, and `warnings` says so.

        Returns:
            The fold, its artifacts checked, under the key of the run that trained it.
        """
        check_name("unique key of a fold", unique_key)
        with self._writing() as database:
            document = recall_fold(database, self._root, unique_key, self.warnings)
        if document is None:
            return None
        fold = StoredFold.from_document(self._root, document)
        # Outside the transaction: hashing a large model must not keep other processes waiting.
        if damages := fold.damages():
            self._quarantine(fold, damages)
            return None
        return fold

    def commit(
        self,
        key: FoldIndex,
        unique_key: str,
        record: Mapping[str, Any],
        artifacts: Mapping[str, Path | bytes],
    ) -> StoredFold:
        """Stores a finished fold; when this returns, it survives a kill and a power cut.

        The first commit of a unique key stays: another one gets that fold back and changes nothing.

        Args:
            key: Repeat, fold and init.
            unique_key: Digest of everything that the fold's result depends on.
            record: What is to be recorded; finite numbers only.
            artifacts: Content, or files to be copied, by name. The suffix of a name is the file's.

        Raises:
            FoldError: The record holds NaN, infinity, or what JSON cannot hold; the message says where.
            StoreError: Something could not be written; nothing of the fold is stored.
        """
        self._check_open()
        plain = _plain_record(key, record)
        for name in artifacts:
            check_name("name of an artifact", name)
        stored = self.find(unique_key)
        if stored is None:
            files = {
                name: put_artifact(self._root, name, content, self._scratch) for name, content in artifacts.items()
            }
            stored = StoredFold(key, unique_key, plain, files, self.run_id, _now())
        return self._link(key, stored)

    def adopt(self, key: FoldIndex, stored: StoredFold) -> None:
        """Makes a fold that is finished already, in this run or another, a fold of this run."""
        self._link(key, stored)

    def fail(self, key: FoldIndex, error: str) -> None:
        """Records that a fold failed; a later commit or adoption under the same key takes its place."""
        with self._writing() as database:
            tables.put_outcome(database, self.run_id, Outcome(*key, None, error))

    def finish(
        self,
        status: Literal["finished", "failed", "interrupted"],
        summary: Mapping[str, Any],
        seconds: float,
        memory: Mapping[str, int] | None = None,
    ) -> None:
        """Records how the run ended.

        Args:
            status: "failed" where some folds did.
            summary: What came out; finite numbers only.
            seconds: Wall time.
            memory: Bytes that it took, by name; None keeps what an earlier sitting recorded.

        Raises:
            ValueError: The summary or the seconds hold NaN or infinity; the message says where.
        """
        end = {
            "status": status,
            "summary": storable(summary, "summary"),
            "seconds": storable(float(seconds), "seconds"),
        }
        if memory is not None:
            end["memory"] = storable(memory, "memory")
        with self._writing() as database:
            self._save(database, {**self._document(database), **end})

    def discard(self) -> bool:
        """Forgets the run and gives it back, unless it has a finished fold: that is worth keeping.

        Returns:
            Whether it is forgotten.
        """
        with self._writing() as database:
            outcomes, _ = tables.outcomes(database, self.run_id)
            if any(outcome.unique_key for outcome in outcomes):
                return False
            tables.remove_run(database, self.run_id)
            # Before the row is gone for good: a copy without a row would come back when the database is rebuilt.
            run_copy(self._root, self.run_id).unlink(missing_ok=True)
        self._ownership.release()
        return True

    def close(self) -> None:
        """Gives the run back; one that was not finished is interrupted."""
        if not self._ownership.held:
            return
        try:
            with self._writing() as database:
                document = self._document(database)
                if document["status"] == "running":
                    self._save(database, {**document, "status": "interrupted"})
        finally:
            self._ownership.release()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        self._check_open()
        with self._database.write() as database:
            yield database

    def _check_open(self) -> None:
        if not self._ownership.held:
            raise StoreError(f"Run {self.run_id} is closed; open it again to write to it")

    def _check_same(self, stored: dict[str, Any], now: dict[str, Any]) -> None:
        where = "identity" if "identity" in now else "manifest"
        difference = first_difference(stored.get("identity", stored), now.get("identity", now), where)
        if difference:
            raise StoreError(
                f"Run {self.run_id} was begun with another manifest: {difference}; give the run another id"
            )

    def _new_document(self) -> dict[str, Any]:
        return {"run_id": self.run_id, "summary": {}, "seconds": None, "started": _now(), "attachments": {}}

    def _document(self, database: sqlite3.Connection) -> dict[str, Any]:
        document = recall_run(database, self._root, self.run_id, self.warnings)
        if document is None:
            raise StoreError(f"Run {self.run_id} is no longer in {self._database.path}; run the command again")
        return document

    def _save(self, database: sqlite3.Connection, document: dict[str, Any]) -> None:
        save_run(database, self._root, document, self._scratch)

    def _link(self, key: FoldIndex, fold: StoredFold) -> StoredFold:
        """Notes a fold as one of this run, and stores it unless another process was faster."""
        with self._writing() as database:
            document = recall_fold(database, self._root, fold.unique_key, self.warnings)
            if document is None:
                document = fold.document()
                save_fold(database, self._root, document, self._scratch)
            tables.put_outcome(database, self.run_id, Outcome(*key, fold.unique_key, None))
        return replace(StoredFold.from_document(self._root, document), key=_index(key))

    def _quarantine(self, fold: StoredFold, damages: Mapping[Path, str]) -> None:
        for path, damage in damages.items():
            moved = f"; moved to {quarantine(path, self._root)}" if path.exists() else ""
            self.warnings.append(f"{damage}{moved}; fold {fold.unique_key} is run again")
        with self._writing() as database:
            tables.remove_fold(database, fold.unique_key)
            copy = fold_copy(self._root, fold.unique_key)
            if copy.exists():
                quarantine(copy, self._root)


def _plain_record(key: FoldIndex, record: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return dict(storable(record, "record"))
    except ValueError as error:
        raise FoldError(f"Fold {_index(key)} cannot be stored: {error}") from error


def _index(key: FoldIndex) -> FoldIndex:
    repeat, fold, init = key
    return (int(repeat), int(fold), int(init))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
