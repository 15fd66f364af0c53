"""Two models on many data sets: Wilcoxon's signed-rank test."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.statistics.rounding import rounded

FEWEST_DATASETS = 6
"""With five the exact two-sided test cannot give less than 2/2⁵ = 0.0625, so it can never reject at 0.05."""

_MOST_EXACT = 50


@dataclass(frozen=True)
class SignedRanks:
    """Wilcoxon's signed-rank test of differences symmetric about zero.

    Attributes:
        positive: Sum of the ranks of positive differences.
        negative: Sum of the ranks of negative differences; ranks of zeros are split between the two.
        p: Two-sided p value.
        exact: Whether it is exact; otherwise from the normal approximation.
    """

    positive: float
    negative: float
    p: float
    exact: bool

    @property
    def statistic(self) -> float:
        """The smaller of the two sums."""
        return min(self.positive, self.negative)


def signed_ranks(differences: Sequence[float], scales: npt.ArrayLike = 1.0) -> SignedRanks:
    """Wilcoxon's test with the ranks of zero differences split evenly, as Demšar advises.

    Differences are rounded to a millionth of the scale of the scores, so that equal ones tie whatever their last
    bits: to six decimals for scores up to 1. Exact for up to 50 differences without ties and zeros.

    Args:
        differences: One a data set, first model minus second.
        scales: Greatest size of the scores, of each data set or of all.

    Source: Wilcoxon, Biometrics Bulletin 1 (1945); Demšar, JMLR 7 (2006).

    Example:
        >>> test = signed_ranks([0.02, 0.01, 0.03, -0.005, 0.04, 0.05])
        >>> test.statistic, test.p, test.exact
        (1.0, 0.0625, True)
    """
    from scipy import stats

    values = rounded(differences, scales)
    if not values.any():
        half = len(values) * (len(values) + 1) / 4
        return SignedRanks(half, half, 1.0, True)
    ranks = stats.rankdata(np.abs(values))
    zeros = ranks[values == 0].sum() / 2
    exact = _is_exact(values)
    return SignedRanks(
        positive=float(ranks[values > 0].sum() + zeros),
        negative=float(ranks[values < 0].sum() + zeros),
        p=_p_value(values, exact),
        exact=exact,
    )


def too_few_datasets(datasets: int) -> str | None:
    """Says why so many data sets are too few for a test over data sets, or None where they are enough.

    Example:
        >>> too_few_datasets(5)
        'too few data sets: 5, at least 6 are needed (with 5, an exact two-sided Wilcoxon test cannot reach 0.05)'
        >>> too_few_datasets(6) is None
        True
    """
    if datasets >= FEWEST_DATASETS:
        return None
    return (
        f"too few data sets: {datasets}, at least {FEWEST_DATASETS} are needed (with 5, an exact two-sided "
        "Wilcoxon test cannot reach 0.05)"
    )


def _is_exact(values: np.ndarray) -> bool:
    sizes = np.abs(values)
    return bool(len(values) <= _MOST_EXACT and sizes.all() and len(np.unique(sizes)) == len(sizes))


def _p_value(values: np.ndarray, exact: bool) -> float:
    from scipy import stats

    with warnings.catch_warnings():
        # For few data sets with ties, scipy warns of its approximation; `exact` tells it.
        warnings.simplefilter("ignore")
        method = "exact" if exact else "approx"
        return float(stats.wilcoxon(values, zero_method="zsplit", correction=False, method=method).pvalue)
