from __future__ import annotations

import sys
from typing import Any

import keras
import pytest

import harness
from harness.backend import device
from harness.engines import choose_engine
from harness.engines.base import Recipe
from tests.backends import on_tensorflow
from tests.fakes import debug_model, two_blobs

RECIPE = Recipe(epochs=1, batch_size=8)


def _model() -> keras.Model:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(loss="binary_crossentropy")
    return model


@pytest.mark.parametrize(
    ("asked", "chosen"), [("auto", "vectorized"), ("vectorized", "vectorized"), ("fit", "fit")]
)
def test_engine_of_a_plain_model(asked: str, chosen: str) -> None:
    assert choose_engine(asked, _model(), RECIPE, [])[0].name == chosen


def test_auto_falls_back_and_says_why() -> None:
    engine, reason = choose_engine("auto", debug_model(), RECIPE, [])
    assert engine.name == "fit"
    assert "the model has a fit of its own" in reason


def test_insisting_is_refused_with_the_reason() -> None:
    with pytest.raises(harness.EngineError, match="the model has a fit of its own; use engine='fit'"):
        choose_engine("vectorized", debug_model(), RECIPE, [])


def test_a_tensorflow_without_the_needed_parts_means_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "harness.engines.vectorized.engine", None)
    engine, reason = choose_engine("auto", _model(), RECIPE, [])
    assert engine.name == "fit"
    assert "this version of TensorFlow lacks" in reason


def noisy(input_shape: tuple[int, ...]) -> keras.Model:
    """A model that only tracing shows to be none for a compiled program."""
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.Dense(4),
            keras.layers.Dropout(0.5, dtype="float64"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(loss="binary_crossentropy")
    return model


def _evaluate(**settings: Any) -> harness.Run:
    X, y = two_blobs(20)
    return harness.evaluate(noisy, X, y, folds=2, epochs=1, store=None, **settings)


@on_tensorflow  # JAX takes float64 for float32
def test_what_cannot_be_compiled_is_trained_by_fit() -> None:
    run = _evaluate()
    assert (run.engine, run.n_failed) == ("fit", 0)
    assert "for another engine failed: " in run.manifest["engine_reason"]
    assert "float32" in run.manifest["engine_reason"]


@on_tensorflow
def test_what_cannot_be_compiled_is_refused_when_insisted_on() -> None:
    with pytest.raises(harness.EngineError, match="float32"):
        _evaluate(engine="vectorized")


@pytest.mark.parametrize(("side", "engine"), [(8, "vectorized"), (64, "fit")])
def test_large_convolutions_are_left_to_fit_on_processors(side: int, engine: str) -> None:
    if device() != "cpu":
        pytest.skip("a GPU is at hand")
    body = [keras.Input((side, side, 3)), keras.layers.Conv2D(8, 3), keras.layers.Flatten(), keras.layers.Dense(1)]
    model = keras.Sequential(body)
    model.compile(loss="mse")
    chosen, reason = choose_engine("auto", model, Recipe(epochs=1, batch_size=8), [])
    assert chosen.name == engine
    assert ("convolutions" in reason) == (engine == "fit")
    assert choose_engine("vectorized", model, Recipe(epochs=1, batch_size=8), [])[0].name == "vectorized"


def partly_frozen(trained: int) -> keras.Model:
    """A base of four convolutions of one size, the last ones trained."""
    inputs = keras.Input((64, 64, 8))
    convolutions = [keras.layers.Conv2D(8, 3, padding="same", name=f"conv{i}") for i in range(4)]
    for layer in convolutions[: 4 - trained]:
        layer.trainable = False
    base = keras.Sequential([keras.Input((64, 64, 8)), *convolutions], name="base")
    model = keras.Model(
        inputs, keras.layers.Dense(1)(keras.layers.GlobalAveragePooling2D(name="pooling")(base(inputs)))
    )
    model.compile(loss="mse")
    return model


@pytest.mark.parametrize("trained", [0, 1, 2, 3])
def test_what_is_frozen_within_a_base_is_computed_once(trained: int) -> None:
    chosen, reason = choose_engine("auto", partly_frozen(trained), RECIPE, [])
    assert chosen.name == "frozen"
    assert f"up to '{f'conv{3 - trained}' if trained else 'pooling'}'" in reason


def test_a_frozen_part_that_is_little_of_the_work_is_trained_through() -> None:
    model = partly_frozen(3)
    wide = keras.Sequential(
        [
            keras.Input((64, 64, 8)),
            model.get_layer("base"),
            keras.layers.Conv2D(64, 5),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(1),
        ]
    )
    wide.compile(loss="mse")
    engine, reason = choose_engine("auto", wide, RECIPE, [])
    assert engine.name == ("fit" if device() == "cpu" else "vectorized")
    # 64² · 9 · 64 multiplications of 64² · 9 · 64 + 3 · (3 · 64² · 9 · 64 + 60² · 25 · 512)
    assert "computed anew in every epoch, for it is 1% of the work only" in reason
    assert choose_engine("frozen", wide, RECIPE, [])[0].name == "frozen"
