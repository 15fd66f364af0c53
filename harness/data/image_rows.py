"""Images on disk as an array that is read when it is needed, and never all at once unless asked for."""

from __future__ import annotations

import functools
import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.data.decoding import UnusableImageError, decode, quiet_decoding, read_pixels
from harness.data.pixel_cache import pixel_cache

MEMORY_BUDGET = 64 * 2**20
"""Bytes that all images of a data set may take as float32 to be kept in memory; more are streamed from disk."""

_AHEAD = 2  # batches read ahead of the one that is used
_MOST_THREADS = 16
_THUMBNAIL = (9, 9)
_HASHED_AT_ONCE = 16

Batch = NDArray[np.float32]
Transformation = Callable[[Batch], Batch]


class ImageRows:
    """Image files as an array ``(n, height, width, channels)`` of float32 pixels from 0 to 255, RGB.

    Indexing with row numbers, a slice or a mask gives a view: nothing is read. `load` and `numpy.asarray` read
    all of it, `batches` a batch at a time. Each file is decoded once: where all images together fit into a budget
    of memory, the pixels are kept there, else in a cache on disk (`harness.data.pixel_cache`).

    Args:
        paths: (n,) image files.
        size: Height and width that every image is resized to, in pixels.
        channels: 3, the only number of channels there is now.
        budget: Bytes that all images may take as float32 to be kept in memory; None: `MEMORY_BUDGET`.

    Example:
        >>> rows = ImageRows(["a.jpg", "b.jpg", "c.jpg"], (32, 48))
        >>> rows.shape, rows[[0, 2]].shape
        ((3, 32, 48, 3), (2, 32, 48, 3))
    """

    ndim = 4
    dtype = np.dtype(np.float32)

    def __init__(
        self,
        paths: Iterable[str | os.PathLike[str]],
        size: tuple[int, int],
        channels: int = 3,
        *,
        budget: int | None = None,
    ) -> None:
        if channels != 3:
            raise ValueError(f"Images are read with 3 channels. Received: channels={channels}")
        self.paths: NDArray[np.str_] = np.array([os.fspath(path) for path in paths], dtype=np.str_)
        self.size = (int(size[0]), int(size[1]))
        self.channels = channels
        self.in_memory = self.nbytes <= (MEMORY_BUDGET if budget is None else budget)
        self._transformations: tuple[Transformation, ...] = ()
        # Shared by all views, so that no file is hashed twice, nor decoded twice if it may be kept.
        self._hashes: dict[str, str] = {}
        self._pixels: dict[str, NDArray[np.uint8]] = {}
        self._thumbnails: dict[str, NDArray[np.uint8]] = {}
        self._mapped_hashes: dict[str, str] = {}

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Images, height, width, channels."""
        return (len(self.paths), *self.size, self.channels)

    @property
    def is_mapped(self) -> bool:
        """Whether images are not what their files hold, for they go through functions."""
        return bool(self._transformations)

    @property
    def nbytes(self) -> int:
        """Bytes that the images take once they are loaded."""
        return int(np.prod(self.shape)) * self.dtype.itemsize

    def __len__(self) -> int:
        return len(self.paths)

    def __repr__(self) -> str:
        return f"ImageRows({len(self)} files, {'×'.join(map(str, self.shape[1:]))})"

    def __getitem__(self, rows: Any) -> ImageRows:
        """A view of the rows of an array of numbers, a slice, or a mask."""
        if isinstance(rows, (int, np.integer)):
            raise TypeError("ImageRows takes an array of row numbers, a slice or a mask; for one image [[i]]")
        return self._view(self.paths[rows if isinstance(rows, slice) else np.asarray(rows)])

    def map(self, function: Transformation) -> ImageRows:
        """A view whose images go through a function, a batch at a time, when they are read.

        Args:
            function: From ``(b, height, width, channels)`` float32 to the same shape and dtype; what it makes of
                an image must not depend on its company.
        """
        view = self._view(self.paths)
        view._transformations = (*self._transformations, function)
        view._mapped_hashes = {}
        return view

    def read(self, rows: ArrayLike) -> Batch:
        """Reads a few images, decoded by several threads.

        Args:
            rows: (b,) row numbers.

        Returns:
            (b, height, width, channels) float32, transformed where `map` says so.

        Raises:
            DataError: A file cannot be read any more.
        """
        numbers = np.asarray(rows, dtype=np.int64)
        images = _threads().map(self._decoded, self.paths[numbers].tolist())
        return self._transformed(self._gathered(images, len(numbers)))

    def batches(self, batch_size: int) -> Iterator[Batch]:
        """Reads all images in their order, decoded by several threads and a little ahead.

        Args:
            batch_size: Images in a batch, at least 1.

        Yields:
            (batch_size, height, width, channels) float32; the last batch holds what is left.
        """
        waiting: deque[list[Future[NDArray[np.uint8]]]] = deque()
        with quiet_decoding():
            try:
                for start in range(0, len(self), batch_size):
                    waiting.append(self._submitted(start, start + batch_size))
                    if len(waiting) > _AHEAD:
                        yield self._finished(waiting.popleft())
                while waiting:
                    yield self._finished(waiting.popleft())
            finally:
                for future in chain.from_iterable(waiting):  # of somebody who has stopped listening
                    future.cancel()

    def load(self) -> Batch:
        """Reads all images into one array ``(n, height, width, channels)``."""
        loaded = np.empty(self.shape, dtype=np.float32)
        start = 0
        for batch in self.batches(64):
            loaded[start : start + len(batch)] = batch
            start += len(batch)
        return loaded

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("Images on disk cannot become an array without reading them: copy=False")
        return self.load() if dtype is None else self.load().astype(dtype, copy=False)

    def hashes(self) -> list[str]:
        """The SHA-256 of each file's bytes, as hex digits; each file is read once however many views there are."""
        unknown = [path for path in dict.fromkeys(self.paths.tolist()) if path not in self._hashes]
        self._hashes.update(zip(unknown, _threads().map(_sha256, unknown), strict=True))
        return [self._hashes[path] for path in self.paths.tolist()]

    def content_hashes(self) -> list[str]:
        """What tells images apart, as hex digits: SHA-256 of each file, or of what `map` makes of its pixels."""
        if not self.is_mapped:
            return self.hashes()
        unknown = [path for path in dict.fromkeys(self.paths.tolist()) if path not in self._mapped_hashes]
        images = chain.from_iterable(self._view(np.array(unknown, dtype=np.str_)).batches(_HASHED_AT_ONCE))
        digests = (hashlib.sha256(image.tobytes()).hexdigest() for image in images)
        self._mapped_hashes.update(zip(unknown, digests, strict=True))
        return [self._mapped_hashes[path] for path in self.paths.tolist()]

    def thumbnails(self) -> NDArray[np.uint8]:
        """Every image at 9 × 9 pixels, ``(n, 9, 9, channels)``: what near-duplicates are recognised by."""
        self.unusable()
        return np.stack([self._thumbnails[path] for path in self.paths.tolist()])

    def unusable(self) -> dict[str, str]:
        """Decodes every file that was not decoded before; returns those that cannot be read, and why."""
        unknown = [path for path in dict.fromkeys(self.paths.tolist()) if path not in self._thumbnails]
        with quiet_decoding():
            found = dict(zip(unknown, _threads().map(_thumbnail, unknown), strict=True))
        self._thumbnails.update({path: pixels for path, pixels in found.items() if not isinstance(pixels, str)})
        return {path: reason for path, reason in found.items() if isinstance(reason, str)}

    def _view(self, paths: NDArray[np.str_]) -> ImageRows:
        view = object.__new__(type(self))
        view.__dict__.update(self.__dict__)
        view.paths = paths
        return view

    def _decoded(self, path: str) -> NDArray[np.uint8]:
        if (kept := self._pixels.get(path)) is not None:
            return kept
        if not self.in_memory:
            return self._from_disk(path)
        pixels = self._pixels[path] = read_pixels(path, self.size)
        return pixels

    def _from_disk(self, path: str) -> NDArray[np.uint8]:
        """The pixels of a file, decoded by us or by an earlier run."""
        if (digest := self._hash(path)) is None:
            return read_pixels(path, self.size)
        if (kept := pixel_cache().read(digest, self.size)) is not None:
            return kept
        pixels = read_pixels(path, self.size)
        # Looked at again: pixels of a file that was exchanged meanwhile must not be kept for those of the other.
        if _sha256_if_there(path) == digest:
            pixel_cache().keep(digest, self.size, pixels)
        return pixels

    def _hash(self, path: str) -> str | None:
        if (digest := self._hashes.get(path) or _sha256_if_there(path)) is not None:
            self._hashes[path] = digest
        return digest

    def _submitted(self, start: int, stop: int) -> list[Future[NDArray[np.uint8]]]:
        return [_threads().submit(self._decoded, path) for path in self.paths[start:stop].tolist()]

    def _finished(self, futures: Sequence[Future[NDArray[np.uint8]]]) -> Batch:
        return self._transformed(self._gathered((future.result() for future in futures), len(futures)))

    def _gathered(self, images: Iterable[NDArray[np.uint8]], count: int) -> Batch:
        batch = np.empty((count, *self.shape[1:]), dtype=np.float32)
        for row, pixels in enumerate(images):
            batch[row] = pixels
        return batch

    def _transformed(self, batch: Batch) -> Batch:
        for transformation in self._transformations:
            batch = transformation(batch)
        return batch


@functools.cache
def _threads() -> ThreadPoolExecutor:
    """The threads of this process; threads do, for Pillow decodes and resizes without holding Python's lock."""
    return ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1), thread_name_prefix="images")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        after_in_child=_threads.cache_clear
    )  # a forked child has the pool, but none of its threads


def _thumbnail(path: str) -> NDArray[np.uint8] | str:
    """The pixels, or why there are none."""
    try:
        return decode(path, _THUMBNAIL)
    except UnusableImageError as error:
        return str(error)


def _sha256(path: str) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sha256_if_there(path: str) -> str | None:
    """The hash of a file's bytes; None where it cannot be read, of which the decoder says more."""
    try:
        return _sha256(path)
    except OSError:
        return None
