"""What a classifier does with each class: pooled confusion matrix, precision and recall with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.statistics.intervals import Interval, wilson


@dataclass(frozen=True)
class ClassScore:
    """Precision and recall of one class.

    Attributes:
        label: The class.
        support: Rows of the class.
        predicted: Rows that were said to be of the class.
        recall: Share of its rows that were found; None without rows.
        recall_interval: Wilson interval over its rows.
        precision: Share of what was said to be of the class that is; None where nothing was.
        precision_interval: Wilson interval over what was said to be of the class.
    """

    label: Any
    support: int
    predicted: int
    recall: float | None
    recall_interval: Interval | None
    precision: float | None
    precision_interval: Interval | None


def confusion_matrix(truth: npt.ArrayLike, predicted: npt.ArrayLike, classes: int) -> npt.NDArray[np.int64]:
    """Counts rows by true and predicted class.

    Pass the out-of-fold predictions of all folds of one repeat and one seed: then every row counts once, and rows
    are independent as Wilson's interval wants them.

    Args:
        truth: (n,) codes of the true classes.
        predicted: (n,) codes of the predicted classes.
        classes: Number of classes, C.

    Returns:
        (C, C) counts, true classes down, predicted ones across.

    Example:
        >>> confusion_matrix([0, 0, 1, 1], [0, 1, 1, 1], classes=2).tolist()
        [[1, 1], [0, 2]]
    """
    codes = np.asarray(truth, dtype=np.int64) * classes + np.asarray(predicted, dtype=np.int64)
    return np.bincount(codes, minlength=classes * classes).reshape(classes, classes).astype(np.int64)


def class_scores(confusion: npt.ArrayLike, labels: Sequence[Any], level: float = 0.95) -> list[ClassScore]:
    """Precision and recall of each class with Wilson intervals.

    The interval describes the rows at hand, classified by models each trained on other rows; it does not include
    what another training set would change.

    Args:
        confusion: (C, C) counts, true classes down.
        labels: C labels.
        level: Nominal coverage.

    Source: Wilson, JASA 22 (1927).

    Example:
        >>> [score.recall for score in class_scores([[1, 1], [0, 2]], ["M", "R"])]
        [0.5, 1.0]
    """
    counts = np.asarray(confusion, dtype=np.int64)
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    return [
        _class_score(label, int(counts[code, code]), int(rows[code]), int(columns[code]), level)
        for code, label in enumerate(labels)
    ]


def _class_score(label: Any, right: int, support: int, predicted: int, level: float) -> ClassScore:
    return ClassScore(
        label=label,
        support=support,
        predicted=predicted,
        recall=right / support if support else None,
        recall_interval=wilson(right, support, level) if support else None,
        precision=right / predicted if predicted else None,
        precision_interval=wilson(right, predicted, level) if predicted else None,
    )
