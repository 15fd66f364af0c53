"""Long pandas tables of a run: scores, histories, predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from harness.metrics import Metric
from harness.run.results import FoldResult, Results
from harness.seeds import FoldKey

Folds = Mapping[FoldKey, FoldResult]


def score_table(results: Results, metrics: Sequence[Metric]) -> pd.DataFrame:
    """One row a fold and metric: repeat, fold, init, metric, value (NaN where undefined)."""
    rows = [(*key, m.name, results.scores(m).folds[key]) for key in results.keys for m in metrics]
    return pd.DataFrame(rows, columns=["repeat", "fold", "init", "metric", "value"])


def history_table(folds: Folds, run_id: str) -> pd.DataFrame:
    """One row a fold, epoch (from 0) and metric: run, repeat, fold, init, epoch, metric, value."""
    columns = ["run", "repeat", "fold", "init", "epoch", "metric", "value"]
    series = [(key, name, values) for key, result in folds.items() for name, values in result.history.items()]
    if not series:
        return pd.DataFrame(columns=columns)
    lengths = [len(values) for _, _, values in series]
    keys = np.repeat(np.array([key for key, _, _ in series]), lengths, axis=0)
    return pd.DataFrame(
        {
            "run": run_id,
            **{name: keys[:, place] for place, name in enumerate(FoldKey._fields)},
            "epoch": np.concatenate([np.arange(length) for length in lengths]),
            "metric": np.repeat([name for _, name, _ in series], lengths),
            "value": np.concatenate([values for _, _, values in series]),
        }
    )[columns]


def prediction_table(folds: Folds, target_names: Sequence[str]) -> pd.DataFrame:
    """One row a test row, and for regression a target; see `Run.predictions`."""
    if not folds:
        return pd.DataFrame()
    # One frame, not one a fold: making 30 of them takes as long as drawing a figure.
    parts = [_columns(result, target_names) for result in folds.values()]
    keys = np.repeat(np.array(list(folds)), [len(part["row"]) for part in parts], axis=0)
    return pd.DataFrame(
        {
            **{name: keys[:, place] for place, name in enumerate(FoldKey._fields)},
            **{name: np.concatenate([part[name] for part in parts]) for name in parts[0]},
        }
    )


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
