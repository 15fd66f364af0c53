"""What `harness.evaluate` takes and gives back, on real trainings of a few epochs."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.model_selection import GroupKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

import harness
from harness.engines.vectorized.shared_models import SharedModels
from harness.progress import Progress
from harness.seeds import FoldKey
from tests.fakes import debug_model, two_blobs
from zoo import create_model

X, Y = two_blobs(40)


def _evaluate(model: Any = "sonar_baseline", X: Any = X, y: Any = Y, **settings: Any) -> harness.Run:
    defaults = {"folds": 2, "epochs": 2, "store": None, "engine": "fit"}
    return harness.evaluate(model, X, y, **{**defaults, **settings})


def two_heads(input_shape: tuple[int, ...]) -> keras.Model:
    """A regressor with one output of one column and one of two."""
    inputs = keras.Input(input_shape)
    hidden = keras.layers.Dense(8, activation="relu")(inputs)
    model = keras.Model(inputs, [keras.layers.Dense(1)(hidden), keras.layers.Dense(2)(hidden)])
    model.compile(loss=["mse", "mae"], optimizer="adam")
    return model


def logits(input_shape: tuple[int, ...], classes: int) -> keras.Model:
    """A classifier that ends in logits."""
    model = keras.Sequential([keras.Input(input_shape), keras.layers.Dense(classes)])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model


def one_hot(input_shape: tuple[int, ...], classes: int) -> keras.Model:
    """A classifier whose loss takes one column a class."""
    model = keras.Sequential([keras.Input(input_shape), keras.layers.Dense(classes, activation="softmax")])
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


@pytest.fixture(scope="module")
def run() -> harness.Run:
    return _evaluate(init_seeds=2, metrics="accuracy,roc_auc,f1")


def test_scores_have_a_row_for_each_training_and_metric(run: harness.Run) -> None:
    assert len(run.scores) == 2 * 2 * 3


def test_json_scores_are_averaged_over_seeds_within_the_fold(run: harness.Run) -> None:
    by_fold = run.scores.query("metric == 'accuracy'").groupby("fold")["value"].mean()
    assert run.to_dict()["metrics"]["accuracy"]["scores"] == pytest.approx(by_fold.tolist())


def test_every_row_is_predicted_once_for_each_seed(run: harness.Run) -> None:
    counts = run.predictions.groupby(["init", "row"]).size()
    assert len(counts) == 2 * len(X)
    assert (counts == 1).all()


def test_predictions_are_original_labels(run: harness.Run) -> None:
    assert set(run.predictions["y_pred"]) <= {"no", "yes"}
    assert run.predictions.set_index("row")["y_true"].to_dict() == dict(enumerate(Y))


def test_histories_are_keras_objects(run: harness.Run) -> None:
    history = run.histories[FoldKey(0, 1, 1)]
    assert isinstance(history, keras.callbacks.History)
    assert [len(values) for values in history.history.values()] == [2, 2]


def test_history_is_one_long_table(run: harness.Run) -> None:
    assert list(run.history.columns) == ["run", "repeat", "fold", "init", "epoch", "metric", "value"]


def test_scores_have_the_shape_of_cross_validate(run: harness.Run) -> None:
    theirs = cross_validate(make_pipeline(StandardScaler(), PCA()), X, cv=2, scoring=lambda *_: 0.0)
    assert set(run.to_sklearn()) >= {"fit_time", "test_accuracy"}
    assert set(theirs) - set(run.to_sklearn()) <= {"score_time", "test_score"}


def test_a_saved_model_gives_the_stored_predictions(run: harness.Run) -> None:
    rows = run.predictions.query("fold == 1 and init == 1")
    train = np.setdiff1d(np.arange(len(X)), rows["row"])
    scaler = StandardScaler().fit(X[train])
    outputs = run.models[0, 1, 1].predict(scaler.transform(X[rows["row"]]).astype("float32"), verbose=0)
    np.testing.assert_allclose(outputs[:, 0], rows["p[yes]"], rtol=1e-5)


def test_repr_says_the_mean_and_the_interval(run: harness.Run) -> None:
    assert "accuracy" in repr(run)
    assert "95% CI" in repr(run)


def test_html_repr_escapes(run: harness.Run) -> None:
    assert "<table" in run._repr_html_()


def test_another_metric_needs_no_training(run: harness.Run) -> None:
    again = harness.Run(run._stored, harness.metrics.resolve_metrics("mcc", "binary", ["label"]))
    assert list(again.to_dict()["metrics"]) == ["mcc"]


@pytest.mark.parametrize("builder", [logits, one_hot])
def test_three_classes(builder: Any) -> None:
    rng = np.random.default_rng(0)
    labels = np.array(["a", "b", "c"] * 12)
    run = _evaluate(builder, rng.normal(size=(36, 5)), labels, metrics="accuracy,roc_auc,log_loss")
    probabilities = run.predictions[["p[a]", "p[b]", "p[c]"]]
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_two_heads() -> None:
    rng = np.random.default_rng(0)
    targets = pd.DataFrame(rng.normal(size=(30, 3)), columns=["x", "y", "z"])
    run = _evaluate(two_heads, rng.normal(size=(30, 4)), targets, metrics="mae,mae_per_output")
    assert list(run.to_dict()["metrics"]) == ["mae", "mae[x]", "mae[y]", "mae[z]"]


def test_early_stopping_restores_the_best_weights() -> None:
    run = _evaluate(epochs=60, early_stopping=2, arguments={"learning_rate": 0.5})
    history = run.histories[FoldKey(0, 0)].history
    assert int(np.argmin(history["val_loss"])) == len(history["val_loss"]) - 3
    assert set(run.artifacts()) == {"best.keras", "result.npz"}


def test_callbacks_are_made_for_each_fold_and_their_files_kept() -> None:
    contexts: list[harness.FoldContext] = []

    def factory(fold: harness.FoldContext) -> list[Any]:
        contexts.append(fold)
        return [
            keras.callbacks.CSVLogger(fold.directory / "log.csv"),
            keras.callbacks.LearningRateScheduler(halved),
        ]

    def halved(epoch: int, rate: float) -> float:
        return rate / 2

    run = _evaluate(callbacks=factory)
    assert {fold.key for fold in contexts} >= {FoldKey(0, 0), FoldKey(0, 1)}
    logged = pd.read_csv(run.artifacts(fold=1)["log.csv"])["loss"]
    np.testing.assert_allclose(logged, run.histories[FoldKey(0, 1)].history["loss"], rtol=1e-6)


def test_a_learning_rate_lowered_in_one_fold_is_fresh_in_the_next() -> None:
    def factory() -> list[Any]:
        return [keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 10)]

    run = _evaluate(callbacks=factory)
    rates = run.history.query("metric == 'learning_rate' and epoch == 0")["value"]
    np.testing.assert_allclose(rates, 0.001, rtol=1e-6)


def test_a_batch_watching_callback_sees_every_batch() -> None:
    class Counter(keras.callbacks.Callback):
        batches = 0

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            Counter.batches += 1

    _evaluate(callbacks=lambda: [Counter()], batch_size=5)
    assert Counter.batches == 2 * 2 * 4


def test_callbacks_that_watch_validation_get_an_inner_part() -> None:
    run = _evaluate(callbacks=lambda: [keras.callbacks.EarlyStopping(patience=1)])
    assert "val_loss" in run.histories[FoldKey(0, 0)].history
    assert any("never its test rows" in note for note in run.notes)


def test_transformers_may_change_the_number_of_features() -> None:
    run = _evaluate(preprocessing=make_pipeline(PolynomialFeatures(2), StandardScaler()))
    assert run.models[0].input_shape == (None, 15)


def test_groups_stay_together() -> None:
    groups = np.repeat(np.arange(10), 4)
    run = _evaluate(groups=groups)
    folds = run.predictions.assign(group=groups[run.predictions["row"]]).groupby("group")["fold"].nunique()
    assert (folds == 1).all()


def test_any_scikit_learn_splitter() -> None:
    groups = np.repeat(np.arange(10), 4)
    run = _evaluate(cv=GroupKFold(5), groups=groups)
    assert (run.folds, run.repeats) == (5, 1)


@pytest.mark.parametrize(
    ("cv", "method"), [("holdout", "Wilson, per example"), ("kfold", "corrected resampled t")]
)
def test_interval_of_accuracy(cv: str, method: str) -> None:
    entry = _evaluate(cv=cv, folds=3, metrics="accuracy").to_dict()["metrics"]["accuracy"]
    assert entry["ci_method"] in {method, "none"}
    assert entry["ci"][0] <= entry["mean"] <= entry["ci"][1]


def test_leave_one_out() -> None:
    run = _evaluate(X=X[:8], y=Y[:8], cv="leave_one_out", epochs=1, checkpoint="none", metrics="accuracy,roc_auc")
    report = run.to_dict()
    assert len(report["metrics"]["accuracy"]["scores"]) == 8
    assert report["metrics"]["roc_auc"]["mean"] is None
    assert any("roc_auc is undefined" in warning for warning in report["warnings"])


def test_a_failed_fold_leaves_no_mean(tmp_path: Path) -> None:
    once = str(tmp_path / "misbehaved")
    run = _evaluate(debug_model, folds=4, arguments={"behaviour": "raise", "at": 1, "once": once})
    report = run.to_dict()
    assert report["n_failed"] == 1
    assert report["metrics"]["accuracy"]["mean"] is None
    assert "told to raise" in report["failures"][0]["error"]


def test_weights_that_are_not_numbers_fail_the_fold() -> None:
    run = _evaluate(debug_model, folds=3, arguments={"behaviour": "nan", "at": 0})
    assert "weights are not finite" in run.failures[FoldKey(0, 0)]


def test_raise_stops_at_the_first_failure() -> None:
    with pytest.raises(harness.FoldError, match="repeat 0 fold 0 failed: RuntimeError: told to raise"):
        _evaluate(debug_model, arguments={"behaviour": "raise"}, on_error="raise")


def test_an_interrupted_run_says_so(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        _evaluate(debug_model, folds=4, arguments={"behaviour": "interrupt", "at": 2}, store=tmp_path)
    (info,) = harness.list_runs(store=tmp_path)
    assert (info.status, info.finished_folds) == ("interrupted", 2)


class Impatient(Progress):
    """Interrupts after the first fold."""

    def fold_finished(self, fold: str, seconds: float, message: str) -> None:
        raise KeyboardInterrupt


def test_nothing_is_trained_on_once_a_run_is_interrupted(tmp_path: Path) -> None:
    threads = threading.active_count()
    settings = {"folds": 8, "epochs": 500, "engine": "vectorized"}
    # What holds the exception holds all that was going on when it was raised.
    with pytest.raises(KeyboardInterrupt) as stopped:
        _evaluate(**settings, store=tmp_path, progress=Impatient())
    assert threading.active_count() == threads, stopped
    (info,) = harness.list_runs(store=tmp_path)
    assert (info.status, info.finished_folds) == ("interrupted", 1)


@pytest.fixture
def uncompilable(monkeypatch: pytest.MonkeyPatch) -> None:
    def prepare(*arguments: Any) -> None:
        raise harness.EngineError("The model cannot be compiled as a whole: told so")

    monkeypatch.setattr(SharedModels, "prepare", prepare)


@pytest.mark.usefixtures("uncompilable")
def test_an_engine_that_gives_way_to_another_leaves_no_run_behind(tmp_path: Path) -> None:
    run = _evaluate(engine="auto", store=tmp_path)
    (info,) = harness.list_runs(store=tmp_path)
    assert (info.run_id, info.status, run.engine) == (run.id, "finished", "fit")
    assert [path.stem for path in (tmp_path / "runs").iterdir()] == [run.id]
    assert list((tmp_path / "open").iterdir()) == []
    assert any(note.startswith("Engine fit: ") and "told so" in note for note in run.to_dict()["notes"])


@pytest.mark.usefixtures("uncompilable")
def test_an_engine_that_was_insisted_on_leaves_a_failed_run(tmp_path: Path) -> None:
    with pytest.raises(harness.EngineError, match="told so"):
        _evaluate(engine="vectorized", store=tmp_path)
    assert [info.status for info in harness.list_runs(store=tmp_path)] == ["failed"]


def test_pandas_frame_with_text_columns() -> None:
    frame = pd.DataFrame({"size": X[:, 0], "colour": np.where(X[:, 1] > 0, "red", "blue")})
    run = _evaluate(X=frame)
    assert run.models[0].input_shape == (None, 3)


def test_missing_values_need_an_imputer() -> None:
    holed = X.copy()
    holed[3, 1] = np.nan
    with pytest.raises(harness.DataError, match="impute"):
        _evaluate(X=holed)
    assert _evaluate(X=holed, preprocessing="impute,standardize").n_failed == 0


def test_a_file_written_by_the_harness_loads_in_plain_keras(run: harness.Run, tmp_path: Path) -> None:
    copy = tmp_path / "model.keras"
    copy.write_bytes(run.artifacts()["last.keras"].read_bytes())
    loaded = keras.saving.load_model(copy)
    fresh = create_model("sonar_baseline", input_shape=(4,))
    assert [w.shape for w in loaded.get_weights()] == [w.shape for w in fresh.get_weights()]
    loaded.fit(X, (Y == "yes").astype("float32")[:, None], verbose=0)
