"""Features that were computed before, on disk.

The features of one frozen base are a folder of HDF5 files, each written once, whole, and named by the SHA-256 of
its bytes. So a file that was cut short or changed is known before anything in it is read, and several processes
may share the folder: at worst they compute the same twice. All bases together take a limited number of bytes; what
was not used for longest goes first.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import tempfile
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from harness.disk_cache import LIMIT, BoundedFolder
from harness.store.atomic import make_folder, publish, write_temporary

Rows = NDArray[np.float32]

_KEY = np.dtype("S64")
_MOST_BYTES = 64 * 2**20
_MOST_ROWS = 512


class _Place(NamedTuple):
    file: Path
    row: int


class FeatureCache:
    """The features of one base, by the hash of what they were computed from.

    Args:
        folder: Where its files are; it need not be there. None: a folder that is gone with this object.
        shape: Shape of the features of one row.
        say: Told in one line of what is not as it should be.
        room: The folder of all bases, of limited size; None: there is no limit.
    """

    def __init__(
        self,
        folder: Path | None,
        shape: Sequence[int],
        say: Callable[[str], None],
        room: BoundedFolder | None = None,
    ) -> None:
        self._folder = folder or self._temporary_folder()
        self._shape = tuple(shape)
        self._say = say
        self._room = room
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
        """Keeps features durably; where the folder cannot take them, for as long as this object lives."""
        content = _packed(list(features), np.stack(list(features.values())))
        try:
            path = self._written(content)
        except OSError as error:
            reason = error.strerror or error
            self._say(f"Features cannot be kept in {self._folder} ({reason}): they will be computed again")
            self._folder, self._room = self._temporary_folder(), None
            path = self._written(content)
        self._places |= {key: _Place(path, row) for row, key in enumerate(features)}

    def read(self, keys: Sequence[str]) -> Rows:
        """The features of rows that were added, or that an earlier run has left.

        Raises:
            KeyError: Some are not there, or not any more.
        """
        wanted: defaultdict[Path, list[int]] = defaultdict(list)
        for number, key in enumerate(keys):
            wanted[self._places[key].file].append(number)
        features = np.empty((len(keys), *self._shape), dtype=np.float32)
        for file, numbers in wanted.items():
            kept = self._content(file)
            features[numbers] = kept[[self._places[keys[number]].row for number in numbers]]
        return features

    def _written(self, content: bytes) -> Path:
        if self._room is not None and not self._room.has_room_for(len(content)):
            raise OSError(f"it is full, and {LIMIT} is its limit")
        make_folder(self._folder)
        path = self._folder / f"{hashlib.sha256(content).hexdigest()}.h5"
        publish(write_temporary([content], self._folder), path)
        return path

    def _content(self, file: Path) -> Rows:
        """The features of a file; another process may have removed it to make room."""
        try:
            _, kept = _unpacked(file, self._shape)
        except (OSError, ValueError) as error:
            self._places = {key: place for key, place in self._places.items() if place.file != file}
            raise KeyError(f"{file} is gone ({error})") from error
        return kept

    def _temporary_folder(self) -> Path:
        folder = tempfile.mkdtemp(prefix="harness-features-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return Path(folder)

    def _files(self) -> Iterable[Path]:
        if not self._folder.is_dir():
            return []
        return sorted(self._folder.glob("*.h5"))

    def _admit(self, file: Path) -> None:
        try:
            keys, _ = _unpacked(file, self._shape)
        except (OSError, ValueError) as error:
            self._say(f"{file} is not what was written ({error}): its features are computed anew")
            with suppress(OSError):
                file.unlink()
            return
        if self._room is not None:
            self._room.used(file)
        self._places |= {key: _Place(file, row) for row, key in enumerate(keys)}


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
