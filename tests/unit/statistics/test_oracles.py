"""Published figures, and figures of other packages, to the digits they are given with."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special, stats

from harness.statistics.adjustment import bonferroni, holm
from harness.statistics.bayesian import correlated_t_posterior
from harness.statistics.five_by_two import five_by_two_f, five_by_two_t
from harness.statistics.paired import corrected_paired_t, corrected_t_from_moments
from harness.statistics.ranks import (
    bonferroni_dunn_difference,
    friedman,
    nemenyi_difference,
    rank_standard_error,
    rank_z,
)
from harness.statistics.signed_ranks import signed_ranks
from harness.statistics.uncorrected import uncorrected_paired_t
from harness.statistics.variance import variance_components

# The example of the baycomp documentation: accuracies of ten folds of one run.
NBC = [94.203, 92.754, 95.652, 91.176, 92.647, 91.176, 92.647, 92.647, 86.765, 91.176]
J48 = [92.754, 92.754, 89.855, 89.706, 95.588, 89.706, 95.588, 94.118, 91.176, 92.647]

# Demšar 2006, table 6: AUC in thousandths of C4.5, C4.5+m, C4.5+cf and C4.5+m+cf on 14 data sets. One entry is
# moved by a hundredth so that it breaks the tie as the unrounded figure did in the paper.
C45 = np.array(
    [
        [763, 768, 771, 798],
        [599, 591, 590, 569],
        [954, 971, 968, 967],
        [628, 661, 654, 657],
        [882, 888, 886, 898],
        [936, 931, 916, 931],
        [661, 668, 609, 685],
        [583, 583, 563, 625],
        [775, 838, 866, 875],
        [1000, 1000, 1000, 1000],
        [940, 962, 965, 962],
        [619, 666, 614, 669],
        [972, 981, 975.01, 975],
        [957, 978, 946, 970],
    ]
)
CATALYSTS = np.array([[84.5, 78.4, 83.1], [82.8, 79.1, 79.9], [79.1, 78.0, 77.8], [80.2, 76.0, 77.9]])


@pytest.fixture(scope="module")
def svc_aucs() -> dict[str, NDArray[np.float64]]:
    """scikit-learn's example "Statistical comparison of models using grid search": AUC of four kernels."""
    from sklearn.datasets import make_moons
    from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
    from sklearn.svm import SVC

    X, y = make_moons(100, noise=0.352, random_state=1)
    cv = RepeatedStratifiedKFold(n_splits=10, n_repeats=10, random_state=0)
    kernels: dict[str, dict[str, Any]] = {
        "linear": {"kernel": "linear"},
        "2_poly": {"kernel": "poly", "degree": 2},
        "3_poly": {"kernel": "poly", "degree": 3},
        "rbf": {"kernel": "rbf"},
    }
    return {
        name: cross_val_score(SVC(random_state=0, **settings), X, y, scoring="roc_auc", cv=cv)
        for name, settings in kernels.items()
    }


def r_normals(seed: int, count: int) -> NDArray[np.float64]:
    """The first numbers of R's `set.seed(seed); rnorm(count)`: Mersenne Twister and inversion."""
    words, state = [], seed
    for _ in range(50 + 625):
        state = (69069 * state + 1) % 2**32
        words.append(state)
    twister = np.random.MT19937()
    twister.state = {
        "bit_generator": "MT19937",
        "state": {"key": np.array(words[51:], dtype=np.uint32), "pos": 624},
    }
    uniform = twister.random_raw(2 * count) * 2.3283064365386963e-10
    fine = 134217728  # R draws 27 bits first and refines them with a second draw
    return np.asarray(special.ndtri((np.floor(fine * uniform[::2]) + uniform[1::2]) / fine))


@pytest.mark.parametrize(
    ("rope", "expected"),
    [
        (0.0, (0.4145119975061462, 0.0, 0.5854880024938538)),
        (0.5, (0.285844641738, 0.269151871688, 0.445003486574)),
    ],
)
def test_posterior_of_the_baycomp_example(rope: float, expected: tuple[float, ...]) -> None:
    # baycomp gives first the probability that its first model, nbc, is better: that j48 - nbc is below zero.
    posterior = correlated_t_posterior(np.subtract(J48, NBC).tolist(), test_ratio=1 / 9, rope=rope)

    # With a rope the figures are given to twelve digits, without one to all of a double.
    assert posterior == pytest.approx(expected, abs=5e-13 if rope else 1e-15)


