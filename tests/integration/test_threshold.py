"""Thresholds are chosen on the inner validation part of each fold; whatever stands in its test rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold

import harness
from harness.arrays import unpack
from harness.errors import DataError
from harness.seeds import FoldKey
from tests.fakes import two_blobs

X, Y = two_blobs(60)
PAIRS = list(StratifiedKFold(3, shuffle=True, random_state=0).split(X, Y))
TEST_ROWS = PAIRS[1][1]
FOLD = FoldKey(0, 1)


def _evaluate(store: Path, X: Any = X, y: Any = Y, **settings: Any) -> harness.Run:
    asked = {"cv": PAIRS, "epochs": 6, "seed": 3, "metrics": "accuracy,f1,roc_auc", "threshold": "f1", **settings}
    return harness.evaluate("sonar_baseline", X, y, store=store, **asked)


@pytest.fixture(scope="module", params=["fit", "vectorized"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Path:
    return tmp_path_factory.mktemp(engine)


@pytest.fixture(scope="module")
def run(store: Path, engine: str) -> harness.Run:
    return _evaluate(store, engine=engine)


def _kept(run: harness.Run, key: FoldKey) -> dict[str, Any]:
    return unpack(next(fold for fold in run.stored.folds if FoldKey(*fold.key) == key).read("result.npz"))


def _threshold(run: harness.Run, key: FoldKey) -> float:
    return float(run.thresholds.set_index(["repeat", "fold", "init"]).loc[tuple(key), "threshold"])


@pytest.mark.parametrize("poison", ["features", "labels"])
def test_poisoned_test_rows_do_not_move_the_threshold(
    run: harness.Run, engine: str, tmp_path: Path, poison: str
) -> None:
    features, labels = X.copy(), Y.copy()
    if poison == "features":
        features[TEST_ROWS] = 1e4
    else:
        labels[TEST_ROWS] = np.where(Y[TEST_ROWS] == "yes", "no", "yes")
    poisoned = _evaluate(tmp_path, features, labels, engine=engine)
    assert _threshold(poisoned, FOLD) == _threshold(run, FOLD)
    np.testing.assert_array_equal(_kept(poisoned, FOLD)["val_outputs"], _kept(run, FOLD)["val_outputs"])
    others = [FoldKey(0, 0), FoldKey(0, 2)]
    assert [_threshold(poisoned, key) for key in others] != [_threshold(run, key) for key in others]


@pytest.mark.parametrize("fold", range(3))
def test_no_other_threshold_is_better_on_the_rows_it_was_chosen_on(run: harness.Run, fold: int) -> None:
    kept = _kept(run, FoldKey(0, fold))
    truth, said = Y[kept["val_rows"]] == "yes", kept["val_outputs"][:, 0].astype(np.float64)
    chosen = f1_score(truth, said >= _threshold(run, FoldKey(0, fold)))
    assert chosen == max(f1_score(truth, said >= value) for value in said)
    assert run.thresholds.loc[fold, "value"] == pytest.approx(chosen)


def test_it_is_chosen_on_rows_that_were_neither_fitted_nor_tested(run: harness.Run) -> None:
    for fold, (train, test) in enumerate(PAIRS):
        rows = _kept(run, FoldKey(0, fold))["val_rows"]
        assert set(rows) < set(train)
        assert not set(rows) & set(test)


def test_labels_come_from_the_threshold_and_probabilities_do_not(run: harness.Run) -> None:
    for fold, rows in run.predictions.groupby("fold"):
        truth, said = rows["y_true"] == "yes", rows["p[yes]"]
        labels = said >= _threshold(run, FoldKey(0, int(fold)))
        np.testing.assert_array_equal(rows["y_pred"] == "yes", labels)
        scores = run.scores.query("fold == @fold").set_index("metric")["value"]
        assert scores["accuracy"] == pytest.approx(accuracy_score(truth, labels))
        assert scores["f1"] == pytest.approx(f1_score(truth, labels))
        assert scores["roc_auc"] == pytest.approx(roc_auc_score(truth, said))


def test_another_criterion_trains_nothing_anew(run: harness.Run, store: Path, engine: str) -> None:
    other = _evaluate(store, engine=engine, threshold="youden")
    assert other.id != run.id
    assert {fold.run_id for fold in other.stored.folds} == {run.id}
    assert set(other.thresholds["criterion"]) == {"youden"}


def test_a_number_is_the_threshold_of_every_fold(store: Path, engine: str) -> None:
    number = _evaluate(store, engine=engine, threshold=0.45, epochs=1)
    without = _evaluate(store, engine=engine, threshold=None, epochs=1)
    assert {fold.run_id for fold in without.stored.folds} == {number.id}
    predictions = number.predictions
    np.testing.assert_array_equal(predictions["y_pred"] == "yes", predictions["p[yes]"] >= 0.45)
    np.testing.assert_array_equal(without.predictions["p[yes]"], predictions["p[yes]"])


def test_a_run_read_again_has_the_same_scores(run: harness.Run, store: Path) -> None:
    again = harness.load_run(run.id, store, metrics="f1,mcc")
    assert again.threshold == "f1"
    fresh, first = (each.scores.query("metric == 'f1'")["value"].tolist() for each in (again, run))
    assert fresh == first


def test_one_class_to_choose_on_is_wrong_usage(tmp_path: Path) -> None:
    rare = np.where(np.arange(60) < 6, "yes", "no")
    with pytest.raises(DataError, match=r"inner validation part with one only, 2 rows .*use a greater inner_val"):
        _evaluate(tmp_path, y=rare, cv="stratified", folds=3, inner_val=0.05, engine="fit")
