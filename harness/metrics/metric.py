"""What a metric is, and what it is computed from."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
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

    @property
    def is_constant(self) -> bool:
        """Whether rows of several classes are all said to be of one; never of a regression."""
        return self.task != "regression" and len(np.unique(self.codes)) == 1 < len(np.unique(self.truth))


@dataclass(frozen=True)
class Metric:
    """A number that says how good predictions are.

    Attributes:
        name: As printed.
        function: From predictions to a number; NaN where it is undefined on them.
        minimize: Whether less is better; None where nothing says so, as of most functions of a caller's own.
        range: Lowest and highest possible value.
        per_example: From predictions to (n,) values whose mean is the score, or None where there are none.
        proportion: Whether those values are 0 or 1, so that a Wilson interval applies.
        custom: Whether it is a caller's own, which cannot be found again by its name.
        pools: Whether it is a ratio of counts of labels, such as F1: counts summed over folds give another number
            than the mean over folds.
    """

    name: str
    function: Callable[[Predictions], float]
    minimize: bool | None = False
    range: tuple[float, float] = (0.0, 1.0)
    per_example: PerExample | None = None
    proportion: bool = False
    custom: bool = False
    pools: bool = False

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

    def pooled_score(self, folds: Sequence[Predictions]) -> float:
        """Scores the labels of several folds as if they were one; a fold's labels are by its own threshold.

        Args:
            folds: Predictions of classes, of the folds of one repeat and seed.

        Source: Forman & Scholz, Apples-to-Apples in Cross-Validation Studies, SIGKDD Explorations 12 (2010).

        Example:
            >>> from harness.metrics import METRICS
            >>> sure = np.array([[0.9, 0.1], [0.2, 0.8]])
            >>> folds = [Predictions("binary", np.array(truth), sure, ("M", "R")) for truth in ([0, 1], [1, 1])]
            >>> round(METRICS["f1"].pooled_score(folds), 4)  # one row missed, two found
            0.8
        """
        first = folds[0]
        labels = np.eye(len(first.classes))[np.concatenate([fold.codes for fold in folds])]
        truth = np.concatenate([fold.truth for fold in folds])
        return self.score(Predictions(first.task, truth, labels, first.classes))
