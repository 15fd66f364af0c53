"""Two models on the same folds: the Bayesian correlated t test with a region of practical equivalence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from harness.statistics.distributions import t_cdf, t_tail
from harness.statistics.intervals import IntervalKind, corrected_standard_error, resampled_df
from harness.statistics.paired import size_of_scores
from harness.statistics.rounding import NOISE, all_alike


class RopeProbabilities(NamedTuple):
    """Posterior probabilities of the mean difference, which sum to 1.

    Attributes:
        below: It is less than -rope.
        within: It is within ±rope: no difference that matters.
        above: It is more than rope.
    """

    below: float
    within: float
    above: float


def correlated_t_posterior(
    differences: Sequence[float],
    test_ratio: float,
    rope: float = 0.0,
    *,
    folds: int | None = None,
    kind: IntervalKind = "corrected",
    scale: float | None = None,
) -> RopeProbabilities | None:
    """Posterior of the mean difference: Student's t with the location, scale and df of the corrected test.

    Args:
        differences: One a fold, first model minus second.
        test_ratio: Test rows over training rows.
        rope: Half the width of the region of practical equivalence, in the metric's units, at least 0.
        folds: Folds in one repeat, as of `corrected_paired_t`.
        kind: Which degrees of freedom, as of `corrected_paired_t`.
        scale: Size of the scores, as of `corrected_paired_t`.

    Returns:
        Three probabilities; with all differences alike they are 0 or 1. None for fewer than two differences.

    Source: Corani & Benavoli, Machine Learning 100 (2015); Benavoli, Corani, Demšar & Zaffalon, JMLR 18 (2017).

    Example:
        >>> posterior = correlated_t_posterior([0.02, 0.01, 0.03, 0.0, 0.04], test_ratio=1 / 4, rope=0.01)
        >>> [round(probability, 4) for probability in posterior]
        [0.0237, 0.1759, 0.8004]
    """
    values = np.asarray(differences, dtype=np.float64)
    if len(values) < 2:
        return None
    mean, size = float(values.mean()), size_of_scores(values, scale)
    if all_alike(values, size):
        # A mean that is no difference but noise is within any rope, one of no width included.
        limit = rope + NOISE * size
        below, above = float(mean < -limit), float(mean > limit)
    else:
        error = corrected_standard_error(values.std(ddof=1), len(values), test_ratio)
        df = resampled_df(kind, len(values), folds or len(values))
        below, above = t_cdf((-rope - mean) / error, df), t_tail((rope - mean) / error, df)
    return RopeProbabilities(below, max(1.0 - below - above, 0.0), above)
