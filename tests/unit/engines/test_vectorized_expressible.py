from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import pytest

from harness.engines.base import Recipe
from harness.engines.vectorized.engine import why_not

RECIPE = Recipe(epochs=2, batch_size=8)
SGD = keras.optimizers.SGD


class OwnStep(keras.Sequential):
    def train_step(self, data: Any) -> Any:
        return super().train_step(data)


class OwnLayer(keras.layers.Dense):
    pass


def model(*layers: Any, kind: Any = keras.Sequential, **compiled: Any) -> keras.Model:
    built = kind([keras.Input((3,)), *layers, keras.layers.Dense(1)])
    built.compile(**{"loss": "mse", **compiled})
    return built


def uncompiled() -> keras.Model:
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])


def several() -> Any:
    return keras.optimizers.MultiOptimizer(keras.optimizers.OptimizerMap(SGD()))


class Anchored(SGD):  # type: ignore[misc]
    """Keeps the weights it starts from, as an optimizer that pulls back to them does."""

    def build(self, variables: Any) -> None:
        super().build(variables)
        self.anchors = self.add_optimizer_variables(variables, "anchor")
        for anchor, variable in zip(self.anchors, variables, strict=True):
            anchor.assign(variable)


def copying_of_ones_own() -> keras.Model:
    built = model(optimizer=Anchored())
    built.optimizer.build(built.trainable_variables)
    return built


REFUSED: dict[str, tuple[Callable[[], keras.Model], str]] = {
    "uncompiled": (uncompiled, "not compiled"),
    "eager": (lambda: model(run_eagerly=True), "run_eagerly"),
    "own step": (lambda: model(kind=OwnStep), "train_step of its own"),
    "own layer": (lambda: model(OwnLayer(2)), "not Keras' own"),
    "lambda": (lambda: model(keras.layers.Lambda(abs)), "not Keras' own"),
    "accumulation": (lambda: model(optimizer=SGD(gradient_accumulation_steps=2)), "accumulates gradients"),
    "several": (lambda: model(optimizer=several()), "made of several"),
    "copying": (lambda: model(optimizer=keras.optimizers.ScheduleFreeAdamW()), "starts from the weights"),
    "copying, of one's own": (copying_of_ones_own, "starts from the weights"),
    "scaling": (lambda: model(optimizer=keras.optimizers.LossScaleOptimizer(SGD())), "scales the loss"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_why_not_names_what_cannot_be_expressed(name: str) -> None:
    build, reason = REFUSED[name]
    assert reason in str(why_not(build(), RECIPE, []))


def test_plain_models_can_be_expressed() -> None:
    assert why_not(model(keras.layers.Dropout(0.5), optimizer="adam"), RECIPE, []) is None


def test_callbacks_of_keras_can_be_expressed() -> None:
    callbacks = [keras.callbacks.EarlyStopping(), keras.callbacks.ModelCheckpoint("x.keras")]
    assert why_not(model(), RECIPE, callbacks) is None


def test_saving_within_an_epoch_cannot_be_expressed() -> None:
    callback = keras.callbacks.ModelCheckpoint("x.keras", save_freq=10)
    assert why_not(model(), RECIPE, [callback]) == "ModelCheckpoint saves within an epoch"


def test_a_subclass_of_a_callback_may_do_anything() -> None:
    class Loud(keras.callbacks.EarlyStopping):  # type: ignore[misc]
        pass

    assert why_not(model(), RECIPE, [Loud()]) == "the callback Loud is called by model.fit only"