@pytest.mark.parametrize(
    ("attribute", "expected"),
    [
        ("difference", 0.3049),
        ("standard_error", 1.3714145905),
        ("statistic", 0.2223251831),
        ("p", 0.8290239950),
        ("df", 9),
    ],
)
def test_corrected_t_of_the_baycomp_example(attribute: str, expected: float) -> None:
    test = corrected_paired_t(np.subtract(J48, NBC).tolist(), test_ratio=1 / 9)

    assert getattr(test, attribute) == pytest.approx(expected, abs=5e-11)


def test_corrected_t_of_the_scikit_learn_example(svc_aucs: dict[str, NDArray[np.float64]]) -> None:
    differences = (svc_aucs["rbf"] - svc_aucs["linear"]).tolist()

    test = corrected_paired_t(differences, test_ratio=1 / 9, alternative="greater")

    assert test is not None
    assert np.std(differences, ddof=1) == pytest.approx(0.03829708431, abs=5e-12)
    assert (test.difference, test.statistic, test.p) == pytest.approx(
        (0.01, 0.7503126954, 0.2274229710), abs=5e-11
    )
    assert (test.interval.low, test.interval.high) == pytest.approx((-0.016445, 0.036445), abs=5e-7)


def test_uncorrected_t_of_the_scikit_learn_example(svc_aucs: dict[str, NDArray[np.float64]]) -> None:
    test = uncorrected_paired_t((svc_aucs["rbf"] - svc_aucs["linear"]).tolist())

    assert test is not None
    assert (test.statistic, test.p / 2) == pytest.approx((2.6111648393, 0.0052130132), abs=5e-11)


def test_posterior_of_the_scikit_learn_example(svc_aucs: dict[str, NDArray[np.float64]]) -> None:
    differences = (svc_aucs["rbf"] - svc_aucs["linear"]).tolist()

    better = correlated_t_posterior(differences, test_ratio=1 / 9)
    same = correlated_t_posterior(differences, test_ratio=1 / 9, rope=0.01)

    assert better is not None
    assert same is not None
    assert (better.above, same.within) == pytest.approx((0.7725770290, 0.4316824582), abs=5e-11)


def test_bonferroni_over_the_pairs_of_the_scikit_learn_example(svc_aucs: dict[str, NDArray[np.float64]]) -> None:
    pairs = ["rbf-linear", "rbf-3_poly", "rbf-2_poly", "linear-3_poly", "linear-2_poly", "3_poly-2_poly"]
    expected = {
        "rbf-3_poly": (1.657, 0.302),
        "rbf-2_poly": (4.565, 0.000),
        "linear-3_poly": (1.111, 0.807),
        "linear-2_poly": (4.276, 0.000),
        "3_poly-2_poly": (3.851, 0.001),
    }
    tests = {}
    for pair in pairs:
        first, second = pair.split("-")
        difference = (svc_aucs[first] - svc_aucs[second]).tolist()
        tests[pair] = corrected_paired_t(difference, test_ratio=1 / 9, alternative="greater")
    adjusted = dict(zip(pairs, bonferroni([test.p for test in tests.values() if test]), strict=True))

    found = {pair: (round(tests[pair].statistic, 3), round(adjusted[pair], 3)) for pair in expected}  # type: ignore[union-attr]

    assert found == expected


def test_r_normals_begin_as_in_r() -> None:
    assert r_normals(123, 3).tolist() == pytest.approx([-0.56047565, -0.23017749, 1.55870831], abs=5e-9)


def test_correctr_resampled_t() -> None:
    draws = r_normals(123, 60)
    first, second = 0.6 + 0.1 * draws[:30], 0.4 + 0.1 * draws[30:]

    test = corrected_paired_t((first - second).tolist(), test_ratio=20 / 80)

    assert test is not None
    assert test.statistic == pytest.approx(2.407318, abs=5e-7)
    assert test.p == pytest.approx(0.02265982, abs=5e-9)


def test_correctr_repeated_k_fold_t() -> None:
    draws = r_normals(123, 180)
    differences = 0.2 + 0.1 * (draws[60:120] - draws[120:])
    # Its example has 60 differences and says that they are those of 2 folds and 2 repeats.
    mean, sd = float(differences.mean()), float(differences.std(ddof=1))
    test = corrected_t_from_moments(mean, sd, count=4, test_ratio=20 / 80, alternative="greater")

    assert (test.statistic, test.df) == (pytest.approx(1.97102, abs=5e-6), 3)
    assert test.p == pytest.approx(0.07165217, abs=5e-9)


