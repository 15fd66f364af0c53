"""Every metric against scikit-learn on random predictions."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sk
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.exceptions import UndefinedMetricWarning

from harness.errors import UsageError
from harness.metrics import METRICS, Predictions, resolve_metrics
from harness.metrics.classification import CLASSIFICATION
from harness.metrics.regression import REGRESSION

Oracle = Callable[[Any, Any], float]
CLASSES = {2: ("M", "R"), 3: ("a", "b", "c")}


def classified(count: int, seed: int, n: int = 60) -> Predictions:
    rng = np.random.default_rng(seed)
    truth = np.r_[np.arange(count), rng.integers(0, count, n - count)]
    values = rng.dirichlet(np.ones(count), n)
    task: Any = "binary" if count == 2 else "multiclass"
    return Predictions(task, truth, values, CLASSES[count])


def regressed(targets: int, seed: int, n: int = 60) -> Predictions:
    rng = np.random.default_rng(seed)
    return Predictions("regression", rng.normal(size=(n, targets)), rng.normal(size=(n, targets)))


def _codes(p: Predictions) -> Any:
    return p.values.argmax(axis=1)


def _averaged(score: Any) -> Callable[[Predictions], float]:
    def oracle(p: Predictions) -> float:
        average = "binary" if len(p.classes) == 2 else "macro"
        return float(score(p.truth, _codes(p), average=average))

    return oracle


def _ranked(score: Any, **several: Any) -> Callable[[Predictions], float]:
    def oracle(p: Predictions) -> float:
        if len(p.classes) == 2:
            return float(score(p.truth, p.values[:, 1]))
        return float(score(p.truth, p.values, **several))

    return oracle


def _brier(p: Predictions) -> float:
    if len(p.classes) == 2:
        return float(sk.brier_score_loss(p.truth, p.values[:, 1]))
    return float(((p.values - np.eye(3)[p.truth]) ** 2).sum(axis=1).mean())


CLASSIFICATION_ORACLES: dict[str, Callable[[Predictions], float]] = {
    "accuracy": lambda p: sk.accuracy_score(p.truth, _codes(p)),
    "average_precision": _ranked(sk.average_precision_score),
    "balanced_accuracy": lambda p: sk.balanced_accuracy_score(p.truth, _codes(p)),
    "brier": _brier,
    "f1": _averaged(sk.f1_score),
    "log_loss": lambda p: sk.log_loss(p.truth, p.values),
    "mcc": lambda p: sk.matthews_corrcoef(p.truth, _codes(p)),
    "precision": _averaged(sk.precision_score),
    "recall": _averaged(sk.recall_score),
    "roc_auc": _ranked(sk.roc_auc_score, multi_class="ovr"),
    "zero_one_loss": lambda p: sk.zero_one_loss(p.truth, _codes(p)),
}
REGRESSION_ORACLES: dict[str, Oracle] = {
    "mae": sk.mean_absolute_error,
    "mse": sk.mean_squared_error,
    "r2": sk.r2_score,
    "rmse": sk.root_mean_squared_error,
}


def test_every_metric_has_an_oracle() -> None:
    assert set(METRICS) == {*CLASSIFICATION_ORACLES, *REGRESSION_ORACLES}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("name", CLASSIFICATION)
def test_a_classification_metric_is_scikit_learns(name: str, count: int, seed: int) -> None:
    predictions = classified(count, seed)
    assert METRICS[name].score(predictions) == pytest.approx(CLASSIFICATION_ORACLES[name](predictions), abs=1e-12)


@pytest.mark.parametrize("targets", [1, 3])
@pytest.mark.parametrize("name", REGRESSION)
def test_a_regression_metric_is_scikit_learns(name: str, targets: int) -> None:
    p = regressed(targets, 0)
    assert METRICS[name].score(p) == pytest.approx(REGRESSION_ORACLES[name](p.truth, p.values), abs=1e-12)


@pytest.mark.parametrize("name", REGRESSION)
def test_a_metric_of_one_target_is_scikit_learns_of_that_column(name: str) -> None:
    p = regressed(3, 1)
    metric = resolve_metrics(f"{name}_per_output", "regression", ["u", "v", "w"])[1]
    expected = REGRESSION_ORACLES[name](p.truth[:, 1], p.values[:, 1])
    assert metric.name == f"{name}[v]"
    assert metric.score(p) == pytest.approx(expected)


@pytest.mark.parametrize("name", [name for name, metric in METRICS.items() if metric.per_example])
def test_the_values_of_examples_have_the_score_as_mean(name: str) -> None:
    predictions = classified(3, 2) if name in CLASSIFICATION else regressed(2, 2)
    per_example = METRICS[name].per_example
    assert per_example is not None
    assert per_example(predictions).shape == (60,)
    assert per_example(predictions).mean() == pytest.approx(METRICS[name].score(predictions))


@pytest.mark.parametrize("name", METRICS)
def test_a_score_is_within_the_range_it_claims(name: str) -> None:
    predictions = classified(2, 4) if name in CLASSIFICATION else regressed(1, 4)
    low, high = METRICS[name].range
    assert low <= METRICS[name].score(predictions) <= high


@pytest.mark.parametrize("name", METRICS)
def test_perfect_predictions_have_the_best_score(name: str) -> None:
    if name in CLASSIFICATION:
        noise = classified(2, 5)
        perfect = Predictions("binary", noise.truth, np.eye(2)[noise.truth], noise.classes)
    else:
        noise = regressed(1, 5)
        perfect = Predictions("regression", noise.truth, noise.truth)
    metric = METRICS[name]
    best = metric.range[0] if metric.minimize else metric.range[1]
    assert metric.score(perfect) == pytest.approx(best, abs=1e-12)


@pytest.mark.parametrize("name", METRICS)
def test_a_single_row_gives_a_number_or_nan_without_a_word(name: str) -> None:
    whole = classified(2, 6) if name in CLASSIFICATION else regressed(1, 6)
    one = Predictions(whole.task, whole.truth[:1], whole.values[:1], whole.classes)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert isinstance(METRICS[name].score(one), float)


class Said(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A fitted classifier that says what it was told to."""

    def __init__(self, p: Predictions | None = None) -> None:
        self.p = p
        self.classes_ = np.arange(len(p.classes)) if p else None

    def predict(self, X: Any) -> Any:
        assert self.p is not None
        return _codes(self.p)

    def predict_proba(self, X: Any) -> Any:
        assert self.p is not None
        return self.p.values


