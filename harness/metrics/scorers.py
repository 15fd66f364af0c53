"""Metrics that are scikit-learn scorers or functions of the caller's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.metrics.metric import Metric, Predictions


def from_scorer_name(name: str) -> Metric | None:
    """A scikit-learn scorer by its name, or None where there is none."""
    from sklearn.metrics import get_scorer, get_scorer_names

    if name not in get_scorer_names():
        return None
    return Metric(name, _ScorerFunction(get_scorer(name)), range=(-np.inf, np.inf))


def from_callable(name: str, function: Callable[..., Any]) -> Metric:
    """A scikit-learn scorer, or a function `f(y_true, y_pred)`; both see original labels or numbers."""
    if hasattr(function, "_score_func"):
        scorer = _ScorerFunction(function, original_labels=True)
        return Metric(name, scorer, range=(-np.inf, np.inf), custom=True)

    def score(predictions: Predictions) -> float:
        if predictions.task == "regression":
            return float(function(_squeezed(predictions.truth), _squeezed(predictions.values)))
        labels = np.asarray(predictions.classes)
        return float(function(labels[predictions.truth.astype(int)], labels[predictions.codes]))

    return Metric(name, score, range=(-np.inf, np.inf), custom=True)


class _ScorerFunction:
    """A scikit-learn scorer, asked through a stand-in estimator that repeats the kept predictions.

    A scorer made by the caller is shown original labels, which its `pos_label` or `labels` may name. Those known
    by name are shown class numbers, for some of them, such as "f1", take no text for the positive class.
    """

    def __init__(self, scorer: Any, original_labels: bool = False) -> None:
        self.scorer = scorer
        self.original_labels = original_labels

    def __call__(self, predictions: Predictions) -> float:
        from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

        if predictions.task == "regression":

            class Repeats(RegressorMixin, BaseEstimator):  # type: ignore[misc]
                fitted_ = True

                def predict(self, X: Any) -> Any:
                    return _squeezed(predictions.values)

            return float(self.scorer(Repeats(), predictions.values, _squeezed(predictions.truth)))

        labels = np.asarray(predictions.classes) if self.original_labels else np.arange(len(predictions.classes))

        class RepeatsClasses(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
            classes_ = labels

            def predict(self, X: Any) -> Any:
                return labels[predictions.codes]

            def predict_proba(self, X: Any) -> Any:
                return predictions.values

        return float(self.scorer(RepeatsClasses(), predictions.values, labels[predictions.truth]))


def _squeezed(values: NDArray[Any]) -> NDArray[Any]:
    return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
