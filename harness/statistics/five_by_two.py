"""Two models on five repeats of two-fold cross-validation: the 5×2cv tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats


@dataclass(frozen=True)
class StatisticAndP:
    """A test's statistic and its p value; NaN where all differences are the same."""

    statistic: float
    p: float


def five_by_two_t(differences: npt.ArrayLike) -> StatisticAndP:
    """Dietterich's 5×2cv paired t test: the first difference over the spread within the five repeats.

    `t = d₁⁽¹⁾ / sqrt(Σ sᵢ² / 5)` on 5 degrees of freedom, with `sᵢ² = Σⱼ (dᵢⱼ - d̄ᵢ)²`.

    Args:
        differences: (5, 2) differences: repeats and their two folds.

    Raises:
        ValueError: Another shape.

    Source: Dietterich, Neural Computation 10 (1998).

    Example:
        >>> test = five_by_two_t([[0.04, 0.02], [0.03, 0.05], [0.01, 0.03], [0.06, 0.02], [0.02, 0.02]])
        >>> round(test.statistic, 9)
        2.390457219
    """
    values = _checked(differences)
    variances = _variances(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = float(values[0, 0] / np.sqrt(variances.mean()))
    return StatisticAndP(statistic, float(2 * stats.t.sf(abs(statistic), 5)))


def five_by_two_f(differences: npt.ArrayLike) -> StatisticAndP:
    """Alpaydin's combined 5×2cv F test: all ten differences over the spread within repeats.

    `F = Σ dᵢⱼ² / (2 Σ sᵢ²)` on (10, 5) degrees of freedom; unlike the t it does not depend on the folds' order.

    Args:
        differences: (5, 2) differences: repeats and their two folds.

    Raises:
        ValueError: Another shape.

    Source: Alpaydin, Neural Computation 11 (1999).

    Example:
        >>> test = five_by_two_f([[0.04, 0.02], [0.03, 0.05], [0.01, 0.03], [0.06, 0.02], [0.02, 0.02]])
        >>> round(test.statistic, 9), round(test.p, 9)
        (4.0, 0.069635199)
    """
    values = _checked(differences)
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = float((values**2).sum() / (2 * _variances(values).sum()))
    return StatisticAndP(statistic, float(stats.f.sf(statistic, 10, 5)))


def _checked(differences: npt.ArrayLike) -> npt.NDArray[np.float64]:
    values = np.asarray(differences, dtype=np.float64)
    if values.shape != (5, 2):
        raise ValueError(f"The 5×2cv tests need 5 repeats of 2 folds, shape (5, 2). Received: {values.shape}")
    return values


def _variances(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Of each repeat; the sum of two squares needs no division."""
    return np.asarray(((values - values.mean(axis=1, keepdims=True)) ** 2).sum(axis=1))
