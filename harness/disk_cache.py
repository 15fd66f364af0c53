"""What can be computed again is kept in the user's cache: where, and how much of it at most."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from harness.errors import UsageError

ENVIRONMENT = "HARNESS_CACHE"
"""Environment variable that names the folder of all caches."""

LIMIT = "HARNESS_CACHE_GB"
"""Environment variable that tells how many gigabytes each of them may take."""

DEFAULT_GIGABYTES = 10.0

_GIGABYTE = 10**9
_ABANDONED_SECONDS = 24 * 3600
_CLOCKS_DIFFER = 60  # seconds that a file system's clock may be behind ours
_RESCANS = 20  # what others write is seen when we have written a twentieth of the limit ourselves


def cache_folder(name: str) -> Path:
    """The folder of one cache: within that of ``HARNESS_CACHE``, else within the user's cache.

    Nothing in it is needed: what is deleted is computed anew.

    Args:
        name: What is kept there, such as "features".
    """
    if named := os.environ.get(ENVIRONMENT):
        return Path(named) / name
    import platformdirs

    return Path(platformdirs.user_cache_dir("keras-zoo-harness")) / name


def limit_of_caches() -> int:
    """Bytes that each cache may take: the gigabytes (10⁹ bytes) of ``HARNESS_CACHE_GB``, else 10 of them.

    Raises:
        UsageError: The variable holds no number from 0 up.

    Example:
        >>> limit_of_caches()
        10000000000
    """
    text = os.environ.get(LIMIT) or str(DEFAULT_GIGABYTES)
    try:
        gigabytes = float(text)
    except ValueError:
        gigabytes = math.nan
    if not 0 <= gigabytes < math.inf:
        raise UsageError(
            f"{LIMIT} is a number of gigabytes from 0 up. Received: {text!r}; set it, or leave it out"
        )
    return int(gigabytes * _GIGABYTE)


class _Entry(NamedTuple):
    used: float
    size: int
    path: Path


class BoundedFolder:
    """A folder of files that are written once, from which those not used for longest go when it is full.

    A file's time of modification tells when it was last used. What was used since this object was made stays: a
    set that is read over and over, and larger than the folder, would otherwise drive itself out.

    Args:
        folder: The folder; files may lie in folders within it. It need not be there.
        limit: Bytes that its files may take together; other processes at work there may exceed it by a twentieth.

    Example:
        >>> import tempfile
        >>> BoundedFolder(Path(tempfile.mkdtemp()), limit=1000).has_room_for(1001)
        False
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self._limit = limit
        self._began = time.time() - _CLOCKS_DIFFER
        self._lock = threading.Lock()
        self._touched: set[int] = set()  # hashes of paths, for there may be a million
        self._taken: int | None = None
        self._written = 0

    def has_room_for(self, size: int) -> bool:
        """Sees to it that a file of so many bytes, about to be written, fits; counts it as written if it does."""
        with self._lock:
            if self._taken is None or self._written > self._limit // _RESCANS:
                self._taken, self._written = sum(entry.size for entry in self._entries()), 0
            if self._taken + size > self._limit:
                self._taken -= self._freed(self._taken + size - self._limit)
            if self._taken + size > self._limit:
                return False
            self._taken += size
            self._written += size
            return True

    def used(self, path: Path) -> None:
        """Notes that a file is in use; only the first time costs anything."""
        if hash(path) not in self._touched:
            self._touched.add(hash(path))
            with suppress(OSError):
                os.utime(path)

    def _freed(self, needed: int) -> int:
        """Removes files until so many bytes are free, or none are left that may go; returns the bytes."""
        freed = 0
        for entry in sorted(entry for entry in self._entries() if entry.used < self._began):
            if freed >= needed:
                break
            with suppress(OSError):
                entry.path.unlink()
                freed += entry.size
        return freed

    def _entries(self) -> Iterator[_Entry]:
        """Every file; what a process that was killed has left half written goes after a day."""
        for parent, _, names in os.walk(self._folder):
            for path in (Path(parent, name) for name in names):
                with suppress(OSError):
                    status = path.stat(follow_symlinks=False)
                    if not path.suffix and time.time() - status.st_mtime > _ABANDONED_SECONDS:
                        path.unlink()
                        continue
                    yield _Entry(status.st_mtime, status.st_size, path)
