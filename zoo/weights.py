"""Weights from HDF5 files, by the names of layers.

`keras.Model.load_weights` matches layers by their order, or by name in the legacy layout only, trusts the file,
and does not say what it left out. This reads both of Keras' layouts, trusts nothing, and reports.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from zoo._hdf5 import StoredArray, StoredLayer, open_weights, stored_layers
from zoo._parts import leaf_layers


@dataclass(frozen=True)
class WeightsReport:
    """What became of a model's layers and a file's.

    Attributes:
        loaded: Layers whose weights are now those of the file, in the model's order.
        missing: Layers with weights of which the file has none; they keep theirs.
        mismatched: Layers whose weights in the file are others in number or shape, each with both, or bear other
            names where shapes do not tell them apart; they keep theirs.
        unused: Layers of the file that the model does not have.
    """

    loaded: tuple[str, ...]
    missing: tuple[str, ...]
    mismatched: tuple[str, ...]
    unused: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every layer that has weights got them."""
        return not self.missing and not self.mismatched

    def __str__(self) -> str:
        counts = [f"{len(getattr(self, name))} {name}" for name in ("loaded", "missing", "mismatched", "unused")]
        named = [
            f"; {name}: {_some(names)}" for name in ("missing", "mismatched") if (names := getattr(self, name))
        ]
        return ", ".join(counts) + "".join(named)


def load_weights_by_name(model: keras.Model, path: str | os.PathLike[str]) -> WeightsReport:
    """Sets the weights of every layer that a file has under the same name, with the same shapes.

    Layers of models within the model are looked up by their own names. Nothing is set if the file is refused.

    Args:
        model: A built model.
        path: An HDF5 file: Keras 3's `.weights.h5`, or the legacy layout `[model_weights/]<layer>` with the
            attribute `weight_names`, as in Keras' `.h5`. Links out of the file, arrays stored elsewhere and
            arrays that are no numbers are refused; an array is read only if its shape is that of the layer's
            weight.

    Returns:
        What was loaded, and what was not.

    Raises:
        ValueError: The model is not built, or the file cannot be read, has neither layout, or is hostile; the
            message says which.

    Example:
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "small.weights.h5"
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, name="hidden")])
        >>> model.save_weights(path)
        >>> larger = keras.Sequential([keras.Input((2,)), *model.layers, keras.layers.Dense(1, name="output")])
        >>> print(load_weights_by_name(larger, path))
        1 loaded, 1 missing, 0 mismatched, 0 unused; missing: output
    """
    if not model.built:
        raise ValueError(f"`model` must be built, so that it has weights. Received: model={model.name!r}")
    layers = {layer.name: layer for layer in leaf_layers(model) if layer.weights}
    with open_weights(path) as file:
        kept = stored_layers(file)
        stored = _by_name(kept)
        pairs = {name: _paired(layer.weights, stored[name]) for name, layer in layers.items() if name in stored}
        fitting = {name: pair for name, pair in pairs.items() if pair is not None}
        values = [(weight, array.read()) for pair in fitting.values() for weight, array in pair]
        report = WeightsReport(
            loaded=tuple(fitting),
            missing=tuple(name for name in layers if name not in stored),
            mismatched=tuple(
                f"{name} ({_difference(layers[name].weights, stored[name])})"
                for name in pairs
                if name not in fitting
            ),
            unused=tuple(name for key, layer in kept.items() for name in _unused(key, layer, layers)),
        )
    for weight, value in values:
        weight.assign(value)
    return report


def _by_name(kept: Mapping[str, StoredLayer]) -> dict[str, list[StoredArray]]:
    """The arrays of every layer and, where no layer bears the name, of every part."""
    parts = {name: arrays for layer in kept.values() for name, arrays in layer.parts.items()}
    return {**parts, **{name: layer.arrays for name, layer in kept.items()}}


def _unused(name: str, layer: StoredLayer, wanted: Collection[str]) -> list[str]:
    """The names under which a layer of the file was not asked for; part by part where some were."""
    if name in wanted:
        return []
    parts = [part for part in layer.parts if part not in wanted]
    return parts if len(parts) < len(layer.parts) else [name]


def _paired(weights: Sequence[Any], arrays: Sequence[StoredArray]) -> list[tuple[Any, StoredArray]] | None:
    """Each weight with its array: by name where the file has all the names, else in Keras' order.

    The order of arrays with other names is trusted only where it can be told from the shapes: the four of a batch
    normalisation are of one shape, and a file that was converted may have them in any order.
    """
    names, stored = [weight.name for weight in weights], [array.name for array in arrays]
    if len(set(names)) == len(names) and sorted(names) == sorted(filter(None, stored)):
        arrays = [arrays[stored.index(name)] for name in names]
    elif None not in stored and stored != names and _look_alike(arrays):
        return None
    if _shapes_of(weights) != _shapes_of(arrays):
        return None
    return list(zip(weights, arrays, strict=True))


def _look_alike(arrays: Sequence[StoredArray]) -> bool:
    shapes = _shapes_of(arrays)
    return len(set(shapes)) < len(shapes)


def _shapes_of(arrays: Sequence[Any]) -> list[tuple[int, ...]]:
    return [tuple(array.shape) for array in arrays]


def _difference(weights: Sequence[Any], arrays: Sequence[StoredArray]) -> str:
    """What the model has, and what the file has: shapes, or names where the shapes are the same."""
    if sorted(_shapes_of(weights)) != sorted(_shapes_of(arrays)):
        return f"{_shapes(weights)} in the model, {_shapes(arrays)} in the file"
    return f"{_names(weights)} in the model, {_names(arrays)} in the file, of shapes that do not tell them apart"


def _shapes(arrays: Sequence[Any]) -> str:
    return " ".join(str(shape).replace(" ", "") for shape in _shapes_of(arrays)) or "none"


def _names(arrays: Sequence[Any]) -> str:
    return " ".join(str(array.name) for array in arrays)


def _some(names: Sequence[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
