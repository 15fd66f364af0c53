"""Reads layer weights out of HDF5 files that nobody vouches for.

A file may point outside of itself, declare arrays or chunks of any size, hold numbers that unpack to any size, or
be cut short. Here a link is followed only if it is a hard link, an array is handed out only as a `StoredArray`,
which is read when its shape is the one expected, and what is packed is unpacked no further than that shape goes.

Layouts that are understood, with the layer's name where Keras keeps it:

- `[model_weights/]<layer>` with the attribute `weight_names`, the paths of its arrays: Keras 2 and Keras' `.h5`;
- `layers/<anything>/vars/0, 1, …` with the attribute `name` on `vars`, models in models: Keras 3's `.weights.h5`.
"""

from __future__ import annotations

import math
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import h5py
import numpy as np
from numpy.typing import NDArray

# LZF is not among them: the size of its buffer stands in the file.
_FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32}
_CHECKSUM_BYTES = 4
# What h5py itself chooses for the chunks of a small array that may grow stays below.
_CHUNK_BYTES = 2**20


@dataclass(frozen=True)
class StoredArray:
    """An array of a file, not read yet.

    Attributes:
        name: Name of the variable as stored, or None where the layout keeps none.
        dataset: The array in the file.
    """

    name: str | None
    dataset: h5py.Dataset

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape that the file declares; it may be any."""
        return tuple(self.dataset.shape or ())

    def read(self) -> NDArray[Any]:
        """Reads the numbers; only to be called where `shape` is known to be harmless.

        Raises:
            ValueError: A chunk unpacks to more than it should hold.
        """
        _check_unpacked_size(self.dataset)
        return np.asarray(self.dataset[()])


@dataclass(frozen=True)
class StoredLayer:
    """What a file keeps under the name of a layer.

    Attributes:
        arrays: Its arrays, in the order in which Keras wrote them.
        parts: If it may be a model, as its arrays lie in folders of other names, those by the names of the
            folders.
    """

    arrays: list[StoredArray]
    parts: dict[str, list[StoredArray]] = field(default_factory=dict)


@contextmanager
def open_regular(path: str | os.PathLike[str], what: str) -> Iterator[BinaryIO]:
    """Opens a regular file, and nothing that only has a name like one: no folder, pipe or device.

    Args:
        path: The file, or a symbolic link to it.
        what: What it is, to begin a sentence with.

    Raises:
        ValueError: There is no such file, or it is no regular one.
    """
    try:
        # A pipe would be waited for.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise ValueError(f"Cannot read '{path}': {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ValueError(f"{what} must be a regular file. Received: '{path}'")
    with os.fdopen(descriptor, "rb") as file:
        yield file


@contextmanager
def open_weights(path: str | os.PathLike[str]) -> Iterator[h5py.File]:
    """Opens a regular file for reading.

    Raises:
        ValueError: There is no such file, or it cannot be read as HDF5, now or while it is open.
    """
    try:
        regular = stat.S_ISREG(Path(path).stat().st_mode)
    except OSError as error:
        raise ValueError(f"Cannot read the weights file '{path}': {error.strerror}") from error
    if not regular:
        raise ValueError(f"A weights file must be a regular file. Received: '{path}'")
    try:
        with h5py.File(path, "r") as file:
            yield file
    except (OSError, RuntimeError, KeyError, UnicodeError) as error:  # whatever HDF5 says of a damaged file
        reason = " ".join(str(error).split())
        raise ValueError(f"'{path}' is no HDF5 file, or a damaged one: {reason}") from error


def check_plain(file: BinaryIO) -> None:
    """Checks that an HDF5 file holds groups and arrays of numbers, as Keras writes them, and nothing else.

    Every array must be stored as it is and in full, so that the file is as large as what it says it holds.

    Raises:
        ValueError: It holds something else; the message says what, or that it cannot be read.
    """
    try:
        with h5py.File(file, "r") as root:
            _check_plain(root)
    except (OSError, RuntimeError, KeyError, UnicodeError, TypeError) as error:
        raise ValueError(f"what cannot be read: {' '.join(str(error).split())}") from error


def _check_plain(root: h5py.Group) -> None:
    pending, seen = [root], {root}
    while pending:
        group = pending.pop()
        for key in group:
            link = group.get(key, getlink=True)
            if not isinstance(link, h5py.HardLink):
                raise ValueError(f"'{group.name}/{key}', a link of type {type(link).__name__}")
            child = group[key]
            if not isinstance(child, h5py.Group):
                if (problem := _problem(child) or _storage_problem(child)) is not None:
                    raise ValueError(f"'{child.name}', {problem}")
            elif child not in seen:  # a group is equal to itself under every name
                seen.add(child)
                pending.append(child)


def _storage_problem(dataset: h5py.Dataset) -> str | None:
    stored = dataset.id.get_storage_size()
    if dataset.chunks is None and stored == dataset.nbytes:
        return None
    return f"an array of {dataset.nbytes:,} bytes of which {stored:,} are stored"


def stored_layers(file: h5py.File) -> dict[str, StoredLayer]:
    """Finds the arrays of every layer.

    Raises:
        ValueError: The file has neither layout, or something in it is not what Keras writes.
    """
    root = _child(file, "model_weights") if "model_weights" in file else file
    found: dict[str, StoredLayer] = {}
    for name, layer in _keras_3(root) if "layers" in root and "layer_names" not in root.attrs else _legacy(root):
        if name in found:
            raise ValueError(f"'{file.filename}' holds two layers called '{name}'; no name tells them apart")
        found[name] = layer
    if not found:
        raise ValueError(f"'{file.filename}' holds no layer weights of Keras, in .h5 or .weights.h5 layout")
    return found


def _keras_3(root: h5py.Group) -> Iterator[tuple[str, StoredLayer]]:
    pending, seen = [root], {root}
    while pending:
        for key, layer in _groups(_child(pending.pop(), "layers")):
            if layer in seen:  # a group is equal to itself under every name
                raise ValueError(
                    f"'{root.file.filename}': a layer must be in one place. Received: '{layer.name}' again"
                )
            seen.add(layer)
            if "layers" in layer:
                pending.append(layer)
            if "vars" in layer and (arrays := _numbered(variables := _child(layer, "vars"))):
                yield _text(variables.attrs.get("name", key), root), StoredLayer(arrays)


def _legacy(root: h5py.Group) -> Iterator[tuple[str, StoredLayer]]:
    for key, layer in _groups(root):
        parts: dict[str, list[StoredArray]] = {}
        for path in (_text(path, root) for path in layer.attrs.get("weight_names", ())):
            folder, _, name = path.rpartition("/")
            array = StoredArray(name.partition(":")[0], _dataset(layer, path))
            parts.setdefault(folder.rpartition("/")[2], []).append(array)
        if parts:
            arrays = [array for part in parts.values() for array in part]
            yield key, StoredLayer(arrays, {} if set(parts) == {key} else parts)


def _numbered(arrays: h5py.Group) -> list[StoredArray]:
    keys = sorted((key for key in arrays if key.isdecimal()), key=int)
    return [StoredArray(None, _dataset(arrays, key)) for key in keys]


def _groups(parent: h5py.Group) -> Iterator[tuple[str, h5py.Group]]:
    for key in parent:
        child = _linked(parent, key)
        if isinstance(child, h5py.Group):
            yield key, child


def _child(parent: h5py.Group, key: str) -> h5py.Group:
    child = _linked(parent, key)
    if not isinstance(child, h5py.Group):
        raise ValueError(f"'{parent.file.filename}': '{key}' must be a group. Received: {type(child).__name__}")
    return child


def _dataset(parent: h5py.Group, path: str) -> h5py.Dataset:
    *folders, name = path.split("/")
    for folder in folders:
        parent = _child(parent, folder)
    dataset = _linked(parent, name)
    if (problem := _problem(dataset)) is not None:
        raise ValueError(f"'{parent.file.filename}': '{path}' must be an array of numbers. Received: {problem}")
    return dataset


def _linked(parent: h5py.Group, key: str) -> Any:
    """What a hard link leads to; other links may lead out of the file."""
    link = parent.get(key, getlink=True) if key not in ("", ".", "..") else None
    if not isinstance(link, h5py.HardLink):
        what = "nothing" if link is None else f"a link of type {type(link).__name__}"
        raise ValueError(f"'{parent.file.filename}': '{parent.name}/{key}' must lie in the file. Received: {what}")
    return parent[key]


def _problem(dataset: Any) -> str | None:
    if not isinstance(dataset, h5py.Dataset):
        return type(dataset).__name__
    if dataset.dtype.kind not in "fiub" or dataset.shape is None:
        return f"type {dataset.dtype}"
    if dataset.is_virtual or dataset.external:
        return "numbers stored in other files"
    filters = _filters(dataset)
    if not set(filters) <= _FILTERS or len(set(filters)) < len(filters):
        return "numbers packed by something else than gzip, once, with or without shuffling and checksums"
    # HDF5 reads a whole packed chunk into memory, however few of its numbers belong to the array.
    if _chunk_bytes(dataset) > max(dataset.nbytes, _CHUNK_BYTES):
        return f"chunks of {_chunk_bytes(dataset):,} bytes for an array of {dataset.nbytes:,}"
    return None


def _filters(dataset: h5py.Dataset) -> list[int]:
    settings = dataset.id.get_create_plist()
    return [settings.get_filter(number)[0] for number in range(settings.get_nfilters())]


def _chunk_bytes(dataset: h5py.Dataset) -> int:
    return math.prod(dataset.chunks) * int(dataset.dtype.itemsize) if dataset.chunks else 0


def _check_unpacked_size(dataset: h5py.Dataset) -> None:
    """Unpacks every chunk as far as it may go: HDF5 goes on for as long as zlib has more, whatever the shape."""
    filters = _filters(dataset)
    if h5py.h5z.FILTER_DEFLATE not in filters:
        return
    skipped = 1 << filters.index(h5py.h5z.FILTER_DEFLATE)
    most = _chunk_bytes(dataset) + _CHECKSUM_BYTES
    for number in range(dataset.id.get_num_chunks()):
        mask, packed = dataset.id.read_direct_chunk(dataset.id.get_chunk_info(number).chunk_offset)
        if not mask & skipped and _unpacks_to_more(packed, most):
            raise ValueError(
                f"'{dataset.file.filename}': '{dataset.name}' must unpack to its {dataset.nbytes:,} bytes. "
                "Received: a chunk that unpacks to more than it should hold"
            )


def _unpacks_to_more(packed: bytes, most: int) -> bool:
    try:
        return len(zlib.decompressobj().decompress(packed, most + 1)) > most
    except zlib.error:
        return False  # HDF5 will say so


def _text(value: Any, root: h5py.Group) -> str:
    text = value.decode() if isinstance(value, bytes) else value
    if not isinstance(text, str):
        raise ValueError(f"'{root.file.filename}': a name must be text. Received: {type(value).__name__}")
    return text
