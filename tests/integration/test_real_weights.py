"""Pretrained weights on real photographs: frozen features do better than random ones, and by how much."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import harness
from harness.data import from_image_folder
from harness.seeds import FoldKey, FoldSeeds
from harness.statistics.paired import corrected_paired_t
from zoo.vgg19_transfer import vgg19_transfer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

BASE: dict[str, Any] = {"base": "vgg16", "regime": "frozen", "preprocessing": "torch"}
HEAD = {"pooling": "avg", "units": [256], "learning_rate": 0.003}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def photographs(reference_data: Path) -> harness.Dataset:
    if not (reference_data / "groceries").is_dir():
        pytest.skip("there are no photographs among the reference data")
    return from_image_folder(reference_data / "groceries", image_size=(96, 96))


@pytest.fixture(scope="module")
def weights(reference_data: Path) -> str:
    return str(reference_data / "weights" / "vgg16_notop_torch_normalised.h5")


def evaluated(photographs: harness.Dataset, weights: str | None, store: Path, epochs: int = 40) -> harness.Run:
    return harness.evaluate(
        "vgg19_transfer",
        dataset=photographs,
        arguments={**BASE, **HEAD, "weights": weights},
        folds=5,
        repeats=1,
        epochs=epochs,
        batch_size=16,
        inner_val=0,  # all epochs, on all training rows
        metrics="balanced_accuracy",
        seed=1,
        checkpoint="none",
        store=store,
    )


@pytest.fixture(scope="module")
def pretrained(photographs: harness.Dataset, weights: str, store: Path) -> harness.Run:
    return evaluated(photographs, weights, store)


def test_pretrained_features_recognise_the_photographs(pretrained: harness.Run) -> None:
    assert pretrained.engine == "frozen"
    assert len(pretrained.predictions) == 360
    assert pretrained.summary().loc["balanced_accuracy", "mean"] > 0.87


def test_they_do_better_than_random_ones(
    pretrained: harness.Run, photographs: harness.Dataset, store: Path
) -> None:
    runs = {"pretrained": pretrained, "random": evaluated(photographs, None, store)}
    comparison = harness.compare(runs, metric="balanced_accuracy")
    assert comparison.ordered[0] == "pretrained"
    assert comparison.pairs.iloc[0]["p"] < 0.05, comparison.verdict


def scores_of_a_classifier(photographs: harness.Dataset, weights: str | None, store: Path) -> Any:
    """Fold scores of a logistic regression on the table of pooled features, whose scale does not matter."""
    arguments = {**BASE, "weights": weights}
    table = harness.features(
        "vgg19_transfer", dataset=photographs, layer="block5_pool", pooling="avg", arguments=arguments
    )
    run = harness.evaluate(
        LogisticRegression(C=0.1, max_iter=3000),
        table.filter(regex=r"^f\d+$").to_numpy(),
        table["label"].to_numpy(),
        preprocessing="standardize",
        folds=5,
        repeats=4,
        seed=1,
        metrics="balanced_accuracy",
        store=store,
    )
    return run.scores.sort_values(["repeat", "fold"])["value"].to_numpy()


def test_a_classifier_on_the_table_of_features_does_so_too(
    photographs: harness.Dataset, weights: str, store: Path
) -> None:
    pretrained, random = (scores_of_a_classifier(photographs, each, store) for each in (weights, None))
    assert pretrained.mean() > 0.87
    test = corrected_paired_t(pretrained - random, test_ratio=1 / 4)
    assert test is not None
    assert test.p < 0.05


def test_predictions_are_those_of_plain_keras_through_the_whole_base(
    photographs: harness.Dataset, weights: str, store: Path
) -> None:
    """One fold of a few photographs, the rows of each epoch in the documented order."""
    rows, epochs = np.arange(0, len(photographs.y), 4), 3
    few = replace(photographs, X=photographs.X[rows], y=photographs.y[rows])
    run = evaluated(few, weights, store, epochs)
    assert run.engine == "frozen"
    ours = run.predictions.query("fold == 0")
    train = np.setdiff1d(np.arange(few.n), ours["row"])
    pixels, codes = np.asarray(few.X), np.unique(few.y, return_inverse=True)[1]
    seeds = FoldSeeds(1, FoldKey(0, 0))
    keras.utils.set_random_seed(seeds.initial_state)
    model = vgg19_transfer((96, 96, 3), classes=4, **BASE, **HEAD, weights=weights)
    for order in itertools.islice(seeds.batch_orders(len(train)), epochs):
        model.fit(pixels[train[order]], codes[train[order]], batch_size=16, shuffle=False, verbose=0)
    expected = model.predict(pixels[ours["row"]], verbose=0)
    difference = np.abs(ours[[f"p[{label}]" for label in few.classes]].to_numpy() - expected).max()
    print(f"VGG16, {few.n} photographs, {epochs} epochs: predictions differ by {difference:.1e} at most")
    assert difference < 1e-4
