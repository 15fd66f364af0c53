from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from harness.engines.base import Shape
from harness.engines.builds import build_seeded, state_variables
from harness.engines.vectorized.initial_states import InitialStates

layers = keras.layers


def sequential(*make: Callable[[], Any]) -> Callable[[Shape], keras.Model]:
    return lambda shape: keras.Sequential([keras.Input(shape), *(each() for each in make)])


def noisy(shape: Shape) -> keras.Model:
    """Draws its weights from NumPy's generator, which cannot be foretold from the layers."""
    model = sequential(lambda: layers.Dense(2))(shape)
    model.layers[0].set_weights([np.random.normal(size=(3, 2)), np.zeros(2)])
    return model


BUILDERS: dict[str, Callable[[Shape], keras.Model]] = {
    "dense": sequential(lambda: layers.Dense(4, kernel_initializer="he_normal"), lambda: layers.Dense(1)),
    "dropout": sequential(lambda: layers.Dropout(0.2), lambda: layers.Dense(4), lambda: layers.Dropout(0.5)),
    "statistics": sequential(lambda: layers.Dense(4), layers.BatchNormalization),
    "recurrent": sequential(lambda: layers.Reshape((3, 1)), lambda: layers.LSTM(4, dropout=0.1)),
    "random bias": sequential(lambda: layers.Dense(4, bias_initializer="random_uniform")),
    "own seed": sequential(lambda: layers.Dense(4, kernel_initializer=keras.initializers.HeNormal(seed=5))),
    "noisy": noisy,
}


def values_built(build: Callable[[Shape], keras.Model], seed: int) -> list[Any]:
    variables = state_variables(build_seeded(build, (3,), seed))
    return [keras.ops.convert_to_numpy(variable).copy() for variable in variables]


@pytest.mark.parametrize("name", BUILDERS)
def test_states_are_those_of_models_built_in_full(name: str) -> None:
    build = BUILDERS[name]
    states = InitialStates(build, (3,), build_seeded(build, (3,), 1), 1)
    for seed in (1, 2, 3, 2**31 + 5, 1):
        for ours, built in zip(states.of(seed), values_built(build, seed), strict=True):
            np.testing.assert_array_equal(ours, built)


@pytest.mark.parametrize(("name", "builds"), [("dropout", 2), ("recurrent", 2), ("noisy", 5)])
def test_only_what_cannot_be_foretold_is_built_every_time(name: str, builds: int) -> None:
    count = 0

    def build(shape: Shape) -> keras.Model:
        nonlocal count
        count += 1
        return BUILDERS[name](shape)

    states = InitialStates(build, (3,), build_seeded(build, (3,), 0), 0)
    for seed in range(5):
        states.of(seed)
    assert count == builds
