"""Metrics of classifiers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from harness.metrics.metric import Metric, PerExample, Predictions


def _mean(per_example: PerExample) -> Callable[[Predictions], float]:
    return lambda predictions: float(np.mean(per_example(predictions)))


def _hits(p: Predictions) -> NDArray[np.float64]:
    return np.asarray(p.codes == p.truth, dtype=np.float64)


def _misses(p: Predictions) -> NDArray[np.float64]:
    return np.asarray(p.codes != p.truth, dtype=np.float64)


def _balanced_accuracy(p: Predictions) -> float:
    hits = _hits(p)
    return float(np.mean([np.mean(hits[p.truth == label]) for label in np.unique(p.truth)]))


def _roc_auc(p: Predictions) -> float:
    from sklearn.metrics import roc_auc_score

    if not p.has_all_classes:
        return float("nan")
    if len(p.classes) == 2:
        return float(roc_auc_score(p.truth, p.values[:, 1]))
    return float(roc_auc_score(p.truth, p.values, multi_class="ovr", labels=np.arange(len(p.classes))))


def _average_precision(p: Predictions) -> float:
    from sklearn.metrics import average_precision_score

    if not p.has_all_classes:
        return float("nan")
    if len(p.classes) == 2:
        return float(average_precision_score(p.truth, p.values[:, 1]))
    return float(average_precision_score(np.eye(len(p.classes))[p.truth], p.values))


def _by_counts(name: str) -> Callable[[Predictions], float]:
    def score(p: Predictions) -> float:
        from sklearn import metrics

        average = "binary" if len(p.classes) == 2 else "macro"
        labels = None if average == "binary" else np.arange(len(p.classes))
        function = getattr(metrics, f"{name}_score")
        return float(function(p.truth, p.codes, average=average, labels=labels, zero_division=0))

    return score


def _mcc(p: Predictions) -> float:
    from sklearn.metrics import matthews_corrcoef

    return float(matthews_corrcoef(p.truth, p.codes)) if len(np.unique(p.truth)) > 1 else float("nan")


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
        Metric("f1", _by_counts("f1")),
        Metric("log_loss", _mean(_log_losses), True, range=(0.0, float("inf")), per_example=_log_losses),
        Metric("mcc", _mcc, range=(-1.0, 1.0)),
        Metric("precision", _by_counts("precision")),
        Metric("recall", _by_counts("recall")),
        Metric("roc_auc", _roc_auc),
        Metric("zero_one_loss", _mean(_misses), True, per_example=_misses, proportion=True),
    )
}