def test_average_ranks_of_demsar() -> None:
    assert friedman(C45).ranks.tolist() == pytest.approx([3.142857, 2, 2.892857, 1.964286], abs=5e-7)


@pytest.mark.parametrize(
    ("attribute", "expected", "digits"), [("chi2", 9.278571, 6), ("f", 3.686313, 6), ("f_p", 0.0198230, 7)]
)
def test_friedman_of_demsar(attribute: str, expected: float, digits: int) -> None:
    assert round(getattr(friedman(C45), attribute), digits) == expected


def test_scipy_corrects_friedman_for_ties_and_so_differs() -> None:
    result = stats.friedmanchisquare(*C45.T)

    assert (result.statistic, result.pvalue) == pytest.approx((10.228346, 0.0167216), abs=5e-7)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (rank_standard_error(4, 14), 0.487950),
        (nemenyi_difference(4, 14, 0.05), 1.253559),
        (nemenyi_difference(4, 14, 0.10), 1.118060),
        (bonferroni_dunn_difference(4, 14, 0.05), 1.168143),
    ],
)
def test_critical_differences_of_demsar(value: float, expected: float) -> None:
    assert value == pytest.approx(expected, abs=5e-7)


def test_comparisons_with_a_control_of_demsar() -> None:
    z = rank_z(friedman(C45).ranks, control=0, datasets=14)[[3, 1, 2]]
    p = (2 * stats.norm.sf(z)).tolist()

    assert z.tolist() == pytest.approx([2.415353, 2.342160, 0.512348], abs=5e-7)
    assert holm(p) == pytest.approx([0.0471599, 0.0471599, 0.6084078], abs=5e-8)


def test_wilcoxon_of_demsar() -> None:
    # The second classifier less the first, as in the paper: T is the sum of the ranks on which C4.5 is better.
    test = signed_ranks(((C45[:, 1] - C45[:, 0]) / 1000).tolist())

    assert (test.positive, test.negative, test.statistic) == (93, 12, 12)
    assert not test.exact
    assert test.p == pytest.approx(0.0109685, abs=5e-8)


@pytest.mark.parametrize(("scores", "chi2"), [(CATALYSTS, 6.5), (CATALYSTS.T, 7.4)])
def test_friedman_of_the_catalysts(scores: NDArray[np.float64], chi2: float) -> None:
    assert friedman(scores).chi2 == pytest.approx(chi2)


def test_friedman_p_of_the_catalysts() -> None:
    assert friedman(CATALYSTS).chi2_p == pytest.approx(0.0387742, abs=5e-8)


@pytest.mark.parametrize(
    ("attribute", "expected"), [("statistic", 1.885618083), ("p", 0.132418922), ("difference", 0.02)]
)
def test_corrected_t_by_hand(attribute: str, expected: float) -> None:
    test = corrected_paired_t([0.02, 0.01, 0.03, 0.0, 0.04], test_ratio=1 / 4)

    assert getattr(test, attribute) == pytest.approx(expected, abs=5e-10)


def test_corrected_interval_by_hand() -> None:
    test = corrected_paired_t([0.02, 0.01, 0.03, 0.0, 0.04], test_ratio=1 / 4)

    assert test is not None
    assert (test.interval.low, test.interval.high) == pytest.approx((-0.009448647, 0.049448647), abs=5e-10)


FIVE_BY_TWO = [[0.04, 0.02], [0.03, 0.05], [0.01, 0.03], [0.06, 0.02], [0.02, 0.02]]


def test_five_by_two_t_by_hand() -> None:
    assert five_by_two_t(FIVE_BY_TWO).statistic == pytest.approx(2.390457219, abs=5e-10)


def test_five_by_two_f_by_hand() -> None:
    test = five_by_two_f(FIVE_BY_TWO)

    assert (test.statistic, test.p) == pytest.approx((4.0, 0.069635199), abs=5e-10)


@pytest.mark.parametrize(("component", "expected"), [("seed", 2e-4), ("fold", 4e-4), ("repeat", 1e-3)])
def test_variance_components_by_hand(component: str, expected: float) -> None:
    parts = variance_components([[[0.80, 0.82], [0.78, 0.80]], [[0.84, 0.82], [0.86, 0.88]]])

    assert getattr(parts, component) == pytest.approx(expected)
