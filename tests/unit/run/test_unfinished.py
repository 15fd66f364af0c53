"""Runs of which something is missing: failed folds, interruptions, undefined scores, metrics of one's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import harness
from harness.errors import UsageError
from harness.metrics import default_metrics
from harness.seeds import FoldKey
from tests.unit.run.conftest import LABELS, FailsIn, classifier, evaluate


def _failing(folder: Path, *folds: int, error: Any = RuntimeError, **settings: Any) -> harness.Run:
    def callbacks(context: harness.FoldContext) -> list[Any]:
        return [FailsIn(context.key.fold, folds, lambda: error("told to"), str(folder / "cure"))]

    return evaluate(folder / "runs", callbacks=callbacks, **settings)


@pytest.fixture(scope="module")
def none_left(tmp_path_factory: pytest.TempPathFactory) -> harness.Run:
    return _failing(tmp_path_factory.mktemp("none"), 0, 1)


def test_a_run_without_a_finished_fold_has_no_mean(none_left: harness.Run) -> None:
    metrics = json.loads(json.dumps(none_left.to_dict(), allow_nan=False))["metrics"]
    assert metrics["accuracy"]["scores"] == [None, None]
    assert metrics["accuracy"]["mean"] is None


@pytest.mark.parametrize("table", ["scores", "history", "predictions"])
def test_its_tables_are_empty(none_left: harness.Run, table: str) -> None:
    assert len(getattr(none_left, table)) == 0


def test_it_has_a_summary_and_a_line(none_left: harness.Run) -> None:
    assert none_left.summary()["mean"].isna().all()
    assert "0/2 folds" in repr(none_left)


def test_it_tells_why(none_left: harness.Run) -> None:
    assert set(none_left.failures.values()) == {"RuntimeError: told to"}


def test_its_baseline_is_there(none_left: harness.Run) -> None:
    assert none_left.to_dict()["baseline"]["metrics"]["accuracy"]["mean"] == 0.5


def test_it_has_no_scores_for_scikit_learn(none_left: harness.Run) -> None:
    assert {len(values) for values in none_left.to_sklearn().values()} == {0}


@pytest.fixture(scope="module")
def cured(tmp_path_factory: pytest.TempPathFactory) -> tuple[harness.Run, harness.Run]:
    folder = tmp_path_factory.mktemp("cured")
    failed = _failing(folder, 1)
    (folder / "cure").touch()
    return failed, _failing(folder, 1)


def test_one_failed_fold_leaves_no_mean(cured: tuple[harness.Run, harness.Run]) -> None:
    run = cured[0].to_dict()
    assert (run["n_failed"], run["metrics"]["accuracy"]["mean"]) == (1, None)
    assert [entry["fold"] for entry in run["failures"]] == ["repeat 0 fold 1"]


def test_a_failure_that_is_over_is_forgotten(cured: tuple[harness.Run, harness.Run]) -> None:
    assert cured[0].id == cured[1].id
    assert (cured[1].n_failed, cured[1].failures) == (0, {})
    assert cured[1].to_dict()["metrics"]["accuracy"]["mean"] is not None


@pytest.mark.parametrize("folds", [(0, 1), (0,)])
def test_wrong_usage_in_the_first_fold_ends_the_run(tmp_path: Path, folds: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="told to"):
        _failing(tmp_path, *folds, error=UsageError)


def test_wrong_usage_in_a_later_fold_is_its_failure(tmp_path: Path) -> None:
    run = _failing(tmp_path, 1, error=UsageError)
    assert run.failures == {FoldKey(0, 1): "UsageError: told to"}
    assert len(run.stored.folds) == 1
    again = _failing(tmp_path, 1, error=UsageError)
    assert (again.id, again.n_failed) == (run.id, 1)


def test_on_error_raise_stops(tmp_path: Path) -> None:
    with pytest.raises(harness.FoldError, match="repeat 0 fold 0 failed: RuntimeError: told to"):
        _failing(tmp_path, 0, 1, on_error="raise")


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> harness.Run:
    folder = tmp_path_factory.mktemp("interrupted")
    with pytest.raises(KeyboardInterrupt):
        _failing(folder, 1, error=KeyboardInterrupt)
    (info,) = harness.list_runs(store=folder / "runs")
    return harness.load_run(info.run_id, folder / "runs")


def test_an_interrupted_run_keeps_what_was_finished(interrupted: harness.Run) -> None:
    assert interrupted.scores["fold"].unique().tolist() == [0]


def test_an_interrupted_run_says_so(interrupted: harness.Run) -> None:
    told = [warning for warning in interrupted.to_dict()["warnings"] if warning.startswith("unfinished_run")]
    assert told == ["unfinished_run: 1 of 2 trainings are done; run the same command again."]


def test_an_interrupted_run_has_no_mean(interrupted: harness.Run) -> None:
    assert interrupted.to_dict()["metrics"]["accuracy"]["mean"] is None


def test_a_score_that_is_undefined_on_a_fold_is_said(tmp_path: Path) -> None:
    pairs = [(np.arange(12), np.array([12, 14])), (np.arange(12, 24), np.arange(12))]
    run = evaluate(tmp_path, cv=pairs, metrics="accuracy,roc_auc,neg_log_loss")
    told = [warning.split()[1] for warning in run.to_dict()["warnings"] if warning.startswith("undefined_metric")]
    assert told == ["roc_auc", "neg_log_loss"]


def _share(truth: Any, said: Any) -> float:
    return float(np.mean(truth == said))


@pytest.fixture(scope="module")
def own_metrics(tmp_path_factory: pytest.TempPathFactory) -> tuple[harness.Run, harness.Run]:
    store = tmp_path_factory.mktemp("own")
    run = evaluate(store, metrics={"mae": _share, "accuracy": lambda truth, said: -1.0})
    return run, harness.load_run(run.id, store)


def test_a_metric_of_ones_own_may_have_any_name(own_metrics: tuple[harness.Run, harness.Run]) -> None:
    assert own_metrics[0].summary()["mean"].loc["accuracy"] == -1


def test_metrics_of_ones_own_are_not_taken_for_others_when_loaded(
    own_metrics: tuple[harness.Run, harness.Run],
) -> None:
    assert own_metrics[1].summary().index.tolist() == list(default_metrics("binary"))


def test_a_loaded_run_says_which_metrics_it_cannot_find(own_metrics: tuple[harness.Run, harness.Run]) -> None:
    told = [warning for warning in own_metrics[1].warnings if warning.startswith("custom_metric")]
    assert ["'mae'" in told[0], "'accuracy'" in told[1]] == [True, True]


@pytest.mark.parametrize(
    "labels",
    [LABELS == "yes", (LABELS == "yes").astype(int) * 2 - 1, (LABELS == "yes").astype(float), LABELS],
    ids=["bool", "int", "float", "str"],
)
def test_labels_of_any_type_come_back(labels: Any, tmp_path: Path) -> None:
    run = evaluate(tmp_path, y=labels)
    table = harness.load_run(run.id, tmp_path).predictions
    assert table["y_true"].tolist() == labels[table["row"]].tolist()
    assert set(table["y_pred"]) <= set(labels.tolist())


def test_one_fold_has_an_interval_of_its_examples(tmp_path: Path) -> None:
    entry = evaluate(tmp_path, classifier, cv="holdout", test_size=0.5, metrics="accuracy").to_dict()["metrics"]
    assert (entry["accuracy"]["ci_method"], entry["accuracy"]["sd"]) == ("Wilson, per example", None)


def test_leave_one_out_has_one_score_a_row(tmp_path: Path) -> None:
    rows = np.arange(8)
    run = harness.evaluate(
        *(classifier, np.eye(8)[:, :3], LABELS[rows]), cv="leave_one_out", epochs=1, engine="fit", store=tmp_path
    )
    metrics = run.to_dict()["metrics"]
    assert (len(metrics["accuracy"]["scores"]), metrics["roc_auc"]["mean"]) == (8, None)
