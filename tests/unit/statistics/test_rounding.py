"""Rounding noise is no spread and no difference, and small numbers are no noise."""

from __future__ import annotations

import numpy as np
import pytest

from harness.statistics.bayesian import correlated_t_posterior
from harness.statistics.intervals import corrected_resampled_t, per_example_mean, wald
from harness.statistics.paired import corrected_paired_t
from harness.statistics.repeats import enough_repeats
from harness.statistics.rounding import rounded
from harness.statistics.signed_ranks import signed_ranks
from harness.statistics.uncorrected import uncorrected_z

# 21/30, reckoned in three ways: they differ in the last bit.
NOISY = [0.7, 0.1 * 7, 1 - 0.3]
SMALL = [3e-14, 5e-14, 4e-14, 6e-14]


def test_the_scores_here_are_noisy() -> None:
    assert 0 < np.ptp(NOISY) < 1e-15


@pytest.mark.parametrize(
    "interval", [lambda s: corrected_resampled_t(s, 0.5), per_example_mean, wald, uncorrected_z]
)
def test_noise_makes_no_interval(interval) -> None:
    assert interval(NOISY) is None


@pytest.mark.parametrize(
    "interval", [lambda s: corrected_resampled_t(s, 0.5), per_example_mean, wald, uncorrected_z]
)
def test_small_scores_make_one(interval) -> None:
    assert interval(SMALL) is not None


def test_noise_asks_for_no_repeats() -> None:
    assert enough_repeats([NOISY, NOISY[::-1]], 0.5) is None


def test_small_differences_of_small_scores_are_tested() -> None:
    gains = [1e-14, 2e-14, 3e-14]

    assert corrected_paired_t(gains, 0.5) is None
    test, same = corrected_paired_t(gains, 0.5, scale=5e-14), corrected_paired_t([1, 2, 3], 0.5)
    assert test is not None
    assert same is not None
    assert test.p == pytest.approx(same.p)


def test_noise_of_large_scores_is_within_any_rope() -> None:
    assert correlated_t_posterior([1e-10, 1e-10, 1e-10], 0.5, rope=0.0, scale=1e5) == (0.0, 1.0, 0.0)


@pytest.mark.parametrize("scale", [1e-7, 1e-3, 1.0, 1e5])
def test_signed_ranks_do_not_depend_on_the_unit(scale: float) -> None:
    gains = np.array([0.021, 0.013, 0.034, -0.005, 0.043, 0.055])
    test = signed_ranks((gains * scale).tolist(), scale)

    assert (test.positive, test.negative, test.exact) == (20.0, 1.0, True)


def test_equal_differences_tie_whatever_their_last_bits() -> None:
    gains = np.subtract([0.3, 0.2, 0.9], [0.2, 0.1, 0.4])

    assert len(set(gains)) == 3
    assert len(set(rounded(gains, 1.0))) == 2