class SaidNumbers(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """A fitted regressor that says what it was told to."""

    def __init__(self, p: Predictions | None = None) -> None:
        self.p = p
        self.fitted_ = True

    def predict(self, X: Any) -> Any:
        assert self.p is not None
        return np.abs(self.p.values[:, 0])


def _fits(name: str, estimator: Any, X: Any, y: Any) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", UndefinedMetricWarning)  # such as of the best two of two classes
        try:
            return bool(np.isfinite(sk.get_scorer(name)(estimator, X, y)))
        except (AttributeError, TypeError, ValueError, UndefinedMetricWarning):
            return False


NUMBERS = Predictions("regression", np.abs(regressed(1, 8).truth), np.abs(regressed(1, 8).values))
NAMES = [name for name in sk.get_scorer_names() if name not in METRICS]
SCORERS = {
    "binary": [n for n in NAMES if _fits(n, Said(classified(2, 7)), [], classified(2, 7).truth)],
    "multiclass": [n for n in NAMES if _fits(n, Said(classified(3, 7)), [], classified(3, 7).truth)],
    "regression": [n for n in NAMES if _fits(n, SaidNumbers(NUMBERS), [], NUMBERS.truth[:, 0])],
}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(("task", "name"), [(task, name) for task, names in SCORERS.items() for name in names])
def test_a_scorer_by_name_is_scikit_learns(task: Any, name: str) -> None:
    p = NUMBERS if task == "regression" else classified(2 if task == "binary" else 3, 7)
    estimator = SaidNumbers(p) if task == "regression" else Said(p)
    truth = p.truth[:, 0] if task == "regression" else p.truth
    (metric,) = resolve_metrics(name, task, ["y"])
    assert metric.score(p) == pytest.approx(sk.get_scorer(name)(estimator, np.zeros((60, 1)), truth))


def test_scorers_were_found_for_each_task() -> None:
    assert min(map(len, SCORERS.values())) > 10


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_of_another_task_is_refused(name: str) -> None:
    task: Any = "regression" if name in CLASSIFICATION else "binary"
    with pytest.raises(UsageError, match=f"'{name}' is for"):
        resolve_metrics(name, task, ["y"])
