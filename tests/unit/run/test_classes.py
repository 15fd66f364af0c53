"""What scores of labels hide: F1 in two forms, one class predicted, one class tested, rows counted once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression

import harness
from harness.run import Run, load_run
from harness.run.results import Results
from tests.unit.run.conftest import LABELS, X

BALANCED = np.arange(24)


def _dummy(store: Any, y: Any = LABELS, model: Any = None, **settings: Any) -> Run:
    asked = {"folds": 2, "metrics": "accuracy,balanced_accuracy,f1,mcc,precision", **settings}
    return harness.evaluate(model or DummyClassifier(strategy="prior"), X, y, store=store, seed=1, **asked)


def test_f1_is_the_mean_of_folds_and_the_one_of_pooled_counts(binary: Run, binary_store: Path) -> None:
    run = load_run(binary.id, binary_store, metrics="f1,accuracy")
    rows = run.predictions.assign(fold_key=lambda t: t["repeat"] * 10 + t["fold"])

    def f1(part: Any) -> float:
        return float(metrics.f1_score(part["y_true"] == "yes", part["y_pred"] == "yes"))

    entry = run.to_dict()["metrics"]["f1"]
    assert entry["mean"] == pytest.approx(np.mean([f1(part) for _, part in rows.groupby(["fold_key", "init"])]))
    pooled = np.mean([f1(part) for _, part in rows.groupby(["repeat", "init"])])
    assert entry["pooled"] == run.summary().loc["f1", "pooled"] == pytest.approx(pooled)
    assert entry["pooled"] != pytest.approx(entry["mean"], abs=1e-4)
    assert run.to_dict()["metrics"]["accuracy"]["pooled"] is None


def test_a_fold_of_negatives_leaves_the_pooled_f1_alone(tmp_path: Path) -> None:
    negatives, positives = BALANCED[::2], BALANCED[1::2]
    tests = [negatives[:4], np.r_[negatives[4:8], positives[:6]], np.r_[negatives[8:], positives[6:]]]
    pairs = [(np.setdiff1d(BALANCED, test), test) for test in tests]
    run = _dummy(tmp_path, model=LogisticRegression(), cv=pairs, metrics="f1")
    entry = run.to_dict()["metrics"]["f1"]

    said = run.predictions
    assert entry["mean"] is None
    assert entry["pooled"] == pytest.approx(metrics.f1_score(said["y_true"] == "yes", said["y_pred"] == "yes"))
    undefined = "undefined_metric: f1 is undefined on 1 of 3 folds and has no mean. 1 of 3 have test rows of one"
    assert any(warning.startswith(undefined) for warning in run.to_dict()["warnings"])


def test_one_predicted_class_is_warned_of(tmp_path: Path) -> None:
    report = _dummy(tmp_path).to_dict()
    warning = "constant_predictions: the model predicts one class on 2 of 2 folds. mcc is 0 there by convention."

    assert any(each.startswith(warning) for each in report["warnings"])
    assert report["metrics"]["mcc"]["mean"] == 0
    assert report["metrics"]["precision"]["mean"] is None
    assert any("precision is undefined on 2 of 2 folds" in each for each in report["warnings"])


def test_predictions_of_one_class_on_rows_of_one_class_are_no_reason_to_warn(tmp_path: Path) -> None:
    report = _dummy(tmp_path, cv="leave_one_out", folds=None, metrics="accuracy").to_dict()

    assert not any("constant_predictions" in each for each in report["warnings"])


def test_trainings_from_several_seeds_are_counted_one_by_one(tmp_path: Path) -> None:
    report = _dummy(tmp_path, init_seeds=2, metrics="accuracy,precision").to_dict()

    assert any("predicts one class on 4 of 4 trainings" in each for each in report["warnings"])
    assert any("precision is undefined on 4 of 4 trainings" in each for each in report["warnings"])


def test_both_classes_predicted_are_no_reason_to_warn(tmp_path: Path) -> None:
    informative = np.where(LABELS == "yes", 1.0, -1.0)[:, None]
    run = harness.evaluate(LogisticRegression(), informative, LABELS, folds=2, store=tmp_path)

    assert not any("constant_predictions" in each for each in run.to_dict()["warnings"])


def test_what_was_found_is_kept_with_the_scores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = _dummy(tmp_path, metrics="f1").to_dict()
    monkeypatch.setattr(Results, "_fold", lambda *_: pytest.fail("predictions were read"))
    (info,) = harness.list_runs(store=tmp_path)
    again = load_run(info.run_id, tmp_path)

    assert again.to_dict() == said
    assert again.constant_folds == 2


def test_a_score_over_rows_has_its_interval_over_rows(binary: Run) -> None:
    once = binary.predictions.query("repeat == 0 and init == 0")
    right, positive = once["y_true"] == once["y_pred"], once["y_true"] == "yes"
    losses = {
        "brier": (once["p[yes]"] - positive) ** 2,
        "log_loss": -np.log(np.where(positive, once["p[yes]"], once["p[no]"])),
    }
    found = binary.per_row(0.9)

    wilson = stats.binomtest(int(right.sum()), 24).proportion_ci(0.9, method="wilson")
    assert found.loc["accuracy", ["mean", "low", "high", "n"]].tolist() == pytest.approx(
        [right.mean(), wilson.low, wilson.high, 24]
    )
    for name, values in losses.items():
        expected = [values.mean(), *stats.norm.interval(0.9, values.mean(), stats.sem(values))]
        assert found.loc[name, ["mean", "low", "high"]].tolist() == pytest.approx(expected)
    brier = binary.calibration(ci=0.9).loc["yes", ["brier", "brier_low", "brier_high"]]
    assert brier.tolist() == pytest.approx(found.loc["brier", ["mean", "low", "high"]].tolist())
    assert json.loads(json.dumps(binary.details(0.9), allow_nan=False))["per_row"][0]["metric"] == "accuracy"


def test_the_rows_trained_on_are_counted(tmp_path: Path) -> None:
    pairs = [(BALANCED[:8], BALANCED[8:12]), (BALANCED[4:16], BALANCED[16:24])]
    run = _dummy(tmp_path, cv=pairs, metrics="accuracy")
    report = run.to_dict()

    assert (report["train_rows"], report["test_rows"]) == (10, 6)
    assert report["test_ratio"] == pytest.approx((4 / 8 + 8 / 12) / 2)
    assert "Describes the training procedure at 10 examples, not the saved model." in report["notes"]
