"""Tables as runs give them, small enough to draw in a moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def history() -> pd.DataFrame:
    """Two folds of four epochs; the second stopped after three."""
    rows = [
        (0, fold, 0, epoch, name, value + 1 / (epoch + 1))
        for fold, epochs in ((0, 4), (1, 3))
        for epoch in range(epochs)
        for name, value in (("loss", 0.1), ("val_loss", 0.2), ("accuracy", 0.5))
    ]
    return pd.DataFrame(rows, columns=["repeat", "fold", "init", "epoch", "metric", "value"])


@pytest.fixture
def labelled() -> pd.DataFrame:
    """Predictions of two folds for the classes M and R."""
    return predictions_of(["M", "R"])


@pytest.fixture
def class_predictions() -> Callable[..., pd.DataFrame]:
    """Makes predictions for any classes."""
    return predictions_of


@pytest.fixture
def numbers() -> pd.DataFrame:
    """Predictions of two targets."""
    random = np.random.default_rng(0)
    frames = []
    for target in ("length", "width"):
        truth = random.normal(10, 3, 30)
        columns = {
            "row": np.arange(30),
            "target": target,
            "y_true": truth,
            "y_pred": truth + random.normal(0, 1, 30),
        }
        frames.append(pd.DataFrame({"repeat": 0, "fold": 0, "init": 0, **columns}))
    return pd.concat(frames, ignore_index=True)


def predictions_of(labels: list[Any], folds: int = 2, rows: int = 40) -> pd.DataFrame:
    """Predictions that are somewhat better than guessing."""
    random = np.random.default_rng(1)
    frames = []
    for fold in range(folds):
        codes = random.permutation(np.arange(rows) % len(labels))
        scores = np.exp(np.eye(len(labels))[codes] + random.normal(0, 1, (rows, len(labels))))
        shares = scores / scores.sum(axis=1, keepdims=True)
        columns = {f"p[{label}]": shares[:, code] for code, label in enumerate(labels)}
        truth = np.asarray(labels, dtype=object)[codes]
        frames.append(pd.DataFrame({"repeat": 0, "fold": fold, "init": 0, "y_true": truth, **columns}))
    return pd.concat(frames, ignore_index=True)
