"""What the run store gives back: folds, runs, and the lines of the list of runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from harness.errors import UnknownNameError
from harness.store.artifacts import Artifact
from harness.store.tables import FoldIndex

Status = Literal["running", "finished", "failed", "interrupted"]


@dataclass(frozen=True)
class StoredFold:
    """A finished fold.

    Attributes:
        key: Repeat, fold and init in the run that was asked for; each from 0.
        unique_key: Digest of everything that the fold's result depends on.
        record: What was recorded of it, as plain JSON types.
        files: Its artifacts by name.
        run_id: The run that trained it.
        committed: When, in UTC as ISO 8601; only to be shown.
    """

    key: FoldIndex
    unique_key: str
    record: dict[str, Any]
    files: Mapping[str, Artifact]
    run_id: str
    committed: str

    @property
    def artifacts(self) -> dict[str, Path]:
        """Where each artifact lies, unchecked; `read` checks."""
        return {name: artifact.path for name, artifact in self.files.items()}

    def read(self, name: str) -> bytes:
        """Returns an artifact's content.

        Raises:
            CorruptArtifactError: It is not what was written.
            UnknownNameError: The fold has no artifact of that name.
        """
        return read_named(self.files, "artifact", name)

    def damages(self) -> dict[Path, str]:
        """Checks every artifact.

        Returns:
            For each damaged or missing file one sentence; empty where all are intact.
        """
        checked = {artifact.path: artifact.damage() for artifact in self.files.values()}
        return {path: damage for path, damage in checked.items() if damage}

    def document(self) -> dict[str, Any]:
        """Returns it as JSON types, independent of where the store lies."""
        return {
            "unique_key": self.unique_key,
            "run_id": self.run_id,
            "key": list(self.key),
            "committed": self.committed,
            "record": self.record,
            "artifacts": {name: artifact.entry() for name, artifact in self.files.items()},
        }

    @classmethod
    def from_document(cls, root: Path, document: Mapping[str, Any], key: FoldIndex | None = None) -> StoredFold:
        """Reads what `document` returned; `key` is its place in another run than the one that trained it."""
        repeat, fold, init = document["key"]
        return cls(
            key=key or (repeat, fold, init),
            unique_key=document["unique_key"],
            record=document["record"],
            files=artifacts_of(root, document["artifacts"]),
            run_id=document["run_id"],
            committed=document["committed"],
        )


@dataclass(frozen=True)
class RunInfo:
    """A run, without its folds.

    Attributes:
        run_id: Its name.
        sequence: Its place in the order in which the store's runs were begun, from 1.
        status: "running" only while its process lives.
        manifest: What was asked for, as plain JSON types.
        summary: What came out; empty until the run is finished.
        seconds: Wall time as given to `finish`; None until then.
        memory: Bytes that it took, by name, as given to `finish`; empty until then.
        started: When it was begun, in UTC as ISO 8601; only to be shown.
        finished_folds: Number of its folds that are finished.
        failed_folds: Number of its folds that failed.
    """

    run_id: str
    sequence: int
    status: Status
    manifest: dict[str, Any]
    summary: dict[str, Any]
    seconds: float | None
    memory: dict[str, int]
    started: str
    finished_folds: int
    failed_folds: int


@dataclass(frozen=True)
class StoredRun(RunInfo):
    """A run with its folds.

    Attributes:
        folds: Its finished folds, by repeat, fold and init.
        failures: For each failed fold what went wrong.
        files: Its attachments by name.
        warnings: What is missing or damaged, one line each.
    """

    folds: list[StoredFold]
    failures: dict[FoldIndex, str]
    files: Mapping[str, Artifact]
    warnings: list[str]

    def attachment(self, name: str) -> bytes:
        """Returns what was attached to the run under a name.

        Raises:
            CorruptArtifactError: It is not what was written.
            UnknownNameError: Nothing was attached under that name.
        """
        return read_named(self.files, "attachment", name)


def read_named(files: Mapping[str, Artifact], kind: str, name: str) -> bytes:
    """Returns the checked content of the artifact of a name."""
    if name not in files:
        raise UnknownNameError(kind, name, files)
    return files[name].read()


def artifacts_of(root: Path, entries: Mapping[str, Any]) -> dict[str, Artifact]:
    """Finds the files of a document's entries in the store at `root`."""
    return {name: Artifact.from_entry(root, entry) for name, entry in entries.items()}
