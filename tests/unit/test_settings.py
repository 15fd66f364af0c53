from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.errors import UnknownNameError, UsageError
from harness.settings import Settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            (name, value)
            for name in ("epochs", "batch_size", "early_stopping", "repeats")
            for value in (0, 1.5, True)
        ),
        *(("folds", value) for value in (1, 2.5, "5")),
        ("init_seeds", 0),
        ("seed", -1),
        ("inner_val", 1),
        ("tensorboard", True),
        ("inner_val", -0.1),
        ("callbacks", []),
        *(("threshold", value) for value in (0, 1, 0.0, 1.0, 1.5, True, [0.5])),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(UsageError, match=rf"^{name}\b.*Received: .+"):
        Settings(**{name: value})


@pytest.mark.parametrize(("name", "value"), [("checkpoint", "bset"), ("engine", "fti"), ("threshold", "yuoden")])
def test_a_misspelt_choice_is_corrected(name: str, value: str) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean"):
        Settings(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["seed", "folds", "epochs", "init_seeds"])
def test_whole_numbers_of_numpy_become_pythons(name: str) -> None:
    assert type(getattr(Settings(**{name: np.int64(3)}), name)) is int  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({}, "last"),
        ({"early_stopping": 3}, "best"),
        ({"early_stopping": 3, "checkpoint": "last"}, "last"),
        ({"checkpoint": "none"}, "none"),
        ({"early_stopping": "none"}, "last"),
    ],
)
def test_the_checkpoint_kept_is_the_one_that_predicts(asked: dict[str, Any], kept: str) -> None:
    assert Settings(**asked).kept_checkpoint == kept


def test_geometric_patience_has_no_number() -> None:
    assert Settings(early_stopping="geometric").kept_checkpoint == "best"
    assert Settings(early_stopping="geometric-error").stopping == "geometric-error"


@pytest.mark.parametrize(
    "bad",
    [
        {"early_stopping": "geometrical"},
        {"fine_tune_epochs": 0},
        {"fine_tune_learning_rate": 0.1},
        {"fine_tune_epochs": 1, "fine_tune_learning_rate": 0.0},
        {"fine_tune_frozen_layers": 1},
        {"fine_tune_epochs": 1, "fine_tune_frozen_layers": -1},
    ],
    ids=str,
)
def test_phases_out_of_range_are_refused(bad: Any) -> None:
    with pytest.raises(UsageError, match=next(reversed(bad))):
        Settings(**bad)


@pytest.mark.parametrize(
    ("asked", "stops"),
    [
        ({}, 10),
        ({"early_stopping": 3}, 3),
        ({"early_stopping": "geometric"}, "geometric"),
        ({"early_stopping": "geometric-error"}, "geometric-error"),
        ({"early_stopping": "none"}, None),
        ({"inner_val": 0}, None),
        ({"inner_val": 0.3}, 10),
        ({"inner_val": 0, "early_stopping": 3}, 3),
    ],
    ids=str,
)
def test_the_recipe_stops_early_where_nothing_was_said(asked: dict[str, Any], stops: Any) -> None:
    assert Settings(**asked).with_recipe(10).early_stopping == stops


def test_a_recipe_without_early_stopping_adds_none() -> None:
    assert Settings().with_recipe(None) == Settings()
    assert Settings(early_stopping=3).with_recipe(None).early_stopping == 3
