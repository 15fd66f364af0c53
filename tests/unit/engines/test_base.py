from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.engines.base import FoldOutcome, check_finite, joined_heads, split_heads
from harness.errors import FoldError
from harness.seeds import FoldKey


def _outcome(outputs: Any = ((0.5,),), **history: list[float]) -> FoldOutcome:
    return FoldOutcome(FoldKey(0, 0), np.asarray(outputs, dtype=np.float32), history, None, 0.0)


def test_heads_are_split_and_joined_again() -> None:
    y = np.arange(12, dtype=np.float32).reshape(4, 3)
    np.testing.assert_array_equal(joined_heads(list(split_heads(y, (1, 2)))), y)


def test_one_head_is_left_as_it_is() -> None:
    y = np.zeros((4, 3))
    assert split_heads(y, (3,)) is y


def test_a_finite_fold_passes() -> None:
    check_finite(_outcome(loss=[1.0, 0.5]), [np.ones(2)])


@pytest.mark.parametrize(
    ("outcome", "weights", "message"),
    [
        (_outcome(loss=[1.0, np.nan, np.nan]), [], "loss is not finite from epoch 1 on"),
        (_outcome(loss=[1.0], val_loss=[np.inf]), [], "val_loss is not finite from epoch 0 on"),
        (_outcome(loss=[1.0]), [np.array([1.0, np.nan])], "trained weights are not finite"),
        (_outcome([[np.nan]], loss=[1.0]), [np.arange(3)], "predictions are not finite"),
    ],
)
def test_what_is_not_finite_is_named(outcome: FoldOutcome, weights: list[Any], message: str) -> None:
    with pytest.raises(FoldError, match=message):
        check_finite(outcome, weights)


@pytest.mark.parametrize(("history", "epochs"), [({"loss": [1.0, 2.0]}, 2), ({}, 0)])
def test_epochs_are_counted_in_the_history(history: Any, epochs: int) -> None:
    assert _outcome(**history).epochs == epochs
