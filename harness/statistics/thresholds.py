"""From which probability on a row is called positive: chosen by a named criterion, never on test rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.errors import DataError, UnknownNameError

Counts = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ThresholdChoice:
    """A threshold and what it is worth on the rows it was chosen on.

    Attributes:
        threshold: A row is called positive where its score is at least this.
        criterion: What was made as good as possible.
        value: The criterion there; of "cost", the mean cost of a row.
        n: Rows it was chosen on.
    """

    threshold: float
    criterion: str
    value: float
    n: int


@dataclass(frozen=True)
class _Table:
    """Counts at every threshold."""

    tp: Counts
    fp: Counts
    positives: int
    negatives: int

    @property
    def fn(self) -> Counts:
        return self.positives - self.tp

    @property
    def tn(self) -> Counts:
        return self.negatives - self.fp


def choose_threshold(
    truth: npt.ArrayLike,
    scores: npt.ArrayLike,
    criterion: str = "youden",
    *,
    miss_cost: float = 1.0,
    alarm_cost: float = 1.0,
) -> ThresholdChoice:
    """Chooses the threshold that is best by a criterion, on rows that are not test rows.

    Args:
        truth: (n,) whether each row is positive; both classes must occur.
        scores: (n,) scores, greater for positive; probabilities, as a rule.
        criterion: "youden" (recall of both classes, `TPR - FPR`), "f1", "balanced_accuracy", "accuracy", "mcc", or
            "cost" (mean of `miss_cost` for each missed positive and `alarm_cost` for each false alarm, the less
            the better).
        miss_cost: Cost of a missed positive, at least 0.
        alarm_cost: Cost of a false alarm, at least 0.

    Returns:
        The best threshold, half-way between two neighbouring scores; of several the one nearest to 0.5.

    Raises:
        UnknownNameError: No such criterion.
        DataError: Only one class.

    Source: Youden, Cancer 3 (1950); for costs Elkan, IJCAI 2001.

    Example:
        >>> round(choose_threshold([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], "youden").threshold, 3)
        0.6
        >>> round(choose_threshold([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], "cost", miss_cost=10).threshold, 3)
        0.225
    """
    is_positive, values = np.asarray(truth, dtype=bool), np.asarray(scores, dtype=np.float64)
    if is_positive.all() or not is_positive.any():
        raise DataError("A threshold is chosen between two classes. Received: rows of one class only")
    thresholds = _candidates(values)
    table = _counts(is_positive, values, thresholds)
    worth = _worth(table, criterion, miss_cost, alarm_cost)
    best = np.flatnonzero(np.isclose(worth, worth.max(), rtol=0, atol=1e-12))
    chosen = best[np.argmin(np.abs(thresholds[best] - 0.5))]
    value = -worth[chosen] if criterion == "cost" else worth[chosen]
    return ThresholdChoice(float(thresholds[chosen]), criterion, float(value), len(values))


def _worth(table: _Table, criterion: str, miss_cost: float, alarm_cost: float) -> Counts:
    if criterion == "cost":
        n = table.positives + table.negatives
        return -(miss_cost * table.fn + alarm_cost * table.fp) / n
    if criterion not in CRITERIA:
        raise UnknownNameError("criterion", criterion, [*CRITERIA, "cost"])
    return CRITERIA[criterion](table)


def _candidates(values: Counts) -> Counts:
    """Every threshold that tells rows apart in another way, from all positive to none."""
    distinct = np.unique(values)
    between = (distinct[:-1] + distinct[1:]) / 2
    return np.concatenate([distinct[:1], between, [np.nextafter(distinct[-1], np.inf)]])


def _counts(is_positive: npt.NDArray[np.bool_], values: Counts, thresholds: Counts) -> _Table:
    positives, negatives = np.sort(values[is_positive]), np.sort(values[~is_positive])
    return _Table(
        tp=(len(positives) - np.searchsorted(positives, thresholds)).astype(np.float64),
        fp=(len(negatives) - np.searchsorted(negatives, thresholds)).astype(np.float64),
        positives=len(positives),
        negatives=len(negatives),
    )


def _youden(t: _Table) -> Counts:
    return t.tp / t.positives - t.fp / t.negatives


def _f1(t: _Table) -> Counts:
    return 2 * t.tp / (2 * t.tp + t.fp + t.fn)


def _balanced_accuracy(t: _Table) -> Counts:
    return (t.tp / t.positives + t.tn / t.negatives) / 2


def _accuracy(t: _Table) -> Counts:
    return (t.tp + t.tn) / (t.positives + t.negatives)


def _mcc(t: _Table) -> Counts:
    product = (t.tp + t.fp) * (t.tp + t.fn) * (t.tn + t.fp) * (t.tn + t.fn)
    # Where everything is called the same, the coefficient is 0 by convention.
    return np.asarray((t.tp * t.tn - t.fp * t.fn) / np.sqrt(np.where(product > 0, product, 1.0)))


CRITERIA: dict[str, Callable[[_Table], Counts]] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "f1": _f1,
    "mcc": _mcc,
    "youden": _youden,
}
"""Criteria that need no costs, by name; more is better."""
