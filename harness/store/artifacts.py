"""Immutable files named by their content: `artifacts/ab/<sha256><suffix>`."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import CorruptArtifactError, StoreError
from harness.store.atomic import (
    make_folder,
    publish,
    removed_on_error,
    store_errors,
    sync_folder,
    write_temporary,
)

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SUFFIX = re.compile(r"(\.[A-Za-z0-9_-]{1,20}){0,3}")
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Artifact:
    """A stored file and what its content was when it was written.

    Attributes:
        path: Where it lies.
        sha256: Its content's SHA-256, 64 hexadecimal digits.
        size: Its length in bytes.
    """

    path: Path
    sha256: str
    size: int

    @classmethod
    def from_entry(cls, root: Path, entry: Mapping[str, Any]) -> Artifact:
        """Finds the file of an entry in the store at `root`.

        Raises:
            CorruptArtifactError: The entry would lead out of the store.
        """
        digest, suffix = str(entry["sha256"]), str(entry["suffix"])
        if not (_SHA256.fullmatch(digest) and _SUFFIX.fullmatch(suffix)):
            raise CorruptArtifactError(f"No artifact can be named {digest + suffix!r}; {root} was tampered with")
        return cls(artifact_path(root, digest, suffix), digest, int(entry["size"]))

    def entry(self) -> dict[str, Any]:
        """Returns what a document keeps of it, which does not depend on where the store lies."""
        return {"sha256": self.sha256, "suffix": self.path.name[len(self.sha256) :], "size": self.size}

    def damage(self) -> str | None:
        """Compares the file with what was written.

        Returns:
            One sentence naming the file and both hashes, or None where it is intact.
        """
        try:
            with self.path.open("rb") as file:
                received = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            return self._unreadable(error)
        return self._difference(received)

    def read(self) -> bytes:
        """Returns the content, checked.

        Raises:
            CorruptArtifactError: The file is missing or is not what was written.
        """
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise CorruptArtifactError(self._unreadable(error)) from error
        if damage := self._difference(hashlib.sha256(content).hexdigest()):
            raise CorruptArtifactError(damage)
        return content

    def _unreadable(self, error: OSError) -> str:
        return f"{self.path} cannot be read ({error.strerror}): expected SHA-256 {self.sha256}"

    def _difference(self, received: str) -> str | None:
        if received == self.sha256:
            return None
        return f"{self.path} is corrupt: expected SHA-256 {self.sha256}, received {received}"


def artifact_path(root: Path, digest: str, suffix: str) -> Path:
    """Returns where content of that digest lies in the store at `root`."""
    return root / "artifacts" / digest[:2] / f"{digest}{suffix}"


def put_artifact(root: Path, name: str, content: bytes | Path, scratch: Path) -> Artifact:
    """Makes content durable; what is there already is kept, and replaced only if damaged.

    Args:
        root: The store's folder.
        name: Name within the fold or run; its suffixes (".weights.h5") are the file's.
        content: The bytes, or a file that is copied.
        scratch: Folder for the temporary file.

    Raises:
        StoreError: It could not be written or, being a file, not be read.
    """
    with store_errors(root / "artifacts"):
        digest = hashlib.sha256()
        temporary = write_temporary(_hashed(_chunks(content), digest), scratch)
        path = artifact_path(root, digest.hexdigest(), _suffix(name, content))
        artifact = Artifact(path, digest.hexdigest(), temporary.stat().st_size)
        if artifact.damage():
            publish(temporary, path)
        else:
            _discard(temporary, path)
    return artifact


def quarantine(path: Path, root: Path) -> Path:
    """Moves a file that cannot be trusted out of the way.

    Returns:
        Where it lies now, under `<root>/quarantine`.
    """
    folder = root / "quarantine"
    target = folder / path.name
    if target.exists():
        target = folder / f"{path.name}.{os.urandom(4).hex()}"
    with store_errors(target):
        make_folder(folder)
        os.replace(path, target)  # noqa: PTH105 - all calls through `os`, where tests make them fail
        sync_folder(folder)
        sync_folder(path.parent)
    return target


def _discard(temporary: Path, path: Path) -> None:
    with removed_on_error(temporary):
        os.unlink(temporary)  # noqa: PTH108
    # Whoever wrote it may not have come to this yet.
    sync_folder(path.parent)


def _suffix(name: str, content: bytes | Path) -> str:
    """Takes the name's suffixes, or the file's, as Keras tells formats apart by them."""
    path = Path(name) if "." in name or isinstance(content, bytes) else content
    return next(filter(_SUFFIX.fullmatch, ("".join(path.suffixes), path.suffix)), "")


def _hashed(chunks: Iterator[bytes], digest: Any) -> Iterator[bytes]:
    for chunk in chunks:
        digest.update(chunk)
        yield chunk


def _chunks(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    try:
        with content.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise StoreError(f"Cannot read {content}, to be stored: {error.strerror}") from error
