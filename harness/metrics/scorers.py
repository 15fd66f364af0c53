"""Metrics that are scikit-learn scorers or functions of the caller's own."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.metrics.metric import Metric, Predictions

_ANY = (-np.inf, np.inf)
_LESS_IS_BETTER = ("_error", "_loss", "_deviance", "_distance")
_MORE_IS_BETTER = ("_score", "matthews_corrcoef")


def from_scorer_name(name: str) -> Metric | None:
    """A scikit-learn scorer by its name, or None where there is none."""
    from sklearn.metrics import get_scorer, get_scorer_names

    if name not in get_scorer_names():
        return None
    scorer = get_scorer(name)
    return Metric(name, _ScorerFunction(scorer), range=_ANY, pools=_is_f1(scorer))


def from_callable(name: str, function: Callable[..., Any], minimize: bool | None = None) -> Metric:
    """A scikit-learn scorer, or a function `f(y_true, y_pred)`; both see original labels or numbers.

    Args:
        name: As printed.
        function: The scorer, of which more is better by scikit-learn's convention, or the function.
        minimize: Whether less of the function is better; by default what scikit-learn's name of it says, and None
            for a function of another origin.
    """
    if is_scorer(function):
        scorer = _ScorerFunction(function, original_labels=True)
        return Metric(name, scorer, range=_ANY, custom=True, pools=_is_f1(function))

    def score(predictions: Predictions) -> float:
        with _undefined_refused():
            if predictions.task == "regression":
                return float(function(_squeezed(predictions.truth), _squeezed(predictions.values)))
            labels = np.asarray(predictions.classes)
            return float(function(labels[predictions.truth.astype(int)], labels[predictions.codes]))

    direction = less_is_better(function) if minimize is None else minimize
    return Metric(name, score, direction, range=_ANY, custom=True, pools=_is_f1(function))


def is_scorer(function: Any) -> bool:
    """Whether it is what `make_scorer` makes: it knows by itself whether less is better, and negates it then."""
    return hasattr(function, "_score_func")


def less_is_better(function: Any) -> bool | None:
    """What the name of a function of scikit-learn's says; None where it is not one of them.

    Source: scikit-learn's user guide, "Metrics and scoring": what ends with `_score` is to be maximized, what ends
    with `_error`, `_loss` or `_distance` is to be minimized.

    Example:
        >>> from sklearn.metrics import mean_absolute_error, r2_score
        >>> less_is_better(mean_absolute_error), less_is_better(r2_score), less_is_better(max)
        (True, False, None)
    """
    while isinstance(function, partial):
        function = function.func
    name = getattr(function, "__name__", "")
    if not str(getattr(function, "__module__", "")).startswith("sklearn.metrics"):
        return None
    if name.endswith(_LESS_IS_BETTER):
        return True
    return False if name.endswith(_MORE_IS_BETTER) else None


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

            return self._asked(Repeats(), predictions.values, _squeezed(predictions.truth))

        labels = np.asarray(predictions.classes) if self.original_labels else np.arange(len(predictions.classes))

        class RepeatsClasses(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
            classes_ = labels

            def predict(self, X: Any) -> Any:
                return labels[predictions.codes]

            def predict_proba(self, X: Any) -> Any:
                return predictions.values

        return self._asked(RepeatsClasses(), predictions.values, labels[predictions.truth])

    def _asked(self, estimator: Any, X: Any, y: Any) -> float:
        with _undefined_refused():
            return float(self.scorer(estimator, X, y))


@contextmanager
def _undefined_refused() -> Iterator[None]:
    """Takes scikit-learn's warning that it puts 0 for an undefined number as a refusal: 0 would count as bad."""
    from sklearn.exceptions import UndefinedMetricWarning

    with warnings.catch_warnings():
        warnings.simplefilter("error", UndefinedMetricWarning)
        try:
            yield
        except UndefinedMetricWarning as warning:
            raise ValueError(str(warning)) from warning


def _is_f1(function: Any) -> bool:
    while isinstance(function, partial):
        function = function.func
    return getattr(getattr(function, "_score_func", function), "__name__", "") == "f1_score"


def _squeezed(values: NDArray[Any]) -> NDArray[Any]:
    return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
