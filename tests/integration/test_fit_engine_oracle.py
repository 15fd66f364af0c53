"""The fit engine against a plain Keras loop written out here: same splits, initial weights and batch order."""

from __future__ import annotations

import itertools
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

import harness
from harness.seeds import FoldKey, FoldSeeds
from zoo.sonar import sonar_dropout_hidden

EPOCHS, BATCH, SEED = 4, 16, 7


def _tutorial_loop(model: keras.Model, x: Any, y: Any, seeds: FoldSeeds) -> dict[str, list[float]]:
    """One `fit` an epoch on rows put in the documented order beforehand."""
    history: dict[str, list[float]] = {"loss": [], "accuracy": []}
    for order in itertools.islice(seeds.batch_orders(len(x)), EPOCHS):
        logs = model.fit(x[order], y[order], batch_size=BATCH, shuffle=False, verbose=0).history
        for name, values in logs.items():
            history[name] += values
    return history


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> harness.Run:
    store = tmp_path_factory.mktemp("runs")
    return harness.evaluate("sonar_dropout_hidden", folds=3, epochs=EPOCHS, seed=SEED, engine="fit", store=store)


@pytest.fixture(scope="module")
def plain() -> list[dict[str, Any]]:
    data = harness.load_dataset("sonar")
    codes = (data.y == "R").astype("float32")
    folds = []
    splitter = StratifiedKFold(3, shuffle=True, random_state=SEED)
    for fold, (train, test) in enumerate(splitter.split(data.X, data.y)):
        seeds = FoldSeeds(SEED, FoldKey(0, fold))
        scaler = StandardScaler().fit(data.X[train])
        keras.utils.set_random_seed(seeds.initial_state)
        model = sonar_dropout_hidden((60,), classes=2)
        x = scaler.transform(data.X).astype("float32")
        history = _tutorial_loop(model, x[train], codes[train, None], seeds)
        probability = model.predict(x[test], verbose=0)[:, 0]
        folds.append({"test": test, "p": probability, "history": history, "truth": codes[test]})
    return folds


@pytest.mark.parametrize("fold", range(3))
def test_predictions_are_equal(run: harness.Run, plain: list[dict[str, Any]], fold: int) -> None:
    ours = run.predictions.query("fold == @fold")
    assert ours["row"].tolist() == plain[fold]["test"].tolist()
    np.testing.assert_allclose(ours["p[R]"], plain[fold]["p"], rtol=1e-6)


@pytest.mark.parametrize("fold", range(3))
@pytest.mark.parametrize("name", ["loss", "accuracy"])
def test_history_is_equal(run: harness.Run, plain: list[dict[str, Any]], fold: int, name: str) -> None:
    ours = run.histories[FoldKey(0, fold)].history[name]
    np.testing.assert_allclose(ours, plain[fold]["history"][name], rtol=1e-6)


@pytest.mark.parametrize(
    ("metric", "score"),
    [
        ("accuracy", lambda fold: accuracy_score(fold["truth"], fold["p"] > 0.5)),
        ("roc_auc", lambda fold: roc_auc_score(fold["truth"], fold["p"])),
    ],
)
def test_metrics_are_equal(run: harness.Run, plain: list[dict[str, Any]], metric: str, score: Any) -> None:
    ours = run.scores.query("metric == @metric")["value"]
    np.testing.assert_allclose(ours, [score(fold) for fold in plain], rtol=1e-6)


def test_dropout_differs_between_folds_and_epochs(run: harness.Run) -> None:
    losses = run.history.query("metric == 'loss'").pivot(index="epoch", columns="fold", values="value")
    assert losses.to_numpy().size == len(np.unique(losses))
