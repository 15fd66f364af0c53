"""Over data sets the side that a test speaks for is that of its ranks, not that of the mean difference."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats

from harness.comparison import Comparison, Evidence, compare_evidence
from harness.comparison.pairs import compare_on_datasets

# 11 small losses and one win by far: the mean difference is positive, Wilcoxon's p is 0.034.
LOSSES = [-0.010, -0.011, -0.012, -0.013, -0.014, -0.015, -0.016, -0.017, -0.018, -0.019, -0.020]
OUTLIER = [*LOSSES, 0.4]


def _over(gains: Sequence[float], others: Sequence[Sequence[float]] = (), **settings: object) -> Comparison:
    """`gains` of m0 over m1 on each data set, and those of further models."""
    means = [[0.5 + gain, 0.5, *(0.5 + other[i] for other in others)] for i, gain in enumerate(gains)]
    evidence = [
        Evidence(f"m{model}", f"r{model}", f"d{i}", 300, np.array([[mean, mean]]), 1.0)
        for i, row in enumerate(means)
        for model, mean in enumerate(row)
    ]
    return compare_evidence(evidence, metric="accuracy", **settings)  # type: ignore[arg-type]


def test_the_case_is_one() -> None:
    assert np.mean(OUTLIER) > 0
    assert stats.wilcoxon(OUTLIER).pvalue == pytest.approx(0.034, abs=5e-4)


@pytest.mark.parametrize(("minimize", "favoured"), [(False, "m1"), (True, "m0")])
def test_the_greater_sum_of_ranks_is_favoured(minimize: bool, favoured: str) -> None:
    pair = _over(OUTLIER, minimize=minimize).all_pairs[0]

    assert pair.difference > 0
    assert pair.favoured == pair.turned().favoured == favoured
    won = stats.wilcoxon(OUTLIER, alternative="greater").statistic  # scipy's is the sum of the positive ranks
    lost = 78 - won
    assert pair.ranks == ((lost, won) if minimize else (won, lost))
    assert pair.turned().ranks == pair.ranks[::-1]


@pytest.mark.parametrize(("minimize", "word"), [(False, "is worse"), (True, "is better in accuracy than")])
def test_the_verdict_against_a_baseline_follows_the_ranks(minimize: bool, word: str) -> None:
    verdict = _over(OUTLIER, baseline="m1", minimize=minimize).verdict

    assert f"m0 (rank {'1.08' if minimize else '1.92'}) {word}" in verdict


def test_a_reader_is_told_that_the_mean_says_otherwise() -> None:
    assert any("few data sets outweigh the rest" in warning for warning in _over(OUTLIER).warnings)
    assert not any("outweigh" in warning for warning in _over(LOSSES).warnings)


def test_a_model_that_the_test_prefers_to_the_best_is_not_called_worse() -> None:
    # m0 is a little better on 16 of 30 data sets and much worse on 14: the best average rank, the lesser sum.
    gains = [0.0001 * i for i in range(1, 17)] + [-0.01 * i for i in range(1, 15)]
    comparison = _over(gains)
    pair = comparison.all_pairs[0]

    assert stats.wilcoxon(gains).pvalue < 0.05
    assert (comparison.best, pair.favoured, pair.distinguishes(0.95)) == ("m0", "m1", True)
    assert comparison.contenders == ("m0", "m1")
    assert "m1 (rank 1.53) is better than it by signed ranks" in comparison.verdict
    assert "worse" not in comparison.verdict


def test_a_model_that_is_worse_by_ranks_is_no_contender() -> None:
    comparison = _over([0.01 * i for i in range(1, 13)], others=[[-0.02 * i for i in range(1, 13)]])

    assert comparison.contenders == ("m0",)


@pytest.mark.parametrize("scale", [1e-7, 1.0, 1e6])
def test_ranks_and_tests_do_not_depend_on_the_unit_of_the_metric(scale: float) -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(0.5, 0.05, (8, 3)) * scale
    evidence = [
        Evidence(f"m{j}", f"r{j}", f"d{i}", 300, np.array([[scores[i, j]] * 2]), 1.0)
        for i in range(8)
        for j in range(3)
    ]
    comparison = compare_evidence(evidence, metric="mae", minimize=True)

    assert comparison.ranking is not None
    expected = stats.rankdata(scores, axis=1).mean(axis=0)
    assert [comparison.ranking.ranks[f"m{j}"] for j in range(3)] == pytest.approx(expected)
    for pair in comparison.all_pairs:
        first, second = (scores[:, int(name[1])] for name in (pair.first, pair.second))
        assert pair.p == pytest.approx(stats.wilcoxon(first - second).pvalue)


def test_data_sets_of_other_sizes_do_not_make_small_errors_tie() -> None:
    first = np.array([1e5, 1e-7, 2e-7, 3.5e-7, 4e-7, 0.5])
    pair = compare_on_datasets(("a", "b"), first, first * 0.9, minimize=True)

    assert (pair.wins, pair.ties, pair.losses) == (0, 0, 6)
