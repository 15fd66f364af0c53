"""Intervals for the mean score of a resampled model, and for means over independent examples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from harness.errors import UnknownNameError
from harness.statistics.distributions import normal_quantile, t_quantile
from harness.statistics.rounding import all_alike

IntervalKind = Literal["corrected", "conservative"]
"""Degrees of freedom of all folds, or of those of one repeat."""

METHODS: dict[IntervalKind, str] = {
    "corrected": "corrected resampled t",
    "conservative": "conservative resampled t",
}


@dataclass(frozen=True)
class Interval:
    """A confidence interval.

    Attributes:
        low: Lower limit, not clipped to the metric's range.
        high: Upper limit, not clipped.
        level: Nominal coverage, in (0, 1).
        method: What it was made with.
        n: Rows it was made from; None where it was made from folds.
        sd: Standard deviation over these rows, where it was made with it.
    """

    low: float
    high: float
    level: float
    method: str
    n: int | None = None
    sd: float | None = None


def check_kind(kind: str) -> None:
    """Refuses what is no kind of interval.

    Raises:
        UnknownNameError: It is neither "corrected" nor "conservative".
    """
    if kind not in METHODS:
        raise UnknownNameError("interval", str(kind), get_args(IntervalKind))


def resampled_df(kind: IntervalKind, count: int, folds: int) -> int:
    """Degrees of freedom of a standard deviation over fold scores.

    Args:
        kind: "corrected" counts all of them, "conservative" those of one repeat. Hold-outs are all one repeat, for
            each is drawn by itself.
        count: Folds over all repeats, J.
        folds: Folds in one repeat, k; 1 for hold-outs.

    Example:
        >>> resampled_df("corrected", 50, 5), resampled_df("conservative", 50, 5)
        (49, 4)
        >>> resampled_df("conservative", 9, 1)
        8
    """
    return (count if kind == "corrected" or folds == 1 else folds) - 1


def corrected_standard_error(sd: float, count: int, test_ratio: float) -> float:
    """Standard error of a mean over folds that share training rows: `s · sqrt(1/J + n_test/n_train)`.

    Args:
        sd: Standard deviation over the folds (ddof=1).
        count: Folds over all repeats, J.
        test_ratio: Test rows over training rows; 1/(k-1) for k equal folds.

    Source: Nadeau & Bengio, Inference for the Generalization Error, Machine Learning 52 (2003); for repeated
    k-fold Bouckaert & Frank, PAKDD 2004.

    Example:
        >>> round(corrected_standard_error(0.1, count=10, test_ratio=1 / 9), 6)
        0.045947
    """
    return float(sd * np.sqrt(1 / count + test_ratio))


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
    return resampled_t(scores, test_ratio, len(scores), level)


def conservative_resampled_t(
    scores: Sequence[float], test_ratio: float, folds: int, level: float = 0.95
) -> Interval | None:
    """The corrected resampled t interval with the degrees of freedom of one repeat, k-1 in place of J-1.

    It is wider: repeats add scores but no rows, so their scores may be counted as no further evidence on the
    standard deviation.

    Args:
        scores: One score per fold, of all repeats.
        test_ratio: Test rows over training rows.
        folds: Folds in one repeat, k; 1 for hold-outs, of which all are one repeat.
        level: Nominal coverage.

    Returns:
        The interval, or None where it is not defined.

    Source: degrees of freedom as in Nadeau & Bengio (2003) for a single run of k splits.

    Example:
        >>> scores = [0.8, 0.9, 0.7, 0.8, 0.85, 0.75]
        >>> narrow, wide = corrected_resampled_t(scores, 0.5), conservative_resampled_t(scores, 0.5, folds=3)
        >>> wide.low < narrow.low < narrow.high < wide.high
        True
    """
    return resampled_t(scores, test_ratio, folds, level, "conservative")


def resampled_t(
    scores: Sequence[float], test_ratio: float, folds: int, level: float = 0.95, kind: IntervalKind = "corrected"
) -> Interval | None:
    """Either of `corrected_resampled_t` and `conservative_resampled_t`.

    Args:
        scores: One score per fold, of all repeats.
        test_ratio: Test rows over training rows.
        folds: Folds in one repeat.
        level: Nominal coverage.
        kind: Which.

    Returns:
        The interval, or None where it is not defined: fewer than two scores, or all alike.
    """
    values = np.asarray(scores, dtype=np.float64)
    df = resampled_df(kind, len(values), folds)
    if len(values) < 2 or df < 1 or all_alike(values):
        return None
    error = corrected_standard_error(values.std(ddof=1), len(values), test_ratio)
    half = float(t_quantile((1 + level) / 2, df) * error)
    mean = float(values.mean())
    return Interval(mean - half, mean + half, level, METHODS[kind])


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
    share, z2 = successes / n, normal_quantile((1 + level) / 2) ** 2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    # At the ends rounding would leave bounds just short of 0 and 1.
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == n else centre + half
    return Interval(low, high, level, "Wilson, per example", n)


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
    return _around_mean(losses, t_quantile((1 + level) / 2, len(losses) - 1), level, "t, per example")


def wald(values: npt.ArrayLike, level: float = 0.95) -> Interval | None:
    """Wald interval, `mean ± z · s / sqrt(n)`, for the mean of a loss over many independent examples.

    Meant for the Brier score and the log-loss. For few examples take `per_example_mean`, for proportions `wilson`.

    Args:
        values: (n,) loss of each example.
        level: Nominal coverage.

    Returns:
        The interval, or None for fewer than two examples or when all are alike.

    Source: Wald, Transactions of the AMS 54 (1943).

    Example:
        >>> interval = wald([1.0, 2.0, 3.0])
        >>> round(interval.low, 4), round(interval.high, 4)
        (0.8684, 3.1316)
    """
    losses = np.asarray(values, dtype=np.float64)
    return _around_mean(losses, normal_quantile((1 + level) / 2), level, "Wald, per example")


def _around_mean(losses: npt.NDArray[np.float64], quantile: float, level: float, method: str) -> Interval | None:
    if len(losses) < 2 or all_alike(losses):
        return None
    mean, sd = float(losses.mean()), float(losses.std(ddof=1))
    half = quantile * sd / math.sqrt(len(losses))
    return Interval(mean - half, mean + half, level, method, len(losses), sd)
