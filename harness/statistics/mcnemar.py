"""Two classifiers on the same rows: McNemar's test on the rows that only one of them gets right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special


@dataclass(frozen=True)
class McNemar:
    """McNemar's test.

    Attributes:
        only_first: Rows that only the first model gets right.
        only_second: Rows that only the second model gets right.
        exact_p: Two-sided binomial p value.
        statistic: χ² with continuity correction, 1 degree of freedom; 0 where the models never differ.
        p: Its p value.
    """

    only_first: int
    only_second: int
    exact_p: float
    statistic: float
    p: float


def mcnemar(first_right: npt.ArrayLike, second_right: npt.ArrayLike) -> McNemar:
    """Compares two classifiers by their out-of-fold predictions of one repeat: each row once.

    Under the null the b + c rows on which exactly one model is right are split like coin tosses. Exact: binomial;
    `χ² = (|b - c| - 1)² / (b + c)` with continuity correction.

    Args:
        first_right: (n,) whether the first model got each row right.
        second_right: (n,) the same of the second model, same order of rows.

    Source: McNemar, Psychometrika 12 (1947); continuity correction: Edwards, Psychometrika 13 (1948).

    Example:
        >>> first, second = [True] * 9 + [False], [False] * 8 + [True] * 2
        >>> test = mcnemar(first, second)
        >>> test.only_first, test.only_second, round(test.exact_p, 6), test.statistic
        (8, 1, 0.039062, 4.0)
    """
    first, second = np.asarray(first_right, dtype=bool), np.asarray(second_right, dtype=bool)
    return mcnemar_from_counts(int((first & ~second).sum()), int((~first & second).sum()))


def mcnemar_from_counts(only_first: int, only_second: int) -> McNemar:
    """McNemar's test from the two counts of rows on which the models disagree.

    Example:
        >>> round(mcnemar_from_counts(10, 2).exact_p, 6)
        0.038574
    """
    disagreements = only_first + only_second
    if disagreements == 0:
        return McNemar(0, 0, 1.0, 0.0, 1.0)
    # Both tails of a fair coin are alike; special functions, for scipy.stats takes longer to import than a report.
    exact = min(1.0, 2 * float(special.bdtr(min(only_first, only_second), disagreements, 0.5)))
    # An excess below the correction is no excess.
    statistic = max(abs(only_first - only_second) - 1, 0) ** 2 / disagreements
    return McNemar(only_first, only_second, exact, statistic, float(special.chdtrc(1, statistic)))
