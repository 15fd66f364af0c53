from __future__ import annotations

import sys

import keras
import pytest

import harness
from harness.engines import choose_engine
from harness.engines.base import Recipe

RECIPE = Recipe(epochs=1, batch_size=8)


@pytest.fixture
def model() -> keras.Model:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    return model


@pytest.fixture(params=["torch", "numpy"])
def other(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A backend of Keras that the engine has no program for; its modules may need what is not installed."""
    monkeypatch.setattr(keras.backend, "backend", lambda: request.param)
    monkeypatch.setitem(sys.modules, "harness.engines.vectorized.engine", None)
    return str(request.param)


def test_another_backend_is_left_to_fit(model: keras.Model, other: str) -> None:
    engine, reason = choose_engine("auto", model, RECIPE, [])
    assert engine.name == "fit"
    assert f"for the Keras backend is {other}" in reason


def test_another_backend_is_refused_when_the_engine_is_insisted_on(model: keras.Model, other: str) -> None:
    with pytest.raises(harness.EngineError, match=f"the Keras backend is {other}; use engine='fit'"):
        choose_engine("vectorized", model, RECIPE, [])
