from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import keras
import pytest

from harness.callback_factory import as_factory, describe_callbacks, sample_callbacks, watches_validation
from harness.engines.base import FoldContext
from harness.errors import UsageError
from harness.seeds import FoldKey

CONTEXT = FoldContext(FoldKey(0, 3), Path("folder"), True, 10, 5)


def _with_context(context: FoldContext) -> list[Any]:
    return [context.key]


def _with_default(name: str = "x") -> list[Any]:
    return [name]


class Own(keras.callbacks.Callback):  # type: ignore[misc]
    """A callback of the caller's own."""

    def __init__(self, limit: Any) -> None:
        super().__init__()
        self.limit = limit


@pytest.mark.parametrize(
    ("factory", "made"),
    [
        (lambda: ["plain"], ["plain"]),
        (lambda context: [context.epochs], [10]),
        (lambda *anything: [len(anything)], [1]),
        (_with_context, [FoldKey(0, 3)]),
        (functools.partial(_with_context), [FoldKey(0, 3)]),
        (lambda *, rate=1: [rate], [1]),
    ],
    ids=["none", "one", "any", "function", "partial", "keyword"],
)
def test_a_factory_may_take_the_context_or_not(factory: Any, made: list[Any]) -> None:
    assert as_factory(factory)(CONTEXT) == made


def test_something_else_than_a_callback_is_refused() -> None:
    with pytest.raises(UsageError, match=r"must make Keras callbacks. Received: str among them"):
        sample_callbacks(as_factory(lambda: ["early"]), 3, has_validation=False)


def test_callbacks_that_are_not_made_anew_are_refused() -> None:
    shared = keras.callbacks.EarlyStopping()
    with pytest.raises(UsageError, match="the same EarlyStopping twice; make it inside the function"):
        sample_callbacks(as_factory(lambda: [shared]), 3, has_validation=True)


@pytest.mark.parametrize(
    ("monitor", "watches"), [("val_loss", True), ("val_accuracy", True), ("loss", False), ("accuracy", False)]
)
def test_who_watches_validation_is_known(monitor: str, watches: bool) -> None:
    assert watches_validation([keras.callbacks.EarlyStopping(monitor=monitor)]) is watches


def _told(*callbacks: Any) -> list[list[str]]:
    return describe_callbacks(callbacks)


def _scheduler(rate: float) -> Any:
    return keras.callbacks.LearningRateScheduler(lambda epoch: rate)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (keras.callbacks.EarlyStopping(patience=1), keras.callbacks.EarlyStopping(patience=2)),
        (_scheduler(0.1), _scheduler(0.2)),
        (
            keras.callbacks.LambdaCallback(on_epoch_end=lambda e, logs: None),
            keras.callbacks.LambdaCallback(on_epoch_end=lambda e, logs: print(e)),
        ),
        (Own(1), Own(2)),
        (Own([1]), Own([2])),
        (Own({"a": 1}), Own({"a": 2})),
    ],
    ids=["number", "schedule", "lambda", "own", "list", "dictionary"],
)
def test_callbacks_that_do_otherwise_are_described_otherwise(one: Any, other: Any) -> None:
    assert _told(one) != _told(other)


def test_callbacks_that_do_the_same_are_described_the_same() -> None:
    assert _told(_scheduler(0.1), Own([1])) == _told(_scheduler(0.1), Own([1]))


def test_the_folder_of_the_probe_is_not_described() -> None:
    factory = as_factory(lambda context: [keras.callbacks.CSVLogger(str(context.directory / "log.csv"))])
    assert _told(*sample_callbacks(factory, 2, True)) == _told(*sample_callbacks(factory, 2, True))
