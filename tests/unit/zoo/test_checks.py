"""Bad arguments are named, with what was received; good ones come back as Keras wants them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from zoo import _checks

NOT_NUMBERS = ["1", None, True, math.nan, [0.5], 1j]


@pytest.mark.parametrize("bad", [*NOT_NUMBERS, -0.1, 1, 1.5, math.inf], ids=repr)
def test_fraction_outside_its_interval_is_refused(bad: Any) -> None:
    with pytest.raises(ValueError, match=r"^`rate` must be a number in \[0, 1\)\. Received: rate="):
        _checks.as_fraction("rate", bad)


@pytest.mark.parametrize("bad", [*NOT_NUMBERS, 0, -1, math.inf], ids=repr)
def test_positive_number_outside_its_interval_is_refused(bad: Any) -> None:
    with pytest.raises(ValueError, match=r"^`max_norm` must be a finite number above 0\. Received: max_norm="):
        _checks.as_positive("max_norm", bad)


@pytest.mark.parametrize("bad", [*NOT_NUMBERS, -1, math.inf], ids=repr)
def test_non_negative_number_outside_its_interval_is_refused(bad: Any) -> None:
    with pytest.raises(ValueError, match=r"^`l1` must be a finite number from 0 up\. Received: l1="):
        _checks.as_non_negative("l1", bad)


@pytest.mark.parametrize("check", [_checks.as_fraction, _checks.as_positive, _checks.as_non_negative])
@pytest.mark.parametrize("good", [0.5, np.float32(0.5), np.float64(0.5)], ids=["float", "float32", "float64"])
def test_number_comes_back_as_float(check: Callable[[str, Any], float], good: Any) -> None:
    value = check("x", good)
    assert type(value) is float
    assert value == 0.5


@pytest.mark.parametrize("check", [_checks.as_fraction, _checks.as_non_negative])
def test_zero_lies_in_the_interval(check: Callable[[str, Any], float]) -> None:
    assert check("x", 0) == 0.0


@pytest.mark.parametrize("bad", [1, 2.0, True, "2", None], ids=repr)
def test_count_that_is_no_integer_or_too_small_is_refused(bad: Any) -> None:
    with pytest.raises(ValueError, match=r"^`classes` must be an integer from 2 up\. Received: classes="):
        _checks.as_count("classes", bad, minimum=2)


@pytest.mark.parametrize("good", [2, np.int64(2)], ids=["int", "int64"])
def test_count_comes_back_as_int(good: Any) -> None:
    assert type(_checks.as_count("classes", good, minimum=2)) is int


@pytest.mark.parametrize("bad", [(), (0,), (28, -1), (28.0,), (True,), (None, 5), "60", 60, {60}], ids=repr)
def test_shape_of_anything_but_positive_integers_is_refused(bad: Any) -> None:
    with pytest.raises(ValueError, match=r"^`input_shape` must be a tuple of positive integers\. Received: "):
        _checks.as_shape(bad)


@pytest.mark.parametrize("good", [(28, 28, 1), [28, 28, 1], (np.int64(28), 28, 1)], ids=["tuple", "list", "int64"])
def test_shape_comes_back_as_tuple_of_int(good: Any) -> None:
    shape = _checks.as_shape(good)
    assert shape == (28, 28, 1)
    assert {type(size) for size in shape} == {int}


def test_row_of_a_table_has_one_axis() -> None:
    with pytest.raises(
        ValueError, match=r"^`input_shape` must be `\(features,\)`\. Received: input_shape=\(8, 8\)"
    ):
        _checks.as_features((8, 8))


@pytest.mark.parametrize("bad", [(), 0, (60, 0), (60, 2.5), "60", None], ids=repr)
def test_layers_without_units_are_refused(bad: Any) -> None:
    with pytest.raises(ValueError, match=r"^`units` must be a tuple of positive integers\. Received: units="):
        _checks.as_units(bad)


def test_one_width_stands_for_one_layer() -> None:
    assert _checks.as_units(50) == (50,)


def test_setting_outside_the_choices_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"^`placement` must be one of \('visible', None\)\. Received: placement='x'"
    ):
        _checks.as_choice("placement", "x", ("visible", None))
