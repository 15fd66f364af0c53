"""Whether an embedding has a row for every number that it is given.

`model.fit` on processors refuses a number that it has none for; a compiled program takes the nearest row instead.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from harness.engines.base import FoldData
from harness.errors import FoldError


def check_indices(model: keras.Model, data: FoldData) -> None:
    """Looks at the rows that a fold trains and validates on, where an embedding is what they go into first.

    Raises:
        FoldError: One of their numbers is none of the embedding's.
    """
    for layer in model.layers:
        if isinstance(layer, keras.layers.Embedding) and _is_first(layer, model):
            _check(layer, data.x_train, "training")
            _check(layer, data.x_val, "validation")


def _is_first(layer: Any, model: keras.Model) -> bool:
    return any(layer.input is tensor for tensor in model.inputs)


def _check(layer: Any, x: Any, rows: str) -> None:
    if x is None or not x.size:
        return
    # As the layer does: fractions are cut off.
    lowest, highest = (int(np.trunc(value)) for value in (x.min(), x.max()))
    if lowest < 0 or highest >= layer.input_dim:
        raise FoldError(
            f"The embedding '{layer.name}' takes numbers from 0 to {layer.input_dim - 1}. Received: {lowest} to "
            f"{highest} in the {rows} rows; raise its input_dim or number the values from 0"
        )
