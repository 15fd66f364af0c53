from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from harness.errors import UnknownNameError
from harness.statistics.intervals import (
    Interval,
    IntervalKind,
    check_kind,
    conservative_resampled_t,
    corrected_resampled_t,
    per_example_mean,
    resampled_t,
    wald,
    wilson,
)
from harness.statistics.uncorrected import (
    uncorrected_bootstrap,
    uncorrected_paired_t,
    uncorrected_t_over_repeats,
    uncorrected_z,
)

SCORES = [0.02, 0.01, 0.03, 0.0, 0.04]


def width(interval: Interval | None) -> float:
    assert interval is not None
    return interval.high - interval.low


@pytest.mark.parametrize("scores", [[0.8], [0.8, 0.8, 0.8]])
def test_scores_without_spread_give_no_interval(scores: list[float]) -> None:
    assert corrected_resampled_t(scores, 0.25) is None


def test_conservative_interval_does_not_narrow_with_the_degrees_of_freedom_of_more_repeats() -> None:
    corrected = corrected_resampled_t(SCORES * 2, 1 / 4)
    conservative = conservative_resampled_t(SCORES * 2, 1 / 4, folds=5)

    assert width(conservative) / width(corrected) == pytest.approx(2.776445 / 2.262157, abs=1e-5)


@pytest.mark.parametrize("kind", ["corrected", "conservative"])
def test_the_kinds_of_interval_are_scipys_t(kind: IntervalKind) -> None:
    scores, df = SCORES * 2, 9 if kind == "corrected" else 4
    error = np.std(scores, ddof=1) * np.sqrt(1 / 10 + 1 / 4)
    interval = resampled_t(scores, 1 / 4, folds=5, kind=kind)

    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx(stats.t.interval(0.95, df, np.mean(scores), error))
    assert interval.method == f"{kind} resampled t"


def test_hold_outs_are_one_repeat_of_as_many_splits() -> None:
    assert width(conservative_resampled_t(SCORES, 1 / 4, folds=1)) == width(corrected_resampled_t(SCORES, 1 / 4))


def test_no_kind_of_interval_is_refused() -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown interval 'corected'.*corrected"):
        check_kind("corected")


def test_wald_is_scipys_normal_interval() -> None:
    losses = np.random.default_rng(4).exponential(size=200)
    interval = wald(losses, 0.9)

    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx(
        stats.norm.interval(0.9, losses.mean(), stats.sem(losses))
    )
    assert (interval.n, interval.sd) == (200, pytest.approx(stats.tstd(losses)))


def test_one_repeat_makes_corrected_and_conservative_the_same() -> None:
    assert width(corrected_resampled_t(SCORES, 1 / 4)) == pytest.approx(
        width(conservative_resampled_t(SCORES, 1 / 4, folds=5))
    )


def test_higher_level_widens_the_interval() -> None:
    assert width(corrected_resampled_t(SCORES, 0.25, 0.99)) > width(corrected_resampled_t(SCORES, 0.25, 0.95))


def test_wilson_of_no_successes_starts_at_zero() -> None:
    interval = wilson(0, 10)

    assert (interval.low, round(interval.high, 4)) == (0.0, 0.2775)


def test_wald_is_narrower_than_t_over_few_examples() -> None:
    assert width(wald(SCORES)) < width(per_example_mean(SCORES))


def test_corrected_interval_is_wider_than_every_uncorrected_one() -> None:
    scores = np.random.default_rng(1).normal(0.8, 0.05, (5, 4))
    flat = scores.ravel().tolist()
    uncorrected = [uncorrected_z(flat), uncorrected_t_over_repeats(scores), uncorrected_bootstrap(flat)]

    assert width(corrected_resampled_t(flat, 1 / 3)) > max(map(width, uncorrected))


@pytest.mark.parametrize("interval", [uncorrected_z, uncorrected_bootstrap, uncorrected_paired_t])
def test_uncorrected_ones_are_undefined_without_spread_too(interval: object) -> None:
    assert interval([0.5, 0.5]) is None  # type: ignore[operator]


def test_uncorrected_intervals_say_so() -> None:
    intervals = [uncorrected_z(SCORES), uncorrected_t_over_repeats([[0.1], [0.2]]), uncorrected_bootstrap(SCORES)]

    assert all(interval is not None and "uncorrected" in interval.method for interval in intervals)
