from __future__ import annotations

import random
from typing import Any

import keras
import numpy as np
import pytest

from harness.engines.builds import build_seeded, check_made_anew, seeded, state_variables
from harness.errors import FoldError, UsageError


def _net(shape: Any = (3,)) -> keras.Model:
    return keras.Sequential([keras.Input(shape), keras.layers.Dense(2), keras.layers.Dropout(0.5)])


def test_the_seed_decides_the_weights() -> None:
    first, again, other = (build_seeded(_net, (3,), seed).get_weights()[0] for seed in (1, 1, 2))
    assert (first == again).all()
    assert not (first == other).all()


def test_building_spends_no_names() -> None:
    def build(shape: Any) -> keras.Model:
        model = _net(shape)
        model.compile(loss="mse", metrics=[keras.metrics.AUC()])
        return model

    first, second = (build_seeded(build, (3,), 0) for _ in range(2))
    assert [layer.name for layer in first.layers] == [layer.name for layer in second.layers]


def test_global_states_are_given_back() -> None:
    random.seed(1)
    np.random.seed(1)
    expected = (random.random(), np.random.random())
    random.seed(1)
    np.random.seed(1)
    with seeded(99):
        random.random()
    assert (random.random(), np.random.random()) == expected


def test_a_builder_must_return_a_model() -> None:
    with pytest.raises(FoldError, match=r"must return a keras.Model. Received: int"):
        build_seeded(lambda shape: 3, (3,), 0)


def test_a_model_without_an_input_is_built() -> None:
    model = build_seeded(lambda shape: keras.Sequential([keras.layers.Dense(2)]), (3,), 0)
    assert [weight.shape for weight in model.weights] == [(3, 2), (2,)]


def test_a_subclassed_model_has_its_variables() -> None:
    class Own(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.inner = keras.layers.Dense(2)

        def call(self, x: Any) -> Any:
            return self.inner(x)

    assert len(build_seeded(lambda shape: Own(), (3,), 0).weights) == 2


def test_the_state_holds_the_seeds_of_layers() -> None:
    assert len(state_variables(_net())) == 3


def test_models_made_anew_pass() -> None:
    check_made_anew(_net(), _net())


def test_the_same_model_twice_is_refused() -> None:
    model = _net()
    with pytest.raises(UsageError, match=r"make all layers anew .* Received: models that share '.*kernel'"):
        check_made_anew(model, model)


def test_a_trained_layer_that_is_shared_is_refused() -> None:
    base = keras.layers.Dense(2)
    one, other = (keras.Sequential([keras.Input((3,)), base, keras.layers.Dense(1)]) for _ in range(2))
    with pytest.raises(UsageError, match=r"share '.*kernel'"):
        check_made_anew(one, other)


def test_a_frozen_layer_may_be_shared() -> None:
    base = keras.layers.Dense(2, trainable=False)
    check_made_anew(*(keras.Sequential([keras.Input((3,)), base, keras.layers.Dense(1)]) for _ in range(2)))
