"""scikit-learn's estimators under the harness, against scikit-learn's own cross-validation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, make_regression
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import harness
from harness.report.reproduce import reproduction

X, codes = load_breast_cancer(return_X_y=True)
Y = np.array(["malignant", "benign"])[codes]


def evaluated(store: Path, model: Any, **how: Any) -> harness.Run:
    data = {} if "dataset" in how else {"X": X, "y": Y}
    return harness.evaluate(model, **{**data, "folds": 3, "seed": 1, "store": store, "on_error": "raise", **how})


def test_probabilities_and_scores_are_those_of_cross_validation(tmp_path: Path) -> None:
    logistic = LogisticRegression(max_iter=2000)
    run = evaluated(tmp_path, logistic, preprocessing="standardize", metrics=["accuracy", "roc_auc"])
    pipeline, splitter = (
        make_pipeline(StandardScaler(), logistic),
        StratifiedKFold(3, shuffle=True, random_state=1),
    )
    expected = cross_val_predict(pipeline, X, Y, cv=splitter, method="predict_proba")
    ours = run.predictions.sort_values("row")[["p[benign]", "p[malignant]"]]
    np.testing.assert_allclose(ours, expected, atol=1e-3)
    for metric in ("accuracy", "roc_auc"):
        scores = cross_val_score(pipeline, X, Y, cv=splitter, scoring=metric)
        np.testing.assert_allclose(run.scores.query("metric == @metric")["value"], scores, atol=1e-3)
    assert not hasattr(logistic, "coef_")
    assert (run.model, run.engine, run.history.empty) == ("LogisticRegression", "scikit-learn", True)


def test_an_estimator_that_is_named_is_the_one_that_is_passed(tmp_path: Path) -> None:
    passed = evaluated(tmp_path, KNeighborsClassifier(n_neighbors=3), metrics="accuracy")
    named = "sklearn.neighbors:KNeighborsClassifier"
    run = evaluated(tmp_path, named, arguments={"n_neighbors": 3}, metrics="accuracy")
    assert (run.model, run.engine) == (named, "scikit-learn")
    assert run.scores["value"].tolist() == passed.scores["value"].tolist()
    assert "-a n_neighbors=3" in reproduction(run.manifest).command


def test_a_regressor_of_several_targets(tmp_path: Path) -> None:
    rows, targets = make_regression(60, 4, n_targets=2, noise=5.0, random_state=0)
    run = harness.evaluate(LinearRegression(), rows, targets, cv=KFold(3), store=tmp_path, metrics="mae")
    scores = cross_val_score(LinearRegression(), rows, targets, cv=KFold(3), scoring="neg_mean_absolute_error")
    np.testing.assert_allclose(run.scores["value"], -scores, rtol=1e-4)


def test_predictions_without_probabilities_count_as_certain(tmp_path: Path) -> None:
    run = evaluated(tmp_path, RidgeClassifier(), preprocessing="standardize", metrics="accuracy")
    assert set(run.predictions["p[benign]"]) == {0.0, 1.0}
    assert any("counts as certain" in note for note in run.notes)


def test_a_class_that_a_fold_does_not_train_on_has_no_probability(tmp_path: Path) -> None:
    labels = np.array(["a", "b", "c"] * 10)
    train, test = np.flatnonzero(labels != "b"), np.flatnonzero(labels == "b")
    run = harness.evaluate(
        KNeighborsClassifier(3), np.arange(60.0).reshape(30, 2), labels, cv=[(train, test)], store=tmp_path
    )
    assert (run.predictions["p[b]"] == 0).all()
    np.testing.assert_allclose(run.predictions[["p[a]", "p[c]"]].sum(axis=1), 1)


def test_random_estimators_are_seeded_by_the_fold_and_finished_folds_are_taken_over(tmp_path: Path) -> None:
    forest = RandomForestClassifier(5)
    first = evaluated(tmp_path / "a", forest)
    assert evaluated(tmp_path / "b", forest).predictions.equals(first.predictions)
    assert not evaluated(tmp_path / "c", forest, seed=2).predictions.equals(first.predictions)
    assert evaluated(tmp_path / "a", forest).id == first.id
    assert evaluated(tmp_path / "a", RandomForestClassifier(6)).id != first.id


def test_networks_and_estimators_are_compared_on_the_same_folds(tmp_path: Path) -> None:
    how: dict[str, Any] = {"dataset": "sonar", "repeats": 1, "metrics": "accuracy"}
    network = evaluated(tmp_path, "sonar_baseline", epochs=1, engine="fit", checkpoint="none", **how)
    estimator = evaluated(tmp_path, LogisticRegression(), **how)
    assert len(harness.compare([network, estimator], store=tmp_path).pairs) == 1


@pytest.mark.parametrize(
    ("model", "how", "message"),
    [
        (LogisticRegression(), {"epochs": 3}, "epochs is for networks"),
        (LogisticRegression(), {"arguments": {"C": 1}}, "An estimator has its arguments already. Received: C"),
        (KNeighborsClassifier(), {"class_weight": "balanced"}, "KNeighborsClassifier takes no weights"),
    ],
)
def test_what_an_estimator_has_no_use_for_is_refused(
    model: Any, how: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(harness.UsageError, match=message):
        evaluated(tmp_path, model, **how)
