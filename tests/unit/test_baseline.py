from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor

from harness.baseline import baseline_predictions, baseline_strategy
from harness.resampling import Resampling, Split, Splits

CODES = np.array([0] * 8 + [1] * 6 + [2] * 4)
NUMBERS = np.random.default_rng(0).gamma(2, size=(18, 2))
SPLITS = Resampling("kfold", folds=3, seed=1).split(CODES, "multiclass")


@pytest.mark.parametrize(
    ("task", "metric", "strategy"),
    [
        ("binary", "accuracy", "prior"),
        ("multiclass", "mae", "prior"),
        ("regression", "mae", "median"),
        ("regression", "mae[weight]", "median"),
        ("regression", "neg_median_absolute_error", "median"),
        ("regression", "rmse", "mean"),
        ("regression", "r2", "mean"),
    ],
)
def test_the_strategy_suits_the_metric(task: Any, metric: str, strategy: str) -> None:
    assert baseline_strategy(task, metric) == strategy


def test_class_shares_are_those_of_the_training_rows() -> None:
    guesses = baseline_predictions(CODES, SPLITS, "multiclass", 3, "prior")
    for split, guess in zip(SPLITS, guesses, strict=True):
        rows = np.zeros((len(split.train), 1))
        dummy = DummyClassifier(strategy="prior").fit(rows, CODES[split.train])
        np.testing.assert_allclose(guess, dummy.predict_proba(np.zeros((len(split.test), 1))))


@pytest.mark.parametrize("strategy", ["mean", "median"])
def test_numbers_are_those_of_the_training_rows(strategy: str) -> None:
    guesses = baseline_predictions(NUMBERS, SPLITS, "regression", 0, strategy)
    for split, guess in zip(SPLITS, guesses, strict=True):
        dummy = DummyRegressor(strategy=strategy).fit(np.zeros((len(split.train), 1)), NUMBERS[split.train])
        np.testing.assert_allclose(guess, dummy.predict(np.zeros((len(split.test), 1))))


def test_one_target_keeps_its_column() -> None:
    guesses = baseline_predictions(NUMBERS[:, :1], SPLITS, "regression", 0, "mean")
    assert guesses[0].shape == (6, 1)


def test_a_class_that_training_lacks_has_no_probability() -> None:
    splits = Splits("custom", (Split(0, 0, np.arange(14), np.arange(14, 18)),))
    (guess,) = baseline_predictions(CODES, splits, "multiclass", 3, "prior")
    np.testing.assert_allclose(guess[0], [8 / 14, 6 / 14, 0])


def test_test_rows_are_not_looked_at() -> None:
    poisoned = CODES.copy()
    poisoned[SPLITS.splits[0].test] = 2
    ours, theirs = (baseline_predictions(y, SPLITS, "multiclass", 3, "prior")[0] for y in (CODES, poisoned))
    np.testing.assert_array_equal(ours, theirs)
