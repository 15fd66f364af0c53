"""Every activation, initializer, regularizer and constraint of Keras means the same in both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import keras
import pytest

from tests.contract.engines.comparison import FEATURES, Builder, assert_complete, compare, functional

layers, initializers, regularizers, constraints = (
    keras.layers,
    keras.initializers,
    keras.regularizers,
    keras.constraints,
)
Part = Callable[[], Any]
ACTIVATIONS = (
    *("celu", "elu", "exponential", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh"),
    *("leaky_relu", "linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu"),
    *("soft_shrink", "softmax", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax"),
    *("squareplus", "tanh", "tanh_shrink"),
)
INITIALIZERS: dict[str, Part] = {
    "Constant": lambda: initializers.Constant(0.1),
    "GlorotNormal": initializers.GlorotNormal,
    "GlorotUniform": initializers.GlorotUniform,
    "HeNormal": initializers.HeNormal,
    "HeUniform": initializers.HeUniform,
    "Identity": lambda: initializers.Identity(0.5),
    "LecunNormal": initializers.LecunNormal,
    "LecunUniform": initializers.LecunUniform,
    "Ones": initializers.Ones,
    "Orthogonal": initializers.Orthogonal,
    "RandomNormal": lambda: initializers.RandomNormal(0.1, 0.2),
    "RandomUniform": lambda: initializers.RandomUniform(-0.2, 0.3),
    "TruncatedNormal": initializers.TruncatedNormal,
    "VarianceScaling": lambda: initializers.VarianceScaling(2.0, "fan_avg", "uniform"),
    "Zeros": initializers.Zeros,
}
REGULARIZERS: dict[str, Part] = {
    "L1": lambda: regularizers.L1(0.02),
    "L1L2": lambda: regularizers.L1L2(0.01, 0.03),
    "L2": lambda: regularizers.L2(0.05),
    "OrthogonalRegularizer": lambda: regularizers.OrthogonalRegularizer(0.1, mode="columns"),
}
CONSTRAINTS: dict[str, Part] = {
    "MaxNorm": lambda: constraints.MaxNorm(0.8),
    "MinMaxNorm": lambda: constraints.MinMaxNorm(0.4, 0.9, rate=0.5, axis=0),
    "NonNeg": constraints.NonNeg,
    "UnitNorm": constraints.UnitNorm,
}
# The bases, what makes none, what has no defaults, and the values of a layer for spectrograms, which has a case.
NO_CASE = {"Constraint", "Initializer", "Regularizer", "deserialize", "get", "serialize", "STFT", "threshold"}
TABLES: dict[str, tuple[ModuleType, Iterable[str]]] = {
    "activations": (keras.activations, (*ACTIVATIONS, "glu")),
    "initializers": (initializers, INITIALIZERS),
    "regularizers": (regularizers, REGULARIZERS),
    "constraints": (constraints, CONSTRAINTS),
}


@pytest.mark.parametrize("name", TABLES)
def test_every_part_of_keras_has_a_case(name: str) -> None:
    module, table = TABLES[name]
    assert_complete(module, table, {each for each in NO_CASE if hasattr(module, each)})


def side_by_side(makers: Iterable[Callable[[], Any]]) -> Builder:
    """Layers of six units, all on the input, one for each part."""
    return functional(lambda x: layers.Concatenate()([make()(x) for make in makers]))


def with_part(argument: str, make: Part) -> Callable[[], Any]:
    return lambda: layers.Dense(FEATURES, **{"activation": "tanh", argument: make()})


NETWORKS: dict[str, Builder] = {
    "activations": side_by_side([with_part("activation", lambda name=name: name) for name in ACTIVATIONS]),
    "gated": functional(lambda x: keras.activations.glu(layers.Dense(4)(x))),
    "initializers": side_by_side([with_part("kernel_initializer", make) for make in INITIALIZERS.values()]),
    "regularizers": side_by_side([with_part("kernel_regularizer", make) for make in REGULARIZERS.values()]),
    "constraints": side_by_side([with_part("kernel_constraint", make) for make in CONSTRAINTS.values()]),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_every_part_trains_the_same_weights(name: str, tmp_path: Path) -> None:
    compare(tmp_path, NETWORKS[name])
