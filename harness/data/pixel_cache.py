"""Decoded images on disk: what took milliseconds to decode is read in a tenth of them, in every epoch and fold.

Each image is a file of its own, named by what its pixels depend on: the picture file's bytes, the size asked for,
and the decoder. A checksum (CRC-32) stands before the pixels, so that a file cut short or damaged counts for
nothing. It is written beside its place and renamed. It is read rather than mapped: pages of a mapped file count
as memory of the process, which would grow with the number of images.
"""

from __future__ import annotations

import functools
import hashlib
import os
import threading
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.data.decoding import decoder_version
from harness.disk_cache import BoundedFolder, cache_folder, limit_of_caches

Pixels = NDArray[np.uint8]

_SUFFIX = ".pixels"
_CHECKSUM = 4  # bytes


def pixel_cache() -> PixelCache:
    """The cache of this process, in the user's cache."""
    return _opened(cache_folder("pixels"), limit_of_caches())


class PixelCache:
    """Pixels by picture and size.

    Args:
        folder: Where they are; it need not be there.
        limit: Bytes that they may take; those not used for longest go first.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self._room = BoundedFolder(folder, limit)
        self._decoder = decoder_version()
        self._is_closed = False

    def read(self, sha256: str, size: tuple[int, int]) -> Pixels | None:
        """The pixels of a picture.

        Args:
            sha256: Hex digest of the picture's file.
            size: Height and width it is resized to.

        Returns:
            (height, width, 3), or None where they are not there or not what was written.
        """
        path = self._path(sha256, size)
        try:
            content = np.fromfile(path, dtype=np.uint8)
        except OSError:
            return None
        pixels = content[_CHECKSUM:]
        if pixels.size != size[0] * size[1] * 3 or _checksum(pixels) != content[:_CHECKSUM].tobytes():
            return None
        self._room.used(path)
        return pixels.reshape(*size, 3)

    def keep(self, sha256: str, size: tuple[int, int], pixels: Pixels) -> None:
        """Keeps the pixels of a picture, where there is room and a folder that can be written to."""
        if self._is_closed:
            return
        path = self._path(sha256, size)
        if self._room.has_room_for(_CHECKSUM + pixels.size):
            try:
                _write(path, pixels)
            except OSError:  # a full disk, a folder of somebody else's: images are decoded, as without a cache
                self._is_closed = True

    def _path(self, sha256: str, size: tuple[int, int]) -> Path:
        key = hashlib.sha256(f"{sha256} {size[0]}x{size[1]} {self._decoder}".encode()).hexdigest()
        return self._folder / key[:2] / f"{key[2:]}{_SUFFIX}"


def _write(path: Path, pixels: Pixels) -> None:
    """Writes beside the file and puts it in place when it is whole; a kill leaves a file that nobody reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{os.getpid()}-{threading.get_ident()}-{os.urandom(4).hex()}")
    try:
        with temporary.open("xb") as file:
            file.write(_checksum(pixels))
            file.write(pixels.tobytes())
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def _checksum(pixels: Pixels) -> bytes:
    return zlib.crc32(pixels.tobytes()).to_bytes(_CHECKSUM, "little")


@functools.lru_cache(maxsize=1)
def _opened(folder: Path, limit: int) -> PixelCache:
    return PixelCache(folder, limit)
