"""The score of knowing nothing: a dummy fitted on the same training rows as the model."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.data.dataset import Task
from harness.resampling import Splits


def baseline_strategy(task: Task, metric: str) -> str:
    """The strongest constant guess for a metric.

    Class frequencies for classification (its label is the most frequent class); the median where the absolute
    error is judged, the mean otherwise.

    Example:
        >>> baseline_strategy("regression", "mae")
        'median'
    """
    if task != "regression":
        return "prior"
    return "median" if metric.startswith(("mae", "neg_mean_absolute", "neg_median")) else "mean"


def baseline_predictions(
    truth: NDArray[Any], splits: Splits, task: Task, num_classes: int, strategy: str
) -> list[NDArray[np.float64]]:
    """Predicts every fold's test rows from its training targets alone.

    Args:
        truth: (n,) class codes or (n, t) numbers.
        splits: The folds.
        task: What is predicted.
        num_classes: Number of classes, 0 for regression.
        strategy: As `baseline_strategy` names it.

    Returns:
        For each fold (n_test, C) probabilities or (n_test, t) numbers.
    """
    return [_predict(truth[s.train], len(s.test), task, num_classes, strategy) for s in splits]


def _predict(train: NDArray[Any], n: int, task: Task, num_classes: int, strategy: str) -> NDArray[np.float64]:
    from sklearn.dummy import DummyClassifier, DummyRegressor

    rows, unseen = np.zeros((len(train), 1)), np.zeros((n, 1))
    if task == "regression":
        guessed = DummyRegressor(strategy=strategy).fit(rows, train).predict(unseen)
        return np.asarray(guessed, dtype=np.float64).reshape(n, -1)
    dummy = DummyClassifier(strategy=strategy).fit(rows, train)
    probabilities = np.zeros((n, num_classes))
    # A class that the training rows lack keeps probability 0.
    probabilities[:, dummy.classes_] = dummy.predict_proba(unseen)
    return probabilities
