from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn import metrics
from sklearn.model_selection import ShuffleSplit

import harness
from harness.errors import UnknownNameError, UsageError
from harness.metrics import METRICS
from harness.run.out_of_fold import out_of_fold
from harness.statistics.repeats import enough_repeats
from harness.statistics.variance import variance_components
from tests.unit.run.conftest import NUMBERS, FailsIn, evaluate

THREE = np.tile(["a", "b", "c"], 8)


@pytest.fixture(scope="module")
def multiclass() -> harness.Run:
    return evaluate(None, y=THREE, metrics="accuracy,brier")


def _once(run: harness.Run):
    return run.predictions.query("repeat == 0 and init == 0").sort_values("row")


def test_each_class_is_what_scikit_learn_says_of_one_repeat(binary: harness.Run) -> None:
    rows = _once(binary)
    expected = metrics.precision_recall_fscore_support(rows["y_true"], rows["y_pred"], zero_division=0)
    precision, recall, _, support = expected
    found = binary.per_class()
    assert found.index.tolist() == ["no", "yes"]
    np.testing.assert_allclose(found["recall"], recall)
    np.testing.assert_allclose(found["precision"], precision)
    assert found["support"].tolist() == support.tolist() == [12, 12]


@pytest.mark.parametrize("level", [0.95, 0.8])
def test_shares_have_wilsons_interval(binary: harness.Run, level: float) -> None:
    row = binary.per_class(level).loc["yes"]
    hits = round(row["recall"] * row["support"])
    expected = binomtest(hits, int(row["support"])).proportion_ci(level, method="wilson")
    assert (row["recall_low"], row["recall_high"]) == pytest.approx((expected.low, expected.high))


def test_the_confusion_matrix_is_that_of_scikit_learn(multiclass: harness.Run) -> None:
    rows, found = _once(multiclass), multiclass.confusion_matrix()
    np.testing.assert_array_equal(found, metrics.confusion_matrix(rows["y_true"], rows["y_pred"]))
    assert found.index.tolist() == found.columns.tolist() == ["a", "b", "c"]


def test_rows_count_once_though_folds_repeat_them() -> None:
    run = evaluate(None, cv=ShuffleSplit(5, test_size=0.5, random_state=0), checkpoint="none")
    once = out_of_fold(run._results)
    assert once is not None
    assert len(once) == len(set(once.rows)) == run.predictions["row"].nunique() < len(run.predictions)
    assert run.per_class()["support"].sum() == len(once)
    first = run.predictions.drop_duplicates("row").sort_values("row")
    np.testing.assert_allclose(once.values[:, 1], first["p[yes]"])


def test_calibration_of_two_classes_is_of_the_positive_one(binary: harness.Run) -> None:
    rows, found = _once(binary), binary.calibration()
    assert found.index.tolist() == ["yes"]
    parts = found.loc["yes"]
    assert parts["brier"] == pytest.approx(metrics.brier_score_loss(rows["y_true"] == "yes", rows["p[yes]"]))
    whole = parts["reliability"] - parts["resolution"] + parts["uncertainty"] + parts["within_bins"]
    assert whole == pytest.approx(parts["brier"])


def test_the_calibration_error_is_the_mean_distance_of_the_bins(binary: harness.Run) -> None:
    rows = _once(binary)
    edges = np.minimum((rows["p[yes]"] * 4).astype(int), 3)
    bins = rows.assign(yes=rows["y_true"] == "yes").groupby(edges)
    distances = (bins["yes"].mean() - bins["p[yes]"].mean()).abs()
    expected = np.average(distances, weights=bins.size())
    assert binary.calibration(bins=4).loc["yes", "calibration_error"] == pytest.approx(expected)


def test_brier_scores_of_the_classes_add_up(multiclass: harness.Run) -> None:
    once = out_of_fold(multiclass._results)
    assert once is not None
    expected = np.mean(np.sum((once.values - np.eye(3)[once.truth]) ** 2, axis=1))
    assert multiclass.calibration()["brier"].sum() == pytest.approx(expected)


def test_each_output_has_its_errors(regression: harness.Run) -> None:
    found = regression.per_output()
    for number, (name, rows) in enumerate(_once(regression).groupby("target", sort=False)):
        np.testing.assert_allclose(rows["y_true"], NUMBERS[:, number])
        mae = metrics.mean_absolute_error(rows["y_true"], rows["y_pred"])
        assert found.loc[name, "mae"] == pytest.approx(mae)
        assert found.loc[name, "bias"] == pytest.approx((rows["y_pred"] - rows["y_true"]).mean())
        assert found.loc[name, "mae_low"] < found.loc[name, "mae"] < found.loc[name, "mae_high"]


def test_variance_is_of_the_runs_own_scores(binary: harness.Run) -> None:
    expected = variance_components(binary.scores_by(METRICS["log_loss"]))
    found = binary.variance().loc["log_loss"]
    assert found["variance"].to_dict() == {
        "seed": expected.seed,
        "fold": expected.fold,
        "repeat": expected.repeat,
    }
    assert found["share"].sum() == pytest.approx(1)
    assert binary.to_dict()["metrics"]["log_loss"]["variance"]["seed"] == expected.seed


def test_nothing_is_divided_where_nothing_was_varied(regression: harness.Run) -> None:
    assert regression.variance().empty
    assert regression.to_dict()["metrics"]["mae"]["variance"] is None
    assert regression.enough_repeats() is None


def test_whether_repeats_are_enough_is_said_of_the_first_metric(binary: harness.Run) -> None:
    scores = binary.scores_by(METRICS["accuracy"]).mean(axis=2)
    expected = enough_repeats(scores, binary.manifest["test_ratio"])
    assert binary.enough_repeats() == binary.enough_repeats("accuracy") == expected
    assert expected is not None
    assert binary.to_dict()["enough_repeats"]["needed"] == expected.needed
    assert "repeats" in binary.to_dict()["notes"][-1]


def test_an_unknown_metric_has_no_repeats(binary: harness.Run) -> None:
    with pytest.raises(UnknownNameError, match="Unknown metric 'mae'"):
        binary.enough_repeats("mae")


def test_details_are_json(binary: harness.Run, regression: harness.Run) -> None:
    for run in (binary, regression):
        assert json.loads(json.dumps(run.details(0.9), allow_nan=False))["level"] == 0.9
    assert binary.details()["confusion"] == binary.confusion_matrix().to_numpy().tolist()
    assert regression.details()["per_output"][0]["output"] == regression.per_output().index[0]


def test_a_run_without_threshold_has_none(binary: harness.Run) -> None:
    assert binary.threshold is None
    assert binary.thresholds.empty


def test_a_run_with_a_failed_fold_has_no_details(tmp_path: Path) -> None:
    def callbacks(context):
        return [FailsIn(context.key.fold, (1,), lambda: ValueError("told to fail"), str(tmp_path / "cure"))]

    run = evaluate(tmp_path, callbacks=callbacks)
    assert run.details() == {}
    assert run.per_class()["support"].sum() == 12


def test_what_a_task_has_not_is_refused(binary: harness.Run, regression: harness.Run) -> None:
    with pytest.raises(UsageError, match="per_output is for regression"):
        binary.per_output()
    for asked in (regression.per_class, regression.confusion_matrix, regression.calibration):
        with pytest.raises(UsageError, match="is for classification"):
            asked()


def test_a_level_out_of_range_is_refused(binary: harness.Run) -> None:
    for asked in (binary.per_class, binary.details):
        with pytest.raises(UsageError, match="ci is a coverage between 0 and 1"):
            asked(95)
