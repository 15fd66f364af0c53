"""Metrics of classifiers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.metrics.metric import Metric, PerExample, Predictions

Counts = NDArray[Any]


def _mean(per_example: PerExample) -> Callable[[Predictions], float]:
    return lambda predictions: float(np.mean(per_example(predictions)))


def _hits(p: Predictions) -> NDArray[np.float64]:
    return np.asarray(p.codes == p.truth, dtype=np.float64)


def _misses(p: Predictions) -> NDArray[np.float64]:
    return np.asarray(p.codes != p.truth, dtype=np.float64)


def _balanced_accuracy(p: Predictions) -> float:
    if len(np.unique(p.truth)) < 2:
        return float("nan")
    hits = _hits(p)
    return float(np.mean([np.mean(hits[p.truth == label]) for label in np.unique(p.truth)]))


def _roc_auc(p: Predictions) -> float:
    if not p.has_all_classes:
        return float("nan")
    if len(p.classes) == 2:
        return _area(p.truth == 1, p.values[:, 1])
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(p.truth, p.values, multi_class="ovr", labels=np.arange(len(p.classes))))


def _area(positive: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """The share of pairs of a positive and a negative row in which the positive has the higher score.

    From the ranks of the positive rows (Mann & Whitney 1947); as `roc_auc_score` in a fiftieth of its 2 ms, which
    would be a good part of what a fold of a small network takes.
    """
    _, place, ties = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(ties) - (ties - 1) / 2)[place]
    n = int(np.count_nonzero(positive))
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * (len(score) - n)))


def _average_precision(p: Predictions) -> float:
    from sklearn.metrics import average_precision_score

    if not p.has_all_classes:
        return float("nan")
    if len(p.classes) == 2:
        return float(average_precision_score(p.truth, p.values[:, 1]))
    return float(average_precision_score(np.eye(len(p.classes))[p.truth], p.values))


def _precision(hit: Counts, said: Counts, there: Counts) -> Counts:
    return np.where(said > 0, hit / np.maximum(said, 1), np.nan)


def _recall(hit: Counts, said: Counts, there: Counts) -> Counts:
    return np.where(there > 0, hit / np.maximum(there, 1), np.nan)


def _f1(hit: Counts, said: Counts, there: Counts) -> Counts:
    # Without rows of the class it is 0 whatever is predicted, or 0/0.
    return np.where(there > 0, 2 * hit / np.maximum(said + there, 1), np.nan)


def _by_counts(of_class: Callable[[Counts, Counts, Counts], Counts]) -> Callable[[Predictions], float]:
    """Of two classes the positive one's score, of more the mean over classes; NaN where it is undefined.

    scikit-learn warns of an undefined score and puts 0, which a mean over folds would take for a bad score.
    """

    def score(p: Predictions) -> float:
        each = of_class(*(np.bincount(codes, minlength=len(p.classes)) for codes in _hit_said_there(p)))
        return float(each[1] if len(p.classes) == 2 else np.mean(each))

    return score


def _hit_said_there(p: Predictions) -> tuple[NDArray[np.int64], ...]:
    """Codes of the rows that are right, of all predictions, and of all true classes."""
    truth = np.asarray(p.truth, dtype=np.int64)
    return truth[p.codes == truth], p.codes, truth


def _mcc(p: Predictions) -> float:
    # From counts (Gorodkin 2004), for the reason that `_area` gives.
    hit, said, there = (np.bincount(codes, minlength=len(p.classes)) for codes in _hit_said_there(p))
    n = len(p.truth)
    if there.max(initial=0) == n:
        return float("nan")
    spread = float(n**2 - said @ said) * float(n**2 - there @ there)
    # Constant predictions have none; by convention it is 0 then, and the run warns of such folds.
    return float((hit.sum() * n - said @ there) / np.sqrt(spread)) if spread else 0.0


def _log_losses(p: Predictions) -> NDArray[np.float64]:
    # Clipped as scikit-learn clips, so that a sure and wrong prediction costs much but not infinitely much.
    sure = np.take_along_axis(p.values, p.truth[:, None], axis=1)[:, 0]
    return np.asarray(-np.log(np.clip(sure, np.finfo(np.float64).eps, 1.0)))


def _squared_distances(p: Predictions) -> NDArray[np.float64]:
    # Two classes: the squared error of the positive class' probability, in [0, 1]; more: summed over classes.
    if len(p.classes) == 2:
        return np.asarray((p.values[:, 1] - p.truth) ** 2)
    return np.asarray(np.sum((p.values - np.eye(len(p.classes))[p.truth]) ** 2, axis=1))


CLASSIFICATION: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("accuracy", _mean(_hits), per_example=_hits, proportion=True),
        Metric("average_precision", _average_precision),
        Metric("balanced_accuracy", _balanced_accuracy),
        Metric("brier", _mean(_squared_distances), True, range=(0.0, 2.0), per_example=_squared_distances),
        Metric("f1", _by_counts(_f1), pools=True),
        Metric("log_loss", _mean(_log_losses), True, range=(0.0, float("inf")), per_example=_log_losses),
        Metric("mcc", _mcc, range=(-1.0, 1.0)),
        Metric("precision", _by_counts(_precision)),
        Metric("recall", _by_counts(_recall)),
        Metric("roc_auc", _roc_auc),
        Metric("zero_one_loss", _mean(_misses), True, per_example=_misses, proportion=True),
    )
}
