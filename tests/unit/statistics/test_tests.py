"""Tests of two and of many models, where no published figure says what they must give."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from harness.statistics.adjustment import bonferroni, holm
from harness.statistics.bayesian import correlated_t_posterior
from harness.statistics.five_by_two import five_by_two_f, five_by_two_t
from harness.statistics.mcnemar import mcnemar, mcnemar_from_counts
from harness.statistics.paired import corrected_paired_t
from harness.statistics.ranks import average_ranks, friedman
from harness.statistics.signed_ranks import signed_ranks, too_few_datasets
from harness.statistics.uncorrected import uncorrected_paired_t

DIFFERENCES = [0.02, 0.01, 0.03, 0.0, 0.04]


def test_sides_of_the_corrected_t_add_up() -> None:
    sides = ("greater", "less", "two-sided")
    greater, less, both = (corrected_paired_t(DIFFERENCES, 0.25, alternative=side).p for side in sides)  # type: ignore[union-attr, arg-type]

    assert (greater + less, both) == pytest.approx((1.0, 2 * greater))


def test_swapped_models_change_the_sign_only() -> None:
    test = corrected_paired_t(DIFFERENCES, 0.25)
    swapped = corrected_paired_t([-d for d in DIFFERENCES], 0.25)

    assert test is not None
    assert swapped is not None
    assert (swapped.statistic, swapped.p) == pytest.approx((-test.statistic, test.p))


def test_conservative_test_and_posterior_have_the_degrees_of_freedom_of_one_repeat() -> None:
    twice = DIFFERENCES * 2
    test = corrected_paired_t(twice, 0.25, folds=5, kind="conservative")
    posterior = correlated_t_posterior(twice, 0.25, rope=0.01, folds=5, kind="conservative")

    error = np.std(twice, ddof=1) * np.sqrt(1 / 10 + 1 / 4)
    expected = stats.t(4, np.mean(twice), error)
    assert test is not None
    assert posterior is not None
    assert test.p == pytest.approx(2 * expected.cdf(0))
    assert (test.interval.low, test.interval.high) == pytest.approx(expected.interval(0.95))
    assert (test.df, test.interval.method) == (4, "conservative resampled t")
    assert (posterior.below, posterior.above) == pytest.approx((expected.cdf(-0.01), expected.sf(0.01)))


def test_rounding_noise_is_no_spread() -> None:
    assert corrected_paired_t([0.1 + 0.2, 0.3, 0.15 + 0.15], 0.5) is None


def test_uncorrected_t_is_scipys_paired_t() -> None:
    test = uncorrected_paired_t(DIFFERENCES)
    expected = stats.ttest_1samp(DIFFERENCES, 0)

    assert test is not None
    assert (test.statistic, test.p) == pytest.approx((expected.statistic, expected.pvalue))


@pytest.mark.parametrize(
    ("difference", "expected"), [(0.0, (0, 1, 0)), (0.5, (0, 0, 1)), (-0.5, (1, 0, 0)), (0.05, (0, 1, 0))]
)
def test_posterior_of_equal_differences_is_certain(difference: float, expected: tuple[float, ...]) -> None:
    assert correlated_t_posterior([difference] * 4, 0.25, rope=0.1) == expected


def test_posterior_without_rope_mirrors_the_one_sided_p_value() -> None:
    posterior = correlated_t_posterior(DIFFERENCES, 0.25)
    test = corrected_paired_t(DIFFERENCES, 0.25, alternative="greater")

    assert posterior is not None
    assert test is not None
    assert posterior.below == pytest.approx(test.p)


@pytest.mark.parametrize("test", [five_by_two_t, five_by_two_f])
def test_five_by_two_wants_its_shape(test: object) -> None:
    with pytest.raises(ValueError, match=r"\(5, 2\)"):
        test([[0.1, 0.2]] * 4)  # type: ignore[operator]


@pytest.mark.parametrize(
    "differences", [np.zeros((5, 2)), np.full((5, 2), 0.02), np.c_[np.arange(5), np.arange(5)] / 7]
)
@pytest.mark.parametrize("test", [five_by_two_t, five_by_two_f])
def test_five_by_two_of_repeats_without_spread_is_undefined(test: object, differences: np.ndarray) -> None:
    found = test(differences)  # type: ignore[operator]

    assert np.isnan([found.statistic, found.p]).all()


def test_mcnemar_counts_rows_that_only_one_gets_right() -> None:
    test = mcnemar([1, 1, 1, 0, 0], [1, 0, 0, 1, 0])

    assert (test.only_first, test.only_second) == (2, 1)


def test_mcnemar_of_the_same_predictions_is_one() -> None:
    test = mcnemar([True, False], [True, False])

    assert (test.exact_p, test.statistic, test.p) == (1.0, 0.0, 1.0)


def test_mcnemar_exact_is_the_binomial_tail() -> None:
    assert mcnemar_from_counts(1, 9).exact_p == pytest.approx(2 * stats.binom.cdf(1, 10, 0.5))


def test_mcnemar_chi_squared_is_corrected_for_continuity() -> None:
    test = mcnemar_from_counts(10, 2)

    assert (test.statistic, test.p) == pytest.approx((49 / 12, stats.chi2.sf(49 / 12, 1)))


def test_mcnemar_correction_never_makes_an_excess() -> None:
    assert mcnemar_from_counts(3, 3).statistic == 0.0


def test_holm_counts_planned_tests_that_have_no_p_value() -> None:
    assert holm([0.01, 0.04], family=3) == pytest.approx([0.03, 0.08])


def test_holm_is_never_worse_than_bonferroni() -> None:
    p = np.random.default_rng(0).uniform(size=20).tolist()

    assert all(step_down <= all_at_once for step_down, all_at_once in zip(holm(p), bonferroni(p), strict=True))


def test_holm_keeps_the_order_of_its_input() -> None:
    assert holm([0.9, 0.001, 0.02]) == pytest.approx([0.9, 0.003, 0.04])


def test_ranks_of_an_error_count_from_the_smallest() -> None:
    assert average_ranks([[0.1, 0.3, 0.2]], minimize=True).tolist() == [1, 3, 2]


def test_friedman_agrees_with_scipy_where_nothing_ties() -> None:
    scores = np.random.default_rng(3).normal(size=(8, 4))
    test, expected = friedman(scores), stats.friedmanchisquare(*scores.T)

    assert (test.chi2, test.chi2_p) == pytest.approx((expected.statistic, expected.pvalue))


def test_friedman_of_models_always_ranked_alike_is_certain() -> None:
    test = friedman([[3, 2, 1]] * 6)

    assert (test.f, test.f_p) == (np.inf, 0.0)


def test_five_data_sets_cannot_reject_at_five_percent() -> None:
    assert signed_ranks([0.1, 0.2, 0.3, 0.4, 0.5]).p == pytest.approx(0.0625)


@pytest.mark.parametrize(("datasets", "enough"), [(5, False), (6, True)])
def test_six_data_sets_are_enough(datasets: int, enough: bool) -> None:
    assert (too_few_datasets(datasets) is None) is enough


def test_signed_ranks_of_models_that_never_differ() -> None:
    test = signed_ranks([0.0] * 6)

    assert (test.statistic, test.p) == (10.5, 1.0)


def test_signed_ranks_agree_with_scipy() -> None:
    differences = np.random.default_rng(5).normal(0.2, size=12)

    assert signed_ranks(differences.tolist()).p == pytest.approx(stats.wilcoxon(differences).pvalue, abs=1e-4)
