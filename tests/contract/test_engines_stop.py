"""Both engines stop every tabular model of the zoo after the same epochs, and keep the same one as the best."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_classification

import harness
from zoo import get_spec

# On data of a size that early stopping needs more than a handful of epochs for.
X, Y = make_classification(240, 8, n_informative=5, flip_y=0.15, random_state=3)
EPOCHS = 200
CLASSIFIERS = (
    "sonar_baseline",
    "sonar_dropout",
    "sonar_dropout_hidden",
    "mammography_mlp",
    "pima_mlp",
    "mnist_softmax",
)
REGRESSORS = ("multi_output_mlp", "linear_regression")


def _evaluate(name: str, engine: str, store: Path) -> harness.Run:
    settings = {"early_stopping": 10, "checkpoint": "none", "folds": 3, "seed": 5}
    arguments: dict[str, Any] = {"epochs": EPOCHS, **settings}
    if name in CLASSIFIERS:
        arguments |= {"X": X.astype(np.float32), "y": np.where(Y > 0, "yes", "no")}
    return harness.evaluate(name, **arguments, engine=engine, store=store / engine)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*CLASSIFIERS, *REGRESSORS])
def test_the_engines_stop_at_the_same_epochs(name: str, tmp_path: Path) -> None:
    assert get_spec(name).name == name
    ours, theirs = (_evaluate(name, engine, tmp_path) for engine in ("vectorized", "fit"))
    assert min(len(each.history["loss"]) for each in theirs.histories.values()) < EPOCHS
    for key, history in theirs.histories.items():
        losses = ours.histories[key].history["val_loss"]
        assert len(losses) == len(history.history["val_loss"])
        assert int(np.argmin(losses)) == int(np.argmin(history.history["val_loss"]))
