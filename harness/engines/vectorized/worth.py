"""Whether a compiled program is the faster way to train a model that it can express."""

from __future__ import annotations

import math
from typing import Any

import keras

from harness.backend import device

# Multiplications for one example from which on convolutions of processors are the slower ones inside a program:
# with 25 million (a picture of 32 × 32 pixels) `model.fit` was measured to be twelve times as fast.
_MOST_MULTIPLICATIONS = 500_000


def why_not_worth_it(model: keras.Model) -> str | None:
    """Tells why `model.fit` is likely to be faster, or returns None where the program is.

    Args:
        model: A built model.

    Example:
        >>> why_not_worth_it(keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])) is None
        True
    """
    if device() != "cpu":
        return None
    total = sum(map(multiplications, model._flatten_layers(include_self=False)))
    if total <= _MOST_MULTIPLICATIONS:
        return None
    return "its convolutions are faster outside a compiled program on this machine's processors"


def multiplications(layer: Any) -> int:
    """Multiplications that a convolution does for one example; 0 for any other layer."""
    kernels = [weight for weight in layer.weights if weight.name.endswith("kernel") and len(weight.shape) > 2]
    if not kernels or not isinstance(layer, _CONVOLUTIONS):
        return 0
    positions = math.prod(size or 1 for size in _grid(layer))
    return int(positions * sum(math.prod(kernel.shape) for kernel in kernels))


_layers = keras.layers
_CONVOLUTIONS = (
    *(_layers.Conv1D, _layers.Conv2D, _layers.Conv3D, _layers.SeparableConv1D, _layers.SeparableConv2D),
    *(_layers.DepthwiseConv1D, _layers.DepthwiseConv2D),
    *(_layers.Conv1DTranspose, _layers.Conv2DTranspose, _layers.Conv3DTranspose),
)


def _grid(layer: Any) -> tuple[int | None, ...]:
    """Positions that the kernel takes: those of the output, without examples and channels."""
    shape = tuple(layer.output.shape)[1:]
    return shape[:-1] if layer.data_format == "channels_last" else shape[1:]
