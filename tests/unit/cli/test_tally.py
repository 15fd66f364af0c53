from __future__ import annotations

import pytest

from harness.cli._tally import Tally


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_before_anything_is_seen_no_time_is_promised(clock: Clock) -> None:
    tally = Tally(10, 0, 100, clock)
    clock.now = 5.0
    assert tally.seconds_left() is None


def test_the_time_left_follows_the_folds_done(clock: Clock) -> None:
    tally = Tally(10, 0, 100, clock)
    clock.now = 20.0
    tally.fold_finished("a")
    assert tally.seconds_left() == 180.0


def test_epochs_count_as_parts_of_a_fold(clock: Clock) -> None:
    tally = Tally(2, 0, 100, clock)
    clock.now = 10.0
    tally.epoch_finished("a", 25, 100)
    tally.epoch_finished("b", 25, 100)
    assert tally.share == 0.5
    assert tally.seconds_left() == 30.0


def test_folds_done_before_say_nothing_of_the_speed(clock: Clock) -> None:
    tally = Tally(10, 8, 100, clock)
    clock.now = 7.0
    tally.fold_finished("a")
    assert tally.seconds_left() == 7.0


def test_a_fold_that_stops_early_counts_whole(clock: Clock) -> None:
    tally = Tally(2, 0, 100, clock)
    tally.epoch_finished("a", 10, 100)
    tally.fold_finished("a")
    assert (tally.share, tally.finished) == (1, 1)


def test_at_the_end_nothing_is_left(clock: Clock) -> None:
    tally = Tally(1, 0, 100, clock)
    clock.now = 3.0
    tally.fold_finished("a")
    assert tally.seconds_left() == 0.0
