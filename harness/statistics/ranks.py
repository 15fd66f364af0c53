"""Many models on many data sets: average ranks, Friedman's test, critical differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.statistics.distributions import normal_quantile


@dataclass(frozen=True)
class Friedman:
    """Friedman's test that all models have the same average rank.

    Attributes:
        ranks: (k,) average ranks, 1 for the best.
        chi2: Friedman's statistic, not corrected for ties, on k-1 degrees of freedom.
        chi2_p: Its p value.
        f: Iman and Davenport's statistic, on (k-1) and (k-1)(N-1) degrees of freedom; infinite where every data
            set ranks the models alike.
        f_p: Its p value: the one to use.
    """

    ranks: npt.NDArray[np.float64]
    chi2: float
    chi2_p: float
    f: float
    f_p: float


def average_ranks(scores: npt.ArrayLike, *, minimize: bool = False) -> npt.NDArray[np.float64]:
    """Ranks the models on each data set, 1 for the best, ties sharing their mean rank; averages over data sets.

    Args:
        scores: (N, k) one score a data set and model.
        minimize: Whether less is better.

    Returns:
        (k,) average ranks.

    Example:
        >>> average_ranks([[0.9, 0.8, 0.8], [0.7, 0.6, 0.5]]).tolist()
        [1.0, 2.25, 2.75]
    """
    from scipy import stats

    values = np.asarray(scores, dtype=np.float64)
    ranks = stats.rankdata(values if minimize else -values, axis=1)
    return np.asarray(ranks.mean(axis=0))


def friedman(scores: npt.ArrayLike, *, minimize: bool = False) -> Friedman:
    """Friedman's test with Iman and Davenport's less conservative form.

    `χ² = 12N/(k(k+1)) · (Σ Rⱼ² - k(k+1)²/4)`, `F = (N-1)χ² / (N(k-1) - χ²)`.

    Args:
        scores: (N, k) one score a data set and model, N and k at least 2.
        minimize: Whether less is better.

    Source: Friedman, JASA 32 (1937); Iman & Davenport, Communications in Statistics (1980); Demšar, JMLR 7 (2006).

    Example:
        >>> test = friedman([[84.5, 78.4, 83.1], [82.8, 79.1, 79.9], [79.1, 78.0, 77.8], [80.2, 76.0, 77.9]])
        >>> round(test.chi2, 6), round(test.chi2_p, 7)
        (6.5, 0.0387742)
    """
    from scipy import stats

    n, k = np.asarray(scores).shape
    ranks = average_ranks(scores, minimize=minimize)
    chi2 = float(12 * n / (k * (k + 1)) * ((ranks**2).sum() - k * (k + 1) ** 2 / 4))
    left = n * (k - 1) - chi2
    f = (n - 1) * chi2 / left if left > 1e-9 * n else float("inf")
    return Friedman(
        ranks=ranks,
        chi2=chi2,
        chi2_p=float(stats.chi2.sf(chi2, k - 1)),
        f=f,
        f_p=float(stats.f.sf(f, k - 1, (k - 1) * (n - 1))),
    )


def rank_standard_error(models: int, datasets: int) -> float:
    """Standard error of a difference of two average ranks: `sqrt(k(k+1) / (6N))`.

    Example:
        >>> round(rank_standard_error(models=4, datasets=14), 6)
        0.48795
    """
    return float(np.sqrt(models * (models + 1) / (6 * datasets)))


def nemenyi_difference(models: int, datasets: int, alpha: float = 0.05) -> float:
    """Critical difference of average ranks for all pairs of models.

    The studentized range of k models and infinite degrees of freedom over √2, times the standard error.

    Source: Nemenyi (1963), as in Demšar, JMLR 7 (2006).

    Example:
        >>> round(nemenyi_difference(models=4, datasets=14), 6)
        1.253559
    """
    quantile = _studentized_range_quantile(alpha, models)
    return float(quantile / np.sqrt(2) * rank_standard_error(models, datasets))


def bonferroni_dunn_difference(models: int, datasets: int, alpha: float = 0.05) -> float:
    """Critical difference of average ranks for k-1 comparisons with a control that was declared beforehand.

    Source: Dunn, JASA 56 (1961), as in Demšar, JMLR 7 (2006).

    Example:
        >>> round(bonferroni_dunn_difference(models=4, datasets=14), 6)
        1.168143
    """
    quantile = normal_quantile(1 - alpha / (2 * (models - 1)))
    return float(quantile * rank_standard_error(models, datasets))


def rank_z(ranks: npt.ArrayLike, control: int, datasets: int) -> npt.NDArray[np.float64]:
    """How many standard errors the control's average rank lies above each model's: positive where it is worse.

    Args:
        ranks: (k,) average ranks.
        control: Which of them is the control's.
        datasets: Number of data sets, N.

    Example:
        >>> rank_z([3.0, 2.0, 1.0], control=0, datasets=8).round(4).tolist()
        [0.0, 2.0, 4.0]
    """
    values = np.asarray(ranks, dtype=np.float64)
    return np.asarray((values[control] - values) / rank_standard_error(len(values), datasets))


def _studentized_range_quantile(alpha: float, models: int) -> Any:
    from scipy import stats

    return stats.studentized_range.isf(alpha, models, np.inf)
