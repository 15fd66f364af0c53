"""Intervals for the mean score of a resampled model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats


@dataclass(frozen=True)
class Interval:
    """A confidence interval.

    Attributes:
        low: Lower limit, not clipped to the metric's range.
        high: Upper limit, not clipped.
        level: Nominal coverage, in (0, 1).
        method: What it was made with.
    """

    low: float
    high: float
    level: float
    method: str


def corrected_resampled_t(scores: Sequence[float], test_ratio: float, level: float = 0.95) -> Interval | None:
    """Corrected resampled t interval: allows for folds that share most of their training rows.

    `mean ± t(J-1) · s · sqrt(1/J + n_test/n_train)` over J fold scores with standard deviation s.

    Args:
        scores: One score per fold (seeds on one fold averaged before).
        test_ratio: Test rows over training rows; 1/(k-1) for k equal folds.
        level: Nominal coverage.

    Returns:
        The interval, or None where it is not defined: fewer than two scores, or all alike.

    Source: Nadeau & Bengio, Inference for the Generalization Error, Machine Learning 52 (2003); for repeated
    k-fold Bouckaert & Frank, PAKDD 2004.

    Example:
        >>> interval = corrected_resampled_t([0.02, 0.01, 0.03, 0.0, 0.04], test_ratio=1 / 4)
        >>> round(interval.low, 9), round(interval.high, 9)
        (-0.009448647, 0.049448647)
    """
    values = np.asarray(scores, dtype=np.float64)
    if len(values) < 2 or np.ptp(values) == 0:
        return None
    scale = values.std(ddof=1) * np.sqrt(1 / len(values) + test_ratio)
    half = float(stats.t.ppf((1 + level) / 2, len(values) - 1) * scale)
    mean = float(values.mean())
    return Interval(mean - half, mean + half, level, "corrected resampled t")


def wilson(successes: int, n: int, level: float = 0.95) -> Interval:
    """Wilson score interval for a proportion of independent examples.

    Args:
        successes: Rows that were right, in [0, n].
        n: Rows, at least 1.
        level: Nominal coverage.

    Source: Wilson, JASA 22 (1927).

    Example:
        >>> interval = wilson(8, 10)
        >>> round(interval.low, 4), round(interval.high, 4)
        (0.4902, 0.9433)
    """
    result = stats.binomtest(successes, n).proportion_ci(level, method="wilson")
    return Interval(float(result.low), float(result.high), level, "Wilson, per example")


def per_example_mean(values: npt.ArrayLike, level: float = 0.95) -> Interval | None:
    """Student's t interval for the mean of a loss over independent examples (Wald's, for many of them).

    Args:
        values: (n,) loss of each example.
        level: Nominal coverage.

    Returns:
        The interval, or None for fewer than two examples or when all are alike.

    Example:
        >>> interval = per_example_mean([1.0, 2.0, 3.0])
        >>> round(interval.low, 4), round(interval.high, 4)
        (-0.4841, 4.4841)
    """
    losses = np.asarray(values, dtype=np.float64)
    if len(losses) < 2 or np.ptp(losses) == 0:
        return None
    half = float(stats.t.ppf((1 + level) / 2, len(losses) - 1) * losses.std(ddof=1) / np.sqrt(len(losses)))
    mean = float(losses.mean())
    return Interval(mean - half, mean + half, level, "t, per example")
