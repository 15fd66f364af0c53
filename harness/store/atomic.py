"""Files that are there whole or not at all.

Every file of the store goes through here: a temporary file is written, synced and renamed, then the folder
is synced. A kill leaves the old file or the new one; a full disk leaves the old one.
(Pillai et al. 2014, "All File Systems Are Not Created Equal", OSDI: why each of these steps is needed.)
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from harness.errors import StoreError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST}
# Some file systems cannot sync a folder and say so in one of these ways.
_NO_FOLDER_SYNC = {errno.EINVAL, errno.ENOTSUP}


def write_file(target: Path, content: bytes, scratch: Path) -> None:
    """Puts a whole file in place of what was there.

    Args:
        target: Where it goes; its folder is made.
        content: What it will hold.
        scratch: Folder for the temporary file, on the same file system.

    Raises:
        StoreError: It could not be written; what was at `target` is still there.
    """
    with store_errors(target):
        publish(write_temporary([content], scratch), target)


def write_temporary(chunks: Iterable[bytes], scratch: Path) -> Path:
    """Writes and syncs a new file under a random name; on any error nothing is left of it."""
    path = scratch / os.urandom(8).hex()
    with removed_on_error(path):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        try:
            for chunk in chunks:
                write_all(descriptor, chunk)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    return path


def publish(temporary: Path, target: Path) -> None:
    """Renames a written file to where it belongs and makes that durable."""
    with removed_on_error(temporary):
        make_folder(target.parent)
        os.replace(temporary, target)  # noqa: PTH105 - all calls through `os`, where tests make them fail
    sync_folder(target.parent)


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it, durably."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    with suppress(FileExistsError):
        os.mkdir(folder)  # noqa: PTH102
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable, where the system can do that."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
    finally:
        os.close(descriptor)


def write_all(descriptor: int, content: bytes) -> None:
    """Writes everything, as one call to `os.write` may write a part."""
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


@contextmanager
def removed_on_error(path: Path) -> Iterator[None]:
    """Leaves no temporary file behind, whatever goes wrong."""
    try:
        yield
    except BaseException:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        raise


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Turns what the system refused into one line that names the path and the free bytes.

    Raises:
        StoreError: In place of any OSError.
    """
    try:
        yield
    except OSError as error:
        raise StoreError(f"Cannot write {path}: {error.strerror}; {room(path)}{_advice(error)}") from error


def room(path: Path) -> str:
    """Says how many bytes are free where a path lies."""
    import shutil

    for folder in (path, *path.parents):
        with suppress(OSError):
            return f"{shutil.disk_usage(folder).free} bytes free there"
    return "free bytes unknown"


def _advice(error: OSError) -> str:
    if error.errno in _FULL:
        return "; make room, then run the same command again: what is finished is kept"
    if error.errno in _FORBIDDEN:
        return "; choose another folder for the run store"
    return ""
