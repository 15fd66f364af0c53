"""Long pandas tables of a run: scores, histories, predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from harness.metrics import Metric
from harness.run.results import FoldResult
from harness.seeds import FoldKey

Folds = Mapping[FoldKey, FoldResult]


def score_table(folds: Folds, metrics: Sequence[Metric]) -> pd.DataFrame:
    """One row a fold and metric: repeat, fold, init, metric, value (NaN where undefined)."""
    rows = [
        (*key, metric.name, metric.score(result.predictions))
        for key, result in folds.items()
        for metric in metrics
    ]
    return pd.DataFrame(rows, columns=["repeat", "fold", "init", "metric", "value"])


def history_table(folds: Folds, run_id: str) -> pd.DataFrame:
    """One row a fold, epoch (from 0) and metric: run, repeat, fold, init, epoch, metric, value."""
    columns = ["run", "repeat", "fold", "init", "epoch", "metric", "value"]
    parts = [
        pd.DataFrame({"epoch": np.arange(len(values)), "metric": name, "value": values}).assign(
            run=run_id, repeat=key.repeat, fold=key.fold, init=key.init
        )
        for key, result in folds.items()
        for name, values in result.history.items()
    ]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def prediction_table(folds: Folds, target_names: Sequence[str]) -> pd.DataFrame:
    """One row a test row, and for regression a target; see `Run.predictions`."""
    parts = [
        pd.DataFrame({"repeat": key.repeat, "fold": key.fold, "init": key.init, **_columns(result, target_names)})
        for key, result in folds.items()
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _columns(result: FoldResult, target_names: Sequence[str]) -> dict[str, Any]:
    predicted = result.predictions
    if predicted.task == "regression":
        return {
            "row": np.repeat(result.rows, len(target_names)),
            "target": np.tile(np.asarray(target_names), len(result.rows)),
            "y_true": predicted.truth.ravel(),
            "y_pred": predicted.values.ravel(),
        }
    labels = np.asarray(predicted.classes)
    return {
        "row": result.rows,
        "y_true": labels[predicted.truth],
        "y_pred": labels[predicted.codes],
        **{f"p[{label}]": predicted.values[:, code] for code, label in enumerate(predicted.classes)},
    }
