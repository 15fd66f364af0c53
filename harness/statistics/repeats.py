"""How many repeats are enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.statistics.distributions import t_quantile
from harness.statistics.intervals import corrected_standard_error
from harness.statistics.rounding import all_alike

SHARE = 0.1
"""Repeats are enough when their error is below this share of the interval's half-width."""


@dataclass(frozen=True)
class EnoughRepeats:
    """Whether another repeat would still move the mean.

    Attributes:
        error: Standard error of the mean over repeats: what another shuffling and seed would change.
        limit: The error that is small enough.
        enough: Whether the error is below the limit.
        needed: Estimated number of repeats from which on it would be; at most those there are where it is.
    """

    error: float
    limit: float
    enough: bool
    needed: int


def enough_repeats(scores: npt.ArrayLike, test_ratio: float, level: float = 0.95) -> EnoughRepeats | None:
    """Compares the error that repeats can reduce with the one that only more data can.

    `Var(mean of r repeats) = ω + τ²/r`: τ² falls with r, ω never does. Repeats are enough when
    `SD(repeat means) / sqrt(r)` is below a tenth of the half-width of the corrected interval.

    Args:
        scores: (repeats, folds) scores, seeds averaged.
        test_ratio: Test rows over training rows.
        level: Level of the interval.

    Returns:
        The answer, or None for one repeat, or where all scores are alike.

    Example:
        >>> check = enough_repeats([[0.80, 0.90], [0.82, 0.86]], test_ratio=1.0)
        >>> round(check.error, 3), round(check.limit, 3), check.enough
        (0.005, 0.016, True)
    """
    values = np.asarray(scores, dtype=np.float64)
    repeats = len(values)
    if repeats < 2 or all_alike(values):
        return None
    sd_of_means = float(values.mean(axis=1).std(ddof=1))
    sd, folds = float(values.std(ddof=1)), values.shape[1]
    limits = [_limit(sd, folds * r, test_ratio, level) for r in range(2, max(repeats, 1000) + 1)]
    too_large = (sd_of_means / np.sqrt(np.arange(2, len(limits) + 2)) >= np.asarray(limits)).nonzero()[0]
    error, limit = sd_of_means / np.sqrt(repeats), limits[repeats - 2]
    # Beside the wide interval of two hold-outs any error is small, beside that of three none: the last one counts.
    needed, enough = int(too_large[-1]) + 3 if len(too_large) else 2, bool(error < limit)
    return EnoughRepeats(float(error), limit, enough, min(needed, repeats) if enough else needed)


def errors_by_repeats(scores: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Standard error of the mean over the first r repeats, for r = 2, 3, …: the curve of "how many are enough".

    Args:
        scores: (repeats, folds) scores, seeds averaged.

    Returns:
        (repeats - 1,) errors.

    Example:
        >>> errors_by_repeats([[0.8, 0.9], [0.9, 0.9], [0.8, 0.8]]).round(4).tolist()
        [0.025, 0.0289]
    """
    means = np.asarray(scores, dtype=np.float64).mean(axis=1)
    errors = [means[:r].std(ddof=1) / np.sqrt(r) for r in range(2, len(means) + 1)]
    return np.asarray(errors, dtype=np.float64)


def _limit(sd: float, count: int, test_ratio: float, level: float) -> float:
    """The limit as it would be with so many folds, their spread staying what it is."""
    error = corrected_standard_error(sd, count, test_ratio)
    return float(SHARE * t_quantile((1 + level) / 2, count - 1) * error)
