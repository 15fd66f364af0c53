"""Metrics of regressors, over all targets or one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.metrics.metric import Metric, Predictions


def _absolute(truth: NDArray[Any], values: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(np.mean(np.abs(truth - values), axis=1))


def _squared(truth: NDArray[Any], values: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(np.mean((truth - values) ** 2, axis=1))


def _mae(truth: NDArray[Any], values: NDArray[Any]) -> float:
    return float(np.mean(_absolute(truth, values)))


def _mse(truth: NDArray[Any], values: NDArray[Any]) -> float:
    return float(np.mean(_squared(truth, values)))


def _rmse(truth: NDArray[Any], values: NDArray[Any]) -> float:
    # As scikit-learn: the root for each output, then the mean over outputs.
    return float(np.mean(np.sqrt(np.mean((truth - values) ** 2, axis=0))))


def _r2(truth: NDArray[Any], values: NDArray[Any]) -> float:
    from sklearn.metrics import r2_score

    return float(r2_score(truth, values)) if len(truth) > 1 else float("nan")


PER_COLUMN: dict[str, Callable[[NDArray[Any], NDArray[Any]], float]] = {
    "mae": _mae,
    "mse": _mse,
    "r2": _r2,
    "rmse": _rmse,
}
_PER_ROW = {"mae": _absolute, "mse": _squared}
_ERROR_RANGE = (0.0, float("inf"))


def _regression(base: str, name: str, columns: slice) -> Metric:
    function, per_row = PER_COLUMN[base], _PER_ROW.get(base)

    def score(p: Predictions) -> float:
        return function(p.truth[:, columns], p.values[:, columns])

    def per_example(p: Predictions) -> NDArray[np.float64]:
        assert per_row is not None
        return per_row(p.truth[:, columns], p.values[:, columns])

    is_error = base != "r2"
    limits = _ERROR_RANGE if is_error else (-np.inf, 1.0)
    return Metric(name, score, is_error, limits, per_example if per_row else None)


def column_metric(base: str, column: int, target: str) -> Metric:
    """A metric of one target alone, named such as `mae[weight]`."""
    return _regression(base, f"{base}[{target}]", slice(column, column + 1))


REGRESSION: dict[str, Metric] = {base: _regression(base, base, slice(None)) for base in PER_COLUMN}
