"""Several tests at once: p values that keep the chance of any false alarm."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(p_values: Sequence[float], family: int | None = None) -> list[float]:
    """Holm's step-down adjustment: controls the chance of any false rejection, whatever the dependence.

    The i-th smallest of m p values is multiplied by m - i + 1; adjusted values never fall and never exceed 1.

    Args:
        p_values: Raw p values.
        family: Number of tests that were planned, at least as many as there are p values; their number by
            default. A planned test that has no p value still counts.

    Returns:
        Adjusted p values in the same order.

    Source: Holm, Scandinavian Journal of Statistics 6 (1979).

    Example:
        >>> [round(p, 4) for p in holm([0.01, 0.04, 0.03])]
        [0.03, 0.06, 0.06]
    """
    raw = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(raw, kind="stable")
    remaining = (len(raw) if family is None else family) - np.arange(len(raw))
    adjusted = np.empty(len(raw))
    adjusted[order] = np.minimum(np.maximum.accumulate(raw[order] * remaining), 1.0)
    return [float(p) for p in adjusted]


def bonferroni(p_values: Sequence[float]) -> list[float]:
    """Bonferroni's adjustment: each p value times their number, at most 1. `holm` is never worse.

    Source: Dunn, JASA 56 (1961).

    Example:
        >>> [round(p, 4) for p in bonferroni([0.01, 0.04, 0.5])]
        [0.03, 0.12, 1.0]
    """
    return [min(float(p) * len(p_values), 1.0) for p in p_values]
