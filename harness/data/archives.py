"""Takes the images out of a tar archive, and nothing else."""

from __future__ import annotations

import gzip
import re
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from harness.errors import DataError

MOST_FILES = 100_000
MOST_BYTES = 8 * 2**30  # of the archive once it is decompressed
MOST_FILE_BYTES = 64 * 2**20

_FILE_TYPES = (tarfile.REGTYPE, tarfile.AREGTYPE)
_IMAGE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*")


def unpack_images(archive: Path, folder: Path, pattern: str) -> None:
    """Unpacks the images of an archive into one sub-folder a label, all of them or none.

    Args:
        archive: A tar file, gzip-compressed or not, whose digest has been checked.
        folder: Where to put them; made here, and not there yet.
        pattern: What the whole name of an image's file matches; its group ``label`` names the sub-folder.

    Raises:
        DataError: A damaged archive; a link, a device, an absolute or a climbing path in it; too much of anything;
            or no image at all.
    """
    with _new_folder(folder) as unpacked:
        count = 0
        for name, label, file in _images(archive, re.compile(pattern)):
            count += 1
            if count > MOST_FILES:
                raise DataError(f"{archive} holds more than {MOST_FILES:,} images; it is not unpacked")
            (unpacked / label).mkdir(exist_ok=True)
            with (unpacked / label / name).open("xb") as target:
                shutil.copyfileobj(file, target)
        if not count:
            raise DataError(f"{archive} holds no file whose name matches {pattern}")


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """A folder that gets its name only once all is in it: after a failure, or a kill, there is none of it."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as temporary:
            unpacked = Path(temporary) / folder.name
            unpacked.mkdir()
            yield unpacked
            unpacked.replace(folder)
    except OSError as error:
        raise DataError(f"{folder} cannot be written: {error.strerror or error}") from None


def _images(archive: Path, pattern: re.Pattern[str]) -> Iterator[tuple[str, str, IO[bytes]]]:
    """Name, label and content of every image."""
    try:
        with (
            archive.open("rb") as packed,
            _limited(packed) as plain,
            tarfile.open(fileobj=plain, mode="r|") as tar,
        ):
            for member in tar:
                _check_member(member, archive)
                name = PurePosixPath(member.name).name
                match = pattern.fullmatch(name)
                if match and member.type in _FILE_TYPES and (file := tar.extractfile(member)):
                    yield name, _checked_label(match["label"], name, archive), file
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{archive} is a damaged archive ({error}); fetch it anew") from None


def _check_member(member: tarfile.TarInfo, archive: Path) -> None:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or "\\" in member.name or "\0" in member.name:
        raise DataError(f"{archive} is refused: it holds the path {member.name[:80]!r}, which leads out of it")
    if not member.isdir() and member.type not in _FILE_TYPES:
        raise DataError(f"{archive} is refused: {member.name[:80]!r} in it is neither a plain file nor a folder")
    if member.size > MOST_FILE_BYTES:
        raise DataError(f"{archive} is refused: {member.name[:80]!r} in it has {member.size:,} bytes")


def _checked_label(label: str, name: str, archive: Path) -> str:
    if not _IMAGE_NAME.fullmatch(name) or not _IMAGE_NAME.fullmatch(label):
        raise DataError(f"{archive} is refused: a file in it is named {name[:80]!r}")
    return label.lower()


class _Limited:
    """A stream that ends with an error instead of filling the disk."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._left = MOST_BYTES

    def read(self, size: int = -1) -> bytes:
        content: bytes = self._stream.read(min(size, self._left + 1) if size >= 0 else self._left + 1)
        self._left -= len(content)
        if self._left < 0:
            raise DataError(f"The archive holds more than {MOST_BYTES:,} bytes; it is not unpacked")
        return content


@contextmanager
def _limited(packed: IO[bytes]) -> Iterator[Any]:
    compressed = packed.read(2) == b"\x1f\x8b"
    packed.seek(0)
    if not compressed:
        yield _Limited(packed)
        return
    with gzip.GzipFile(fileobj=packed) as plain:
        yield _Limited(plain)
