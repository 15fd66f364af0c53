"""Two models on five repeats of two-fold cross-validation: the 5×2cv tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from harness.statistics.paired import size_of_scores
from harness.statistics.rounding import all_alike


@dataclass(frozen=True)
class StatisticAndP:
    """A test's statistic and its p value; NaN where the two folds of every repeat differ by the same."""

    statistic: float
    p: float


_UNDEFINED = StatisticAndP(float("nan"), float("nan"))


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
    if (spread := _spread(values)) is None:
        return _UNDEFINED
    statistic = float(values[0, 0] / np.sqrt(spread / 5))
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
    if (spread := _spread(values)) is None:
        return _UNDEFINED
    statistic = float((values**2).sum() / (2 * spread))
    return StatisticAndP(statistic, float(stats.f.sf(statistic, 10, 5)))


def _checked(differences: npt.ArrayLike) -> npt.NDArray[np.float64]:
    values = np.asarray(differences, dtype=np.float64)
    if values.shape != (5, 2):
        raise ValueError(f"The 5×2cv tests need 5 repeats of 2 folds, shape (5, 2). Received: {values.shape}")
    return values


def _spread(values: npt.NDArray[np.float64]) -> float | None:
    """Sum of the variances of the repeats, each a sum of two squares; None where it is nothing but rounding."""
    deviations = values - values.mean(axis=1, keepdims=True)
    # Some difference over no spread would be called significant beyond all measure.
    if all_alike(deviations, scale=size_of_scores(values, None)):
        return None
    return float((deviations**2).sum())
