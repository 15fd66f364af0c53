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
    """A scikit-learn scorer, or a function of original labels or numbers `f(y_true, y_pred)`."""
    if hasattr(function, "_score_func"):
        return Metric(name, _ScorerFunction(function), range=(-np.inf, np.inf))

    def score(predictions: Predictions) -> float:
        if predictions.task == "regression":
            return float(function(_squeezed(predictions.truth), _squeezed(predictions.values)))
        labels = np.asarray(predictions.classes)
        return float(function(labels[predictions.truth.astype(int)], labels[predictions.codes]))

    return Metric(name, score, range=(-np.inf, np.inf))


class _ScorerFunction:
    """A scikit-learn scorer, asked through a stand-in estimator that repeats the kept predictions."""

    def __init__(self, scorer: Any) -> None:
        self.scorer = scorer

    def __call__(self, predictions: Predictions) -> float:
        from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

        if predictions.task == "regression":

            class Repeats(RegressorMixin, BaseEstimator):  # type: ignore[misc]
                fitted_ = True

                def predict(self, X: Any) -> Any:
                    return _squeezed(predictions.values)

            return float(self.scorer(Repeats(), predictions.values, _squeezed(predictions.truth)))

        class RepeatsClasses(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
            classes_ = np.arange(len(predictions.classes))

            def predict(self, X: Any) -> Any:
                return predictions.codes

            def predict_proba(self, X: Any) -> Any:
                return predictions.values

        return float(self.scorer(RepeatsClasses(), predictions.values, predictions.truth))


def _squeezed(values: NDArray[Any]) -> NDArray[Any]:
    return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
