"""Files of a fold, without a model of its own.

`model.save` takes 20 to 50 ms, most of it for describing the model once more. As all folds have the same model,
its `.keras` file is made by Keras once; a fold's differs in nothing but the numbers, which are put in place.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import keras
import numpy as np
from numpy.typing import NDArray

from harness.backend import tensorflow_spared
from harness.engines.vectorized.model_lock import MODEL_LOCK

_WEIGHTS = "model.weights.h5"
# Numbers that a freshly made model does not hold by itself; float32 has them exactly.
_FIRST_MARK = 1_000_003

Values = Sequence[NDArray[Any]]


class _Place(NamedTuple):
    """Where in the weights file a variable's numbers are."""

    variable: int
    offset: int
    size: int
    dtype: np.dtype[Any]


class CheckpointWriter:
    """Writes states of a model as files that Keras reads.

    Args:
        model: The model; its variables are overwritten.
        variables: Whose values a state begins with.
    """

    def __init__(self, model: keras.Model, variables: Sequence[Any]) -> None:
        self.model = model
        self.variables = list(variables)
        self._initial = [keras.ops.convert_to_numpy(variable).copy() for variable in variables]

    def write(self, path: Path, values: Values) -> None:
        """Writes a `.keras` file, or a `.weights.h5` file if the path says so."""
        values = values[: len(self.variables)]
        with MODEL_LOCK:
            places = self._places if path.suffix == ".keras" else None
            if places is None:
                self._save_by_keras(path, values)
                return
        _write_archive(path, self._archive, _filled(self._archive[_WEIGHTS], places, values))

    def _save_by_keras(self, path: Path, values: Values) -> None:
        for variable, value in zip(self.variables, values, strict=True):
            variable.assign(value)
        save = self.model.save_weights if path.name.endswith(".weights.h5") else self.model.save
        with tensorflow_spared():
            save(path)

    @cached_property
    def _archive(self) -> dict[str, bytes]:
        """The members of a file of the model as it was built."""
        return self._saved(self._initial)

    @cached_property
    def _places(self) -> list[_Place] | None:
        """Where each variable's numbers are, or None if that cannot be told."""
        marks = [np.full_like(value, _mark(number, value)) for number, value in enumerate(self._initial)]
        places = _find_marks(self._saved(marks)[_WEIGHTS], marks)
        return places if _is_laid_out(self._archive[_WEIGHTS], places) else None

    def _saved(self, values: Values) -> dict[str, bytes]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.keras"
            self._save_by_keras(path, values)
            with zipfile.ZipFile(path) as archive:
                return {name: archive.read(name) for name in archive.namelist()}


def _mark(number: int, value: NDArray[Any]) -> int:
    return _FIRST_MARK + number if value.dtype.itemsize >= 4 else 0


def _datasets(weights: bytes) -> list[tuple[Any, int | None, Any]]:
    """Value, offset (None where the numbers lie scattered) and type of every data set."""
    found: list[Any] = []
    with h5py.File(io.BytesIO(weights), "r") as file:
        file.visititems(lambda _, item: found.append(item) if isinstance(item, h5py.Dataset) else None)
        return [(item[()], item.id.get_offset(), item.dtype) for item in found]


def _find_marks(weights: bytes, marks: Values) -> list[_Place]:
    """The places of all data sets that are filled with one variable's mark."""
    numbers = {float(mark.flat[0]): number for number, mark in enumerate(marks) if mark.size and mark.flat[0]}
    places = []
    for value, offset, dtype in _datasets(weights):
        number = numbers.get(float(np.ravel(value)[0])) if np.size(value) else None
        if number is not None and offset is not None and np.shape(value) == marks[number].shape:
            places.append(_Place(number, offset, np.asarray(value).nbytes, dtype))
    return places


def _is_laid_out(weights: bytes, places: Sequence[_Place]) -> bool:
    """Whether every data set of another file of the model is at one of these places."""
    known = {(place.offset, place.size) for place in places}
    return all((offset, np.asarray(value).nbytes) in known for value, offset, _ in _datasets(weights))


def _filled(weights: bytes, places: Sequence[_Place], values: Values) -> bytes:
    content = bytearray(weights)
    for place in places:
        numbers = np.ascontiguousarray(values[place.variable], dtype=place.dtype).tobytes()
        content[place.offset : place.offset + place.size] = numbers
    return bytes(content)


def _write_archive(path: Path, members: dict[str, bytes], weights: bytes) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, weights if name == _WEIGHTS else content)
