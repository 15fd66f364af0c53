"""Checks of builder arguments: the value comes back as Keras wants it, or a `ValueError` says what is wrong.

Example:
    >>> as_fraction("rate", 1.5)
    Traceback (most recent call last):
        ...
    ValueError: `rate` must be a number in [0, 1). Received: rate=1.5
"""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any


def as_count(name: str, value: Any, minimum: int = 1) -> int:
    """Checks a whole number."""
    if not isinstance(value, Integral) or isinstance(value, bool) or int(value) < minimum:
        raise ValueError(f"`{name}` must be an integer from {minimum} up. Received: {name}={value!r}")
    return int(value)


def as_shape(input_shape: Any) -> tuple[int, ...]:
    """Checks the shape of one example, of any number of axes."""
    return _as_counts("input_shape", input_shape)


def as_features(input_shape: Any) -> tuple[int, ...]:
    """Checks the shape of one row of a table."""
    shape = as_shape(input_shape)
    if len(shape) != 1:
        raise ValueError(f"`input_shape` must be `(features,)`. Received: input_shape={input_shape!r}")
    return shape


def as_image(input_shape: Any) -> tuple[int, ...]:
    """Checks the shape of one colour image."""
    shape = as_shape(input_shape)
    if len(shape) != 3 or shape[-1] != 3:
        raise ValueError(f"`input_shape` must be `(height, width, 3)`. Received: input_shape={input_shape!r}")
    return shape


def as_units(units: Any) -> tuple[int, ...]:
    """Checks the widths of the hidden layers; a bare integer stands for one layer."""
    return _as_counts("units", (units,) if isinstance(units, Integral) else units)


def as_fraction(name: str, value: Any) -> float:
    """Checks a number from 0 up to, but without, 1."""
    number = _as_number(value)
    if not 0 <= number < 1:
        raise ValueError(f"`{name}` must be a number in [0, 1). Received: {name}={value!r}")
    return number


def as_positive(name: str, value: Any) -> float:
    """Checks a finite number above 0."""
    number = _as_number(value)
    if not 0 < number < math.inf:
        raise ValueError(f"`{name}` must be a finite number above 0. Received: {name}={value!r}")
    return number


def as_non_negative(name: str, value: Any) -> float:
    """Checks a finite number from 0 up."""
    number = _as_number(value)
    if not 0 <= number < math.inf:
        raise ValueError(f"`{name}` must be a finite number from 0 up. Received: {name}={value!r}")
    return number


def as_choice(name: str, value: Any, choices: tuple[str | None, ...]) -> Any:
    """Checks one of a few named settings."""
    if value not in choices:
        raise ValueError(f"`{name}` must be one of {choices}. Received: {name}={value!r}")
    return value


def _as_counts(name: str, value: Any) -> tuple[int, ...]:
    counts = tuple(value) if isinstance(value, list | tuple) else ()
    if not counts or not all(_is_positive_integer(count) for count in counts):
        raise ValueError(f"`{name}` must be a tuple of positive integers. Received: {name}={value!r}")
    return tuple(int(count) for count in counts)


def _is_positive_integer(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) > 0


def _as_number(value: Any) -> float:
    """The value as a float; what is no number becomes nan, which lies in no interval."""
    return float(value) if isinstance(value, Real) and not isinstance(value, bool) else math.nan
