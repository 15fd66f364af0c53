"""Intervals and tests of the tutorials, kept for comparison only: they take dependent folds for independent ones.

At n=100, 5 folds and 10 repeats their nominal 95 % intervals cover the truth less than half of the time, and the
paired t test rejects a true null hypothesis more often than not; `docs/statistics.md` has the table. Nothing in
the harness prints them except that study.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import stats

from harness.statistics.intervals import Interval
from harness.statistics.paired import TTest, corrected_t_from_moments
from harness.statistics.rounding import all_alike


def uncorrected_z(scores: Sequence[float], level: float = 0.95) -> Interval | None:
    """`mean ± z · s / sqrt(J)`: the "1.96 standard errors" of many tutorials; too narrow.

    Args:
        scores: One score per fold.
        level: Nominal coverage, which it does not keep.

    Returns:
        The interval, or None for fewer than two scores or when all are alike.

    Example:
        >>> interval = uncorrected_z([0.02, 0.01, 0.03, 0.0, 0.04])
        >>> round(interval.low, 6), round(interval.high, 6)
        (0.006141, 0.033859)
    """
    values = np.asarray(scores, dtype=np.float64)
    if len(values) < 2 or all_alike(values):
        return None
    half = float(stats.norm.ppf((1 + level) / 2) * values.std(ddof=1) / np.sqrt(len(values)))
    mean = float(values.mean())
    return Interval(mean - half, mean + half, level, "uncorrected z")


def uncorrected_t_over_repeats(scores: npt.ArrayLike, level: float = 0.95) -> Interval | None:
    """Student's t over the means of the repeats: describes the shuffling and not the data; far too narrow.

    Args:
        scores: (repeats, folds) scores.
        level: Nominal coverage, which it does not keep.

    Returns:
        The interval, or None for one repeat or when all means are alike.

    Example:
        >>> interval = uncorrected_t_over_repeats([[0.8, 0.9], [0.7, 0.9], [0.8, 0.8]])
        >>> round(interval.low, 4), round(interval.high, 4)
        (0.745, 0.8884)
    """
    means = np.asarray(scores, dtype=np.float64).mean(axis=1)
    if len(means) < 2 or all_alike(means):
        return None
    half = float(stats.t.ppf((1 + level) / 2, len(means) - 1) * means.std(ddof=1) / np.sqrt(len(means)))
    mean = float(means.mean())
    return Interval(mean - half, mean + half, level, "uncorrected t over repeats")


def uncorrected_bootstrap(scores: Sequence[float], level: float = 0.95, seed: int = 0) -> Interval | None:
    """BCa bootstrap over the fold scores; resamples dependent scores as if they were independent, too narrow.

    Args:
        scores: One score per fold.
        level: Nominal coverage, which it does not keep.
        seed: Of the resampling.

    Returns:
        The interval, or None for fewer than two scores or when all are alike.

    Source: Efron, JASA 82 (1987).

    Example:
        >>> interval = uncorrected_bootstrap([0.02, 0.01, 0.03, 0.0, 0.04])
        >>> 0.0 < interval.low < 0.02 < interval.high < 0.04
        True
    """
    values = np.asarray(scores, dtype=np.float64)
    if len(values) < 2 or all_alike(values):
        return None
    result = stats.bootstrap((values,), np.mean, confidence_level=level, n_resamples=2000, random_state=seed)
    low, high = result.confidence_interval
    return Interval(float(low), float(high), level, "uncorrected BCa bootstrap")


def uncorrected_paired_t(differences: Sequence[float], level: float = 0.95) -> TTest | None:
    """Paired t test that takes folds for independent: rejects a true null far too often.

    Args:
        differences: One a fold.
        level: Nominal coverage of the interval.

    Source: warned of in Dietterich, Neural Computation 10 (1998).

    Example:
        >>> round(uncorrected_paired_t([0.02, 0.01, 0.03, 0.0, 0.04]).statistic, 6)
        2.828427
    """
    values = np.asarray(differences, dtype=np.float64)
    if len(values) < 2 or all_alike(values):
        return None
    # Without the share of test to training rows, the corrected standard error is the usual one.
    return corrected_t_from_moments(
        float(values.mean()), float(values.std(ddof=1)), len(values), 0.0, level, method="uncorrected paired t"
    )
