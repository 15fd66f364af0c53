"""Two models on the same folds: the corrected resampled t test on paired differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from harness.statistics.distributions import t_quantile, t_tail
from harness.statistics.intervals import METHODS, Interval, IntervalKind, corrected_standard_error, resampled_df
from harness.statistics.rounding import all_alike

Alternative = Literal["two-sided", "greater", "less"]


@dataclass(frozen=True)
class TTest:
    """A t test of a mean difference of zero.

    Attributes:
        difference: Mean difference.
        standard_error: Its standard error.
        statistic: Their ratio.
        df: Degrees of freedom.
        p: p value.
        interval: Two-sided interval of the difference, whatever the alternative.
    """

    difference: float
    standard_error: float
    statistic: float
    df: int
    p: float
    interval: Interval


def corrected_paired_t(
    differences: Sequence[float],
    test_ratio: float,
    level: float = 0.95,
    alternative: Alternative = "two-sided",
    *,
    folds: int | None = None,
    kind: IntervalKind = "corrected",
    scale: float | None = None,
) -> TTest | None:
    """Corrected resampled t test of the differences of two models on the same folds.

    `t = d / (s · sqrt(1/J + n_test/n_train))` on J-1 degrees of freedom, for J differences with mean d and
    standard deviation s.

    Args:
        differences: One a fold, first model minus second (seeds on one fold averaged before).
        test_ratio: Test rows over training rows; 1/(k-1) for k equal folds.
        level: Nominal coverage of the interval.
        alternative: "greater" asks whether the mean difference is above zero.
        folds: Folds in one repeat, k; all of them by default.
        kind: "conservative" takes the degrees of freedom of one repeat, k-1 in place of J-1.
        scale: Size of the scores that they are differences of: what is tiny beside it is rounding noise. By
            default that of the differences, at least 1.

    Returns:
        The test, or None where there is none: fewer than two differences, or all alike.

    Source: Nadeau & Bengio, Machine Learning 52 (2003); Bouckaert & Frank, PAKDD 2004.

    Example:
        >>> test = corrected_paired_t([0.02, 0.01, 0.03, 0.0, 0.04], test_ratio=1 / 4)
        >>> round(test.statistic, 9), round(test.p, 9)
        (1.885618083, 0.132418922)
    """
    values = np.asarray(differences, dtype=np.float64)
    # Equal differences leave rounding noise behind, which is no spread to test against.
    if len(values) < 2 or all_alike(values, size_of_scores(values, scale)):
        return None
    mean, sd = float(values.mean()), float(values.std(ddof=1))
    df = resampled_df(kind, len(values), folds or len(values))
    return corrected_t_from_moments(mean, sd, len(values), test_ratio, level, alternative, METHODS[kind], df)


def size_of_scores(differences: npt.NDArray[np.float64], scale: float | None) -> float:
    """The size beside which differences are noise: as it is known, else that of the differences, at least 1."""
    return max(1.0, float(np.abs(differences).max())) if scale is None else scale


def corrected_t_from_moments(
    mean: float,
    sd: float,
    count: int,
    test_ratio: float,
    level: float = 0.95,
    alternative: Alternative = "two-sided",
    method: str = METHODS["corrected"],
    df: int | None = None,
) -> TTest:
    """The corrected resampled t test where mean and standard deviation are already known.

    Args:
        mean: Mean difference.
        sd: Standard deviation of the differences (ddof=1), above 0.
        count: Folds over all repeats, J, at least 2.
        test_ratio: Test rows over training rows.
        level: Nominal coverage of the interval.
        alternative: Which side counts against the null.
        method: Name of the interval.
        df: Degrees of freedom, at least 1; J-1 by default.

    Example:
        >>> round(corrected_t_from_moments(0.3049, 2.9837, 10, 1 / 9).statistic, 4)
        0.2224
    """
    error = corrected_standard_error(sd, count, test_ratio)
    df = count - 1 if df is None else df
    half = t_quantile((1 + level) / 2, df) * error
    return TTest(
        difference=mean,
        standard_error=error,
        statistic=mean / error,
        df=df,
        p=_p_value(mean / error, df, alternative),
        interval=Interval(mean - half, mean + half, level, method),
    )


def _p_value(statistic: float, df: int, alternative: Alternative) -> float:
    if alternative == "two-sided":
        return 2 * t_tail(abs(statistic), df)
    return t_tail(statistic if alternative == "greater" else -statistic, df)
