"""What a metric is, and what it is computed from."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.data.dataset import Task

PerExample = Callable[["Predictions"], NDArray[np.float64]]


@dataclass(frozen=True)
class Predictions:
    """What a model said of some rows, beside what is true.

    Attributes:
        task: What is predicted.
        truth: (n,) codes of the true classes, or (n, t) true numbers.
        values: (n, C) class probabilities, or (n, t) predicted numbers.
        classes: Original labels, () for regression.
        threshold: Of two classes: from which probability on a row is called positive. None calls every row by its
            most probable class.
    """

    task: Task
    truth: NDArray[Any]
    values: NDArray[np.float64]
    classes: tuple[Any, ...] = ()
    threshold: float | None = None

    @property
    def codes(self) -> NDArray[np.int64]:
        """(n,) predicted class codes: by threshold, else the most probable; of two at a tie the negative one."""
        if self.threshold is not None:
            return np.asarray(self.values[:, 1] >= self.threshold, dtype=np.int64)
        return np.asarray(np.argmax(self.values, axis=1), dtype=np.int64)

    @property
    def has_all_classes(self) -> bool:
        """Whether every class occurs among the true labels."""
        return len(np.unique(self.truth)) == len(self.classes)


@dataclass(frozen=True)
class Metric:
    """A number that says how good predictions are.

    Attributes:
        name: As printed.
        function: From predictions to a number; NaN where it is undefined on them.
        minimize: Whether less is better.
        range: Lowest and highest possible value.
        per_example: From predictions to (n,) values whose mean is the score, or None where there are none.
        proportion: Whether those values are 0 or 1, so that a Wilson interval applies.
        custom: Whether it is a caller's own, which cannot be found again by its name.
    """

    name: str
    function: Callable[[Predictions], float]
    minimize: bool = False
    range: tuple[float, float] = (0.0, 1.0)
    per_example: PerExample | None = None
    proportion: bool = False
    custom: bool = False

    def score(self, predictions: Predictions) -> float:
        """Scores predictions; NaN where the metric refuses them with a ValueError, as scikit-learn's do.

        Rows of one class only are refused so; that it works on the data as a whole, `check_metric` makes sure.

        Example:
            >>> from harness.metrics import METRICS
            >>> sure = np.array([[0.9, 0.1], [0.2, 0.8]])
            >>> METRICS["accuracy"].score(Predictions("binary", np.array([0, 0]), sure, ("M", "R")))
            0.5
        """
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=UserWarning, module="sklearn")
            try:
                return float(self.function(predictions))
            except ValueError:
                return float("nan")
