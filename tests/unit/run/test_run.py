from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.metrics import accuracy_score, mean_absolute_error
from sklearn.model_selection import RepeatedStratifiedKFold, cross_validate

import harness
from harness.errors import UnknownNameError, UsageError
from harness.seeds import FoldKey
from tests.unit.run.conftest import LABELS, NUMBERS, X

SPLITTER = RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=1)


def test_scores_are_those_of_the_kept_predictions(binary: harness.Run) -> None:
    by_fold = binary.predictions.groupby(["repeat", "fold", "init"])
    expected = [accuracy_score(fold["y_true"], fold["y_pred"]) for _, fold in by_fold]
    assert binary.scores.query("metric == 'accuracy'")["value"].tolist() == pytest.approx(expected)


def test_predictions_are_of_the_rows_that_scikit_learn_tests(binary: harness.Run) -> None:
    rows = [test.tolist() for _, test in SPLITTER.split(X, LABELS)]
    ours = binary.predictions.query("init == 0").groupby(["repeat", "fold"])["row"].apply(list).tolist()
    assert ours == rows


def test_predictions_carry_the_original_labels(binary: harness.Run) -> None:
    table = binary.predictions
    assert (table["y_true"] == LABELS[table["row"]]).all()
    assert (table["y_pred"] == np.where(table["p[yes]"] > table["p[no]"], "yes", "no")).all()


def test_predictions_of_numbers_name_their_target(regression: harness.Run) -> None:
    table = regression.predictions
    assert table["target"].unique().tolist() == ["y0", "y1"]
    column = (table["target"] == "y1").astype(int)
    np.testing.assert_array_equal(table["y_true"], NUMBERS[table["row"], column])


def test_an_error_of_one_target_is_of_its_column(regression: harness.Run) -> None:
    fold = regression.predictions.query("fold == 0 and target == 'y1'")
    ours = regression.scores.query("fold == 0 and metric == 'mae[y1]'")["value"].item()
    assert ours == pytest.approx(mean_absolute_error(fold["y_true"], fold["y_pred"]))


def test_sizes_are_told(binary: harness.Run) -> None:
    assert (binary.n, binary.folds, binary.repeats, binary.seeds, binary.n_failed) == (24, 3, 2, 2, 0)


def test_the_history_is_long(binary: harness.Run) -> None:
    assert binary.history.columns.tolist() == ["run", "repeat", "fold", "init", "epoch", "metric", "value"]
    assert len(binary.history) == 12 * 2


def test_a_history_is_keras_own(binary: harness.Run) -> None:
    history = binary.histories[FoldKey(1, 2, 1)]
    assert isinstance(history, keras.callbacks.History)
    assert (history.epoch, sorted(history.history)) == ([0], ["accuracy", "loss"])


def test_a_model_makes_the_predictions_again(binary: harness.Run) -> None:
    fold = binary.predictions.query("repeat == 0 and fold == 1 and init == 0")
    outputs = binary.models[1].predict(X[fold["row"]].astype(np.float32), verbose=0)
    np.testing.assert_allclose(outputs[:, 1], fold["p[yes]"], rtol=1e-5)


def test_there_is_a_model_for_every_training(binary: harness.Run) -> None:
    assert list(binary.models) == [FoldKey(r, f, i) for r in range(2) for f in range(3) for i in range(2)]


def test_a_fold_without_a_saved_model_is_named(regression: harness.Run) -> None:
    with pytest.raises(UnknownNameError, match="saved model 'repeat 0 fold 1'"):
        regression.models[1]


def test_the_baseline_is_scikit_learns_on_the_same_folds(binary: harness.Run) -> None:
    oracle = cross_validate(DummyClassifier(strategy="prior"), X, LABELS, cv=SPLITTER, scoring="accuracy")
    assert binary.to_dict()["baseline"]["metrics"]["accuracy"]["mean"] == oracle["test_score"].mean()


def test_scikit_learns_shape_has_one_entry_a_training(binary: harness.Run) -> None:
    result = binary.to_sklearn()
    assert {name: len(values) for name, values in result.items()} == {
        "fit_time": 12,
        "test_accuracy": 12,
        "test_roc_auc": 12,
        "test_log_loss": 12,
    }


def test_json_has_one_score_a_fold_in_order(binary: harness.Run) -> None:
    means = binary.scores.query("metric == 'log_loss'").groupby(["repeat", "fold"])["value"].mean()
    assert binary.to_dict()["metrics"]["log_loss"]["scores"] == pytest.approx(means.tolist())


@pytest.mark.parametrize("ci", [95, 0, 1, -0.5])
def test_a_coverage_out_of_range_is_refused(binary: harness.Run, ci: float) -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        binary.summary(ci)


def test_a_wider_coverage_is_a_wider_interval(binary: harness.Run) -> None:
    narrow, wide = (binary.summary(ci).loc["log_loss"] for ci in (0.8, 0.99))
    assert wide["ci_low"] < narrow["ci_low"] < narrow["ci_high"] < wide["ci_high"]


def test_the_summary_has_a_row_a_metric(binary: harness.Run) -> None:
    assert binary.summary().index.tolist() == ["accuracy", "roc_auc", "log_loss"]


def test_artifacts_are_files(binary: harness.Run) -> None:
    assert all(path.is_file() for path in binary.artifacts(1, 2, 1).values())


def test_artifacts_of_no_fold_are_refused(binary: harness.Run) -> None:
    with pytest.raises(UnknownNameError, match="Unknown fold 'repeat 5 fold 0'"):
        binary.artifacts(5)


def test_the_html_is_escaped(binary_store: Path, binary: harness.Run) -> None:
    again = harness.load_run(binary.id, binary_store)
    again._manifest = {**again._manifest, "dataset": "<script>"}
    assert "<script>" not in again._repr_html_()


def test_a_loaded_run_says_the_same(binary_store: Path, binary: harness.Run) -> None:
    assert harness.load_run(binary.id, binary_store).to_dict() == binary.to_dict()


def test_a_run_is_loaded_by_the_first_letters_of_its_name(binary_store: Path, binary: harness.Run) -> None:
    assert harness.load_run(binary.id[:-4], binary_store).id == binary.id


def test_other_metrics_can_be_asked_for_afterwards(binary_store: Path, binary: harness.Run) -> None:
    metrics: Any = {"f1": "f1", "hits": lambda truth, said: np.mean(truth == said)}
    again = harness.load_run(binary.id, binary_store, metrics=metrics)
    hits = again.summary().loc["hits", "mean"]
    assert hits == pytest.approx(binary.summary().loc["accuracy", "mean"])


def test_json_holds_no_nan(binary: harness.Run) -> None:
    json.dumps(binary.to_dict(), allow_nan=False)


def test_the_memory_it_took_is_told(binary: harness.Run) -> None:
    assert 50e6 < binary.memory["peak"] < 50e9
    assert 0 <= binary.memory["growth"] < binary.memory["peak"]
