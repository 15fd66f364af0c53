"""What a regressor does with each output: bias, mean absolute and root mean squared error with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.statistics.intervals import Interval, per_example_mean


@dataclass(frozen=True)
class OutputError:
    """Errors of one output, in the output's units, each with its interval over rows.

    Attributes:
        name: The output.
        n: Rows.
        bias: Mean of predicted minus true.
        bias_interval: None for fewer than two rows or equal errors, as the others.
        mae: Mean absolute error.
        mae_interval: Of the mean absolute error.
        rmse: Root mean squared error.
        rmse_interval: Roots of the limits of the mean squared error, the lower one at least 0.
    """

    name: str
    n: int
    bias: float
    bias_interval: Interval | None
    mae: float
    mae_interval: Interval | None
    rmse: float
    rmse_interval: Interval | None


def output_errors(
    truth: npt.ArrayLike, predicted: npt.ArrayLike, names: Sequence[str], level: float = 0.95
) -> list[OutputError]:
    """Errors of each output over the out-of-fold predictions of one repeat: each row once.

    Args:
        truth: (n, t) true numbers.
        predicted: (n, t) predicted numbers.
        names: t names of the outputs.
        level: Nominal coverage of the t intervals over independent rows.

    Example:
        >>> error = output_errors([[1.0], [2.0], [3.0]], [[2.0], [2.0], [5.0]], ["price"])[0]
        >>> error.bias, error.mae, round(error.rmse, 4)
        (1.0, 1.0, 1.291)
    """
    residuals = np.asarray(predicted, dtype=np.float64) - np.asarray(truth, dtype=np.float64)
    return [_output_error(name, residuals[:, column], level) for column, name in enumerate(names)]


def _output_error(name: str, residuals: npt.NDArray[np.float64], level: float) -> OutputError:
    return OutputError(
        name=name,
        n=len(residuals),
        bias=float(residuals.mean()),
        bias_interval=per_example_mean(residuals, level),
        mae=float(np.abs(residuals).mean()),
        mae_interval=per_example_mean(np.abs(residuals), level),
        rmse=float(np.sqrt((residuals**2).mean())),
        rmse_interval=_root(per_example_mean(residuals**2, level)),
    )


def _root(interval: Interval | None) -> Interval | None:
    if interval is None:
        return None
    low, high = float(np.sqrt(max(interval.low, 0.0))), float(np.sqrt(interval.high))
    return Interval(low, high, interval.level, interval.method)
