from __future__ import annotations

import pytest

from harness.report.numbers import (
    MISSING,
    decimals_for,
    format_interval,
    format_level,
    format_number,
    format_seconds,
    interval_decimals,
    spread_decimals,
)


@pytest.mark.parametrize(
    ("mean", "sd", "decimals"),
    [
        (0.8421, 0.041, 3),
        (8.184, 1.032, 2),
        (0.98812, 0.0021, 4),
        (12345.6, 230.0, 0),
        (0.00127, 0.3, 3),
        (0.842, None, 3),
        (1.0, 0.0, 2),
        (0.0, 0.5, 3),
        (2.5e-12, 1e-13, 7),
    ],
)
def test_decimals_follow_the_spread_of_the_folds(mean: float, sd: float | None, decimals: int) -> None:
    assert decimals_for(mean, sd) == decimals


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0.8421, 3, "0.842"),
        (-0.0004, 3, "0.000"),
        (-0.5, 1, "-0.5"),
        (None, 3, MISSING),
        (float("nan"), 3, MISSING),
        (2.5e-12, 7, "2.5e-12"),
        (5e-5, 5, "0.00005"),
        (0.0, 2, "0.00"),
    ],
)
def test_numbers_are_written_with_so_many_decimals(value: float | None, decimals: int, text: str) -> None:
    assert format_number(value, decimals) == text


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        ((0.7921, 0.8917), "0.79-0.89"),
        ((0.98512, 0.98931), "0.9851-0.9893"),
        ((-0.12, 0.31), "-0.12 to 0.31"),
        ([120.0, 480.0], "120-480"),
        (None, MISSING),
    ],
)
def test_intervals_show_two_digits_of_their_width(interval: list[float] | None, text: str) -> None:
    assert format_interval(interval) == text


def test_an_interval_of_no_width_still_has_decimals() -> None:
    assert interval_decimals(0.5, 0.5) == 2


def test_a_spread_smaller_than_the_means_last_digit_gets_more_decimals() -> None:
    assert spread_decimals(0.0004, 3) == 4


@pytest.mark.parametrize(
    ("level", "text"), [(0.9, "90%"), (0.95, "95%"), (0.975, "97.5%"), (0.999, "99.9%"), (0.57, "57%")]
)
def test_a_level_keeps_its_digits(level: float, text: str) -> None:
    assert format_level(level) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.42, "0.4 s"),
        (9.96, "10 s"),
        (59.6, "1 min 0 s"),
        (135.2, "2 min 15 s"),
        (3599.7, "1 h 0 min"),
        (7384, "2 h 3 min"),
    ],
)
def test_durations_are_written_for_people(seconds: float, text: str) -> None:
    assert format_seconds(seconds) == text
