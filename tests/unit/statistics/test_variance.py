from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from harness.statistics.repeats import enough_repeats, errors_by_repeats
from harness.statistics.variance import variance_components


def nested(seed_sd: float, fold_sd: float, repeat_sd: float, shape: tuple[int, int, int]) -> np.ndarray:
    """Scores of a nested design with known standard deviations."""
    rng = np.random.default_rng(2)
    repeats, folds, _ = shape
    return (
        0.8
        + repeat_sd * rng.normal(size=(repeats, 1, 1))
        + fold_sd * rng.normal(size=(repeats, folds, 1))
        + seed_sd * rng.normal(size=shape)
    )


def test_components_are_recovered_from_many_scores() -> None:
    parts = variance_components(nested(0.01, 0.03, 0.02, (400, 10, 3)))

    assert (parts.seed, parts.fold, parts.repeat) == pytest.approx((1e-4, 9e-4, 4e-4), rel=0.15)


def test_components_that_were_not_varied_are_not_given() -> None:
    parts = variance_components(nested(0.01, 0.03, 0.0, (1, 5, 1)))

    assert (parts.seed, parts.repeat) == (None, None)
    assert parts.fold is not None


def test_hold_outs_are_splits_and_not_repeats_of_one_fold() -> None:
    scores = nested(0.01, 0.03, 0.0, (30, 1, 3))
    parts = variance_components(scores)

    # A one-way layout with random effects: F is the ratio of the mean squares between and within splits.
    within = scores[:, 0].var(axis=1, ddof=1).mean()
    between = stats.f_oneway(*scores[:, 0]).statistic * within
    assert parts.seed == pytest.approx(within)
    assert parts.split == pytest.approx((between - within) / 3)
    assert (parts.fold, parts.repeat) == (None, None)
    assert list(parts.named) == ["seed", "split"]


def test_a_single_split_has_the_variance_of_its_seeds_alone() -> None:
    assert list(variance_components([[[0.8, 0.9, 0.7]]]).named) == ["seed"]


def test_a_negative_estimate_becomes_zero_and_is_named() -> None:
    parts = variance_components([[[0.1, 0.9], [0.9, 0.1]]])

    assert (parts.fold, parts.truncated) == (0.0, ("fold",))


def test_repeats_that_agree_are_enough() -> None:
    check = enough_repeats([[0.7, 0.9], [0.9, 0.7001]], test_ratio=1.0)

    assert check is not None
    assert check.enough


def test_repeats_that_disagree_are_not_enough_and_more_are_foreseen() -> None:
    scores = nested(0.0, 0.01, 0.02, (4, 5, 1))[:, :, 0]

    check = enough_repeats(scores, test_ratio=1 / 4)

    assert check is not None
    assert not check.enough
    assert check.needed > 4


def test_no_fewer_repeats_are_foreseen_than_are_not_enough() -> None:
    # Two hold-outs would do: one degree of freedom makes a wide interval. Three do not.
    check = enough_repeats([[0.80], [0.83], [0.84]], test_ratio=0.5)

    assert check is not None
    assert not check.enough
    sd = np.std([0.80, 0.83, 0.84], ddof=1)
    enough = [sd / np.sqrt(r) < 0.1 * stats.t.ppf(0.975, r - 1) * sd * np.sqrt(1 / r + 0.5) for r in range(2, 200)]
    assert enough[0]
    assert check.needed == max(r for r, small in enumerate(enough, start=2) if not small) + 1 > 3


def test_error_is_the_last_of_the_curve() -> None:
    scores = nested(0.0, 0.03, 0.02, (6, 5, 1))[:, :, 0]
    check = enough_repeats(scores, test_ratio=1 / 4)

    assert check is not None
    assert errors_by_repeats(scores)[-1] == pytest.approx(check.error)


@pytest.mark.parametrize("scores", [[[0.8, 0.9]], [[0.8, 0.8], [0.8, 0.8]]])
def test_one_repeat_or_equal_scores_say_nothing_of_repeats(scores: list[list[float]]) -> None:
    assert enough_repeats(scores, test_ratio=1.0) is None
