"""Poisoned test rows: whatever stands in them, the fold that tests on them trains the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

import harness
from harness.evaluation import Evaluation
from harness.plan import make_plan
from harness.seeds import FoldKey
from harness.settings import Settings
from tests.fakes import two_blobs

X, Y = two_blobs(60)
PAIRS = list(StratifiedKFold(3, shuffle=True, random_state=0).split(X, Y))
TEST_ROWS = PAIRS[1][1]
FOLD = FoldKey(0, 1)


def _poisoned_features() -> tuple[Any, Any]:
    poisoned = X.copy()
    poisoned[TEST_ROWS] = 1e4
    return poisoned, Y


def _poisoned_labels() -> tuple[Any, Any]:
    poisoned = Y.copy()
    poisoned[TEST_ROWS] = np.where(Y[TEST_ROWS] == "yes", "no", "yes")
    return X, poisoned


def _evaluate(X: Any, y: Any, store: Path) -> harness.Run:
    return harness.evaluate(
        "sonar_dropout_hidden",
        X,
        y,
        cv=PAIRS,
        epochs=40,
        early_stopping=2,
        checkpoint="both",
        callbacks=lambda: [keras.callbacks.ReduceLROnPlateau(patience=1)],
        store=store,
        seed=3,
    )


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> harness.Run:
    return _evaluate(X, Y, tmp_path_factory.mktemp("clean"))


@pytest.fixture(scope="module", params=[_poisoned_features, _poisoned_labels], ids=["features", "labels"])
def poisoned(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> harness.Run:
    return _evaluate(*request.param(), tmp_path_factory.mktemp("poisoned"))


def test_history_is_the_same(clean: harness.Run, poisoned: harness.Run) -> None:
    assert clean.histories[FOLD].history == poisoned.histories[FOLD].history


def test_training_stops_in_the_same_epoch(clean: harness.Run, poisoned: harness.Run) -> None:
    epochs = [len(run.histories[FOLD].epoch) for run in (clean, poisoned)]
    assert epochs[0] == epochs[1] < 40


@pytest.mark.parametrize("name", ["best.keras", "last.keras"])
def test_weights_are_the_same(clean: harness.Run, poisoned: harness.Run, name: str) -> None:
    saved = [keras.saving.load_model(run.artifacts(*FOLD)[name]) for run in (clean, poisoned)]
    for ours, theirs in zip(saved[0].get_weights(), saved[1].get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_another_fold_does_notice(clean: harness.Run, poisoned: harness.Run) -> None:
    other = FoldKey(0, 0)
    assert clean.histories[other].history != poisoned.histories[other].history


def _prepared(X: Any, y: Any, **settings: Any) -> Any:
    evaluation = Evaluation.of(make_plan("sonar_baseline", X, y, Settings(cv=PAIRS, seed=3, epochs=1, **settings)))
    return evaluation.prepare(FOLD)


@pytest.mark.parametrize("poison", [_poisoned_features, _poisoned_labels])
def test_scaled_training_rows_are_the_same(poison: Any) -> None:
    ours = _prepared(X, Y, preprocessing=StandardScaler(), inner_val=0.25)
    theirs = _prepared(*poison(), preprocessing=StandardScaler(), inner_val=0.25)
    np.testing.assert_array_equal(ours.x_train, theirs.x_train)
    np.testing.assert_array_equal(ours.x_val, theirs.x_val)


def test_the_scaler_sees_only_rows_that_are_fitted() -> None:
    data = _prepared(X, Y, preprocessing="standardize", inner_val=0.25)
    np.testing.assert_allclose(data.x_train.mean(axis=0), 0, atol=1e-6)
    assert np.abs(data.x_val.mean(axis=0)).max() > 1e-3


def test_a_category_of_the_test_rows_alone_adds_no_column() -> None:
    frame = pd.DataFrame({"size": X[:, 0], "colour": np.where(X[:, 1] > 0, "red", "blue")})
    frame.loc[TEST_ROWS, "colour"] = "green"
    data = _prepared(frame, Y, preprocessing=None)
    assert data.x_train.shape[1] == data.x_test.shape[1] == 3
    assert not data.x_test[:, :2].any()


def test_class_weights_come_from_training_rows() -> None:
    ours = _prepared(X, Y, class_weight="balanced")
    theirs = _prepared(*_poisoned_labels(), class_weight="balanced")
    np.testing.assert_array_equal(ours.sample_weight, theirs.sample_weight)


def test_an_engine_is_given_no_test_labels() -> None:
    data = _prepared(X, Y)
    assert not [name for name in vars(data) if name.startswith("y_test")]


def test_inner_validation_of_sorted_data_has_both_classes() -> None:
    sonar = harness.load_dataset("sonar")
    assert list(sonar.y) == sorted(sonar.y, reverse=True)
    evaluation = Evaluation.of(make_plan("sonar_baseline", settings=Settings(early_stopping=5)))
    shares = [evaluation.prepare(FoldKey(0, fold)).y_val.mean() for fold in range(10)]
    assert all(0.35 < share < 0.6 for share in shares)
