"""Rows of data on their way into the compiled program.

A program is compiled for arrays of fixed shapes, but folds differ in size by a row and the last batch of an epoch
is smaller than the others. Where nothing in a model looks across rows, the last batch is filled up with rows that
a mask then takes out of losses, gradients and metrics; so that one program, with one training step in it, serves
folds of both sizes. Everywhere else each size is compiled on its own, its last batch apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

# More filling than this is compiled away instead.
_MOST_FILLING = 0.25


class Batch(NamedTuple):
    """Features, targets (one array, or a tuple of one a head) and weights or None."""

    x: Any
    y: Any
    sample_weight: Any = None

    def map(self, function: Callable[[Any], Any]) -> Batch:
        """Applies a function to every array."""
        return Batch(*(part if part is None else keras.tree.map_structure(function, part) for part in self))


@dataclass(frozen=True)
class Rows:
    """All the rows of a part of a fold.

    Attributes:
        batch: Their arrays, filled up to whole batches where `masked`.
        count: How many there are.
        masked: Whether the last batch is masked.
    """

    batch: Batch
    count: int
    masked: bool

    @classmethod
    def of(cls, batch: Batch, batch_size: int, *, maskable: bool) -> Rows:
        """Puts arrays into tensors, filled up if the model allows it and the rows are many enough."""
        count = len(batch.x)
        filling = -count % batch_size
        masked = maskable and filling <= _MOST_FILLING * count
        return cls(batch.map(lambda array: _tensor(array, filling if masked else 0)), count, masked)

    @property
    def size(self) -> int:
        """Rows there are, the filling included."""
        return int(self.batch.x.shape[0])

    @property
    def key(self) -> tuple[Any, ...]:
        """What a program depends on: shapes and types of all arrays."""
        arrays = [array for array in keras.tree.flatten(tuple(self.batch)) if array is not None]
        return (self.masked, *((tuple(array.shape), array.dtype) for array in arrays))


def _tensor(array: NDArray[Any], filling: int) -> Any:
    if filling:
        # With the last row: zeros may give NaN, which no mask takes out, for zero times NaN is NaN.
        array = np.pad(array, [(0, filling)] + [(0, 0)] * (array.ndim - 1), mode="edge")
    return keras.ops.convert_to_tensor(array)
