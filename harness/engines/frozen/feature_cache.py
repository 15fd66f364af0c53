"""Features that were computed before, on disk.

The features of one frozen base are a folder of HDF5 files, each written once, whole, and named by the SHA-256 of
its bytes. So a file that was cut short or changed is known before anything in it is read, and several processes
may share the folder: at worst they compute the same twice.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tempfile
import time
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from harness.store.atomic import make_folder, publish, write_temporary

ENVIRONMENT = "HARNESS_CACHE"
"""Environment variable that names the folder of features."""

Rows = NDArray[np.float32]

_KEY = np.dtype("S64")
_MOST_BYTES = 64 * 2**20
_MOST_ROWS = 512
_ABANDONED_SECONDS = 24 * 3600


def cache_folder() -> Path:
    """The folder that features are kept in: that of ``HARNESS_CACHE``, else one in the user's cache.

    Nothing in it is needed: what is deleted is computed anew.
    """
    if named := os.environ.get(ENVIRONMENT):
        return Path(named)
    import pooch

    return Path(pooch.os_cache("keras-zoo-harness")) / "features"


class _Place(NamedTuple):
    file: Path
    row: int


class FeatureCache:
    """The features of one base, by the hash of what they were computed from.

    Args:
        folder: Where its files are; it need not be there.
        shape: Shape of the features of one row.
        say: Told in one line of what is not as it should be.
    """

    def __init__(self, folder: Path, shape: Sequence[int], say: Callable[[str], None]) -> None:
        self._folder = folder
        self._shape = tuple(shape)
        self._say = say
        self._places: dict[str, _Place] = {}
        for file in self._files():
            self._admit(file)

    @property
    def rows_a_file(self) -> int:
        """Rows to write at a time: no more are lost by an interruption, nor held in memory."""
        row_bytes = 4 * int(np.prod(self._shape, dtype=np.int64))
        return int(np.clip(_MOST_BYTES // max(row_bytes, 1), 1, _MOST_ROWS))

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def add(self, features: Mapping[str, Rows]) -> None:
        """Keeps features durably; where the folder cannot be written, for as long as this object lives."""
        content = _packed(list(features), np.stack(list(features.values())))
        name = f"{hashlib.sha256(content).hexdigest()}.h5"
        try:
            path = self._written(content, name, self._folder)
        except OSError as error:
            self._say(f"Features cannot be kept in {self._folder} ({error.strerror}): they will be computed again")
            self._folder = self._temporary_folder()
            path = self._written(content, name, self._folder)
        self._places |= {key: _Place(path, row) for row, key in enumerate(features)}

    def read(self, keys: Sequence[str]) -> Rows:
        """The features of rows that were added, or that an earlier run has left.

        Raises:
            KeyError: Some are not there.
        """
        wanted: defaultdict[Path, list[int]] = defaultdict(list)
        for number, key in enumerate(keys):
            wanted[self._places[key].file].append(number)
        features = np.empty((len(keys), *self._shape), dtype=np.float32)
        for file, numbers in wanted.items():
            _, kept = _unpacked(file, self._shape)
            features[numbers] = kept[[self._places[keys[number]].row for number in numbers]]
        return features

    def _written(self, content: bytes, name: str, folder: Path) -> Path:
        make_folder(folder)
        publish(write_temporary([content], folder), folder / name)
        return folder / name

    def _temporary_folder(self) -> Path:
        folder = tempfile.mkdtemp(prefix="harness-features-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return Path(folder)

    def _files(self) -> Iterable[Path]:
        if not self._folder.is_dir():
            return []
        _remove_abandoned(self._folder)
        return sorted(self._folder.glob("*.h5"))

    def _admit(self, file: Path) -> None:
        try:
            keys, _ = _unpacked(file, self._shape)
        except (OSError, ValueError) as error:
            self._say(f"{file} is not what was written ({error}): its features are computed anew")
            with suppress(OSError):
                file.unlink()
            return
        self._places |= {key: _Place(file, row) for row, key in enumerate(keys)}


def _remove_abandoned(folder: Path) -> None:
    """Removes what processes that were killed have left behind."""
    for path in folder.iterdir():
        with suppress(OSError):
            if path.suffix != ".h5" and time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                path.unlink()


def _packed(keys: Sequence[str], features: Rows) -> bytes:
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file["keys"] = np.array(keys, dtype=_KEY)
        file["features"] = np.ascontiguousarray(features, dtype=np.float32)
    return stream.getvalue()


def _unpacked(path: Path, shape: tuple[int, ...]) -> tuple[list[str], Rows]:
    """The keys and features of a file.

    Raises:
        OSError: It cannot be read.
        ValueError: It is not what was written.
    """
    if path.is_symlink() or not path.is_file():
        raise ValueError("no regular file")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != path.stem:
        raise ValueError("its SHA-256 is not the one in its name")
    with h5py.File(io.BytesIO(content), "r") as file:
        keys, features = (_array(file, name) for name in ("keys", "features"))
        if keys.dtype != _KEY or features.dtype != np.float32 or features.shape != (len(keys), *shape):
            raise ValueError(f"it holds {features.dtype} {features.shape}, expected float32 (n, {shape})")
        return [key.decode("ascii") for key in keys[()]], features[()]


def _array(file: h5py.File, name: str) -> h5py.Dataset:
    """An array whose numbers are in the file itself."""
    if not isinstance(file.get(name, getlink=True), h5py.HardLink) or not isinstance(file[name], h5py.Dataset):
        raise ValueError(f"'{name}' is not in it")
    if file[name].is_virtual or file[name].external:
        raise ValueError(f"'{name}' lies in another file")
    return file[name]
