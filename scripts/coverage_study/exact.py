"""The exact tier: Gaussian fold scores whose correlation is the one that the correction assumes.

There the corrected interval covers with exactly its nominal probability, and the coverage of the uncorrected one
is known in closed form: any other result is a fault in the code.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from harness.statistics.intervals import corrected_resampled_t, corrected_standard_error
from harness.statistics.uncorrected import uncorrected_z

DATASETS = 40_000
DESIGNS = ((5, 1), (5, 5), (10, 10))
_CHECKED = 50


@dataclass(frozen=True)
class ExactCoverage:
    """Coverage of the mean of compound-symmetric Gaussian scores.

    Attributes:
        folds: Folds in a repeat, k.
        repeats: Repeats, r.
        corrected: Coverage of the corrected interval.
        uncorrected: Coverage of the uncorrected z interval.
        expected: What the latter must be.
    """

    folds: int
    repeats: int
    corrected: float
    uncorrected: float
    expected: float


def exact_coverage(folds: int, repeats: int, datasets: int = DATASETS, seed: int = 0) -> ExactCoverage:
    """Simulates fold scores with correlation 1/k and counts how often intervals hold their mean, zero.

    Args:
        folds: Folds in a repeat.
        repeats: Repeats.
        datasets: Simulated evaluations.
        seed: Of the simulation.
    """
    count, ratio = folds * repeats, 1 / (folds - 1)
    scores = compound_symmetric(datasets, count, 1 / folds, np.random.default_rng(seed))
    means, sds = scores.mean(axis=1), scores.std(axis=1, ddof=1)
    corrected = stats.t.ppf(0.975, count - 1) * corrected_standard_error(1.0, count, ratio) * sds
    uncorrected = stats.norm.ppf(0.975) / np.sqrt(count) * sds
    _check_against_harness(scores[:_CHECKED], ratio, means, corrected, uncorrected)
    return ExactCoverage(
        folds=folds,
        repeats=repeats,
        corrected=float((np.abs(means) <= corrected).mean()),
        uncorrected=float((np.abs(means) <= uncorrected).mean()),
        expected=uncorrected_coverage(folds, repeats),
    )


def uncorrected_coverage(folds: int, repeats: int) -> float:
    """What `mean ± 1.96 s / sqrt(J)` covers: `2 T(1.96 / sqrt(J (1/J + 1/(k-1)))) - 1`, T with J-1 df."""
    count = folds * repeats
    quantile = stats.norm.ppf(0.975) / np.sqrt(count * (1 / count + 1 / (folds - 1)))
    return float(2 * stats.t.cdf(quantile, count - 1) - 1)


def compound_symmetric(rows: int, count: int, correlation: float, rng: np.random.Generator) -> np.ndarray:
    """(rows, count) standard normal numbers with the same correlation between any two of a row."""
    shared, own = rng.normal(size=(rows, 1)), rng.normal(size=(rows, count))
    return np.asarray(np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own)


def _check_against_harness(
    scores: np.ndarray, ratio: float, means: np.ndarray, corrected: np.ndarray, uncorrected: np.ndarray
) -> None:
    """The vectorized limits are those that the harness computes one by one."""
    for row, mean, wide, narrow in zip(scores.tolist(), means, corrected, uncorrected, strict=False):
        intervals = corrected_resampled_t(row, ratio), uncorrected_z(row)
        for interval, half in zip(intervals, (wide, narrow), strict=True):
            assert interval is not None
            np.testing.assert_allclose([interval.low, interval.high], [mean - half, mean + half])
