"""Every optimizer of Keras trains the same weights in the vectorized engine as in `model.fit`, or is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import pytest

from harness.engines.base import Recipe
from tests.contract.engines.comparison import (
    FEATURES,
    assert_complete,
    assert_refused,
    compare,
    dropout_net,
    some,
)

optimizers, schedules = keras.optimizers, keras.optimizers.schedules
Maker = Callable[[], Any]

ALIKE: dict[str, Maker] = {
    "Adadelta": lambda: optimizers.Adadelta(0.5),
    "Adafactor": lambda: optimizers.Adafactor(0.01),
    "Adagrad": lambda: optimizers.Adagrad(0.05),
    "Adam": lambda: optimizers.Adam(0.01, amsgrad=True),
    "AdamW": lambda: optimizers.AdamW(0.01, weight_decay=0.1),
    "Adamax": lambda: optimizers.Adamax(0.01),
    "Ftrl": lambda: optimizers.Ftrl(0.05),
    "Lamb": lambda: optimizers.Lamb(0.01),
    "Lion": lambda: optimizers.Lion(0.001),
    "Muon": lambda: optimizers.Muon(0.01),
    "Nadam": lambda: optimizers.Nadam(0.01),
    "RMSprop": lambda: optimizers.RMSprop(0.01, momentum=0.5, centered=True),
    "SGD": lambda: optimizers.SGD(0.1),
}
# Arguments that any optimizer takes, and some that change what one does.
ARGUMENTS: dict[str, Maker] = {
    "nesterov": lambda: optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "clipnorm": lambda: optimizers.SGD(0.5, clipnorm=0.05),
    "global_clipnorm": lambda: optimizers.SGD(0.5, global_clipnorm=0.05),
    "clipvalue": lambda: optimizers.Adam(0.01, clipvalue=0.01),
    "loss_scale_factor": lambda: optimizers.SGD(0.1, loss_scale_factor=64.0),
    "weight_decay": lambda: optimizers.Adagrad(0.05, weight_decay=0.1),
    "moving_average": lambda: optimizers.SGD(0.1, use_ema=True, ema_momentum=0.8),
    "overwriting": lambda: optimizers.Adam(0.05, use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=3),
}
# Steps go from 0 to 19: each of them changes the rate meanwhile.
SCHEDULES: dict[str, Maker] = {
    "CosineDecay": lambda: schedules.CosineDecay(0.01, 10, alpha=0.1, warmup_target=0.2, warmup_steps=4),
    "CosineDecayRestarts": lambda: schedules.CosineDecayRestarts(0.2, 3),
    "ExponentialDecay": lambda: schedules.ExponentialDecay(0.1, decay_steps=5, decay_rate=0.7),
    "InverseTimeDecay": lambda: schedules.InverseTimeDecay(0.2, 4, 0.5, staircase=True),
    "PiecewiseConstantDecay": lambda: schedules.PiecewiseConstantDecay([3, 9], [0.2, 0.1, 0.05]),
    "PolynomialDecay": lambda: schedules.PolynomialDecay(0.2, 7, 0.01, power=2.0, cycle=True),
}
REFUSED: dict[str, tuple[Maker, str]] = {
    "LossScaleOptimizer": (lambda: optimizers.LossScaleOptimizer(optimizers.SGD()), "scales the loss"),
    "MultiOptimizer": (
        lambda: optimizers.MultiOptimizer(optimizers.OptimizerMap(optimizers.SGD())),
        "made of several",
    ),
    "ScheduleFreeAdamW": (optimizers.ScheduleFreeAdamW, "starts from the weights"),
}
NO_CASE = {
    "Optimizer": "the base of all",
    "OptimizerMap": "a part of MultiOptimizer",
    "legacy": "what keras.optimizers had before Keras 3; it raises an error",
    "schedules": "has a table of its own",
    "LearningRateSchedule": "the base of all schedules",
    **dict.fromkeys(("deserialize", "get", "serialize"), "no optimizer"),
}
OF_SCHEDULES = {"LearningRateSchedule", "deserialize", "serialize"}
SHORT = Recipe(epochs=5, batch_size=8, checkpoint="last")
USUAL = ("nesterov", "Adam", "global_clipnorm", "moving_average")


def test_every_optimizer_of_keras_has_a_case() -> None:
    assert_complete(optimizers, ALIKE, REFUSED, NO_CASE.keys() - {"LearningRateSchedule"})


def test_every_schedule_of_keras_has_a_case() -> None:
    assert_complete(schedules, SCHEDULES, NO_CASE.keys() & OF_SCHEDULES)


@pytest.mark.parametrize("name", some(ALIKE, USUAL))
def test_every_optimizer_trains_the_same_weights(name: str, tmp_path: Path) -> None:
    compare(tmp_path, dropout_net(ALIKE[name]), SHORT)


@pytest.mark.parametrize("name", some(ARGUMENTS, USUAL))
def test_every_argument_of_optimizers_does_the_same(name: str, tmp_path: Path) -> None:
    compare(tmp_path, dropout_net(ARGUMENTS[name]), SHORT)


@pytest.mark.parametrize("name", some(SCHEDULES, ("ExponentialDecay",)))
def test_every_schedule_steers_the_same(name: str, tmp_path: Path) -> None:
    compare(tmp_path, dropout_net(lambda: optimizers.SGD(SCHEDULES[name](), momentum=0.9)), SHORT)


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_expressed_is_refused(name: str) -> None:
    make, reason = REFUSED[name]
    assert_refused(dropout_net(make)((FEATURES,)), reason)


def test_accumulated_gradients_are_refused() -> None:
    model = dropout_net(lambda: optimizers.SGD(gradient_accumulation_steps=2))((FEATURES,))
    assert_refused(model, "accumulates gradients")
