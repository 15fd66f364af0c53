"""Curves of one class against the rest, fold by fold, on a common grid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

GRID = np.linspace(0, 1, 101)
MOST_CLASSES = 6
Curve = Callable[[NDArray[np.bool_], NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True)
class Folds:
    """Truth and probability of one class on the test rows of each fold that has members of both sides.

    Attributes:
        label: The class.
        truth: For each fold (n,) whether a row is of the class.
        score: For each fold (n,) its probability.
    """

    label: Any
    truth: list[NDArray[np.bool_]]
    score: list[NDArray[np.float64]]

    @property
    def prevalence(self) -> float:
        """Share of the class among all rows."""
        return float(np.concatenate(self.truth).mean())

    def curves(self, curve: Curve) -> NDArray[np.float64]:
        """(folds, grid) a curve for each fold."""
        return np.array([curve(truth, score) for truth, score in zip(self.truth, self.score, strict=True)])


def some_classes(title: str, drawn: int, classes: Sequence[Any]) -> str:
    """The title of a figure, which says where it has no room for all classes.

    Example:
        >>> some_classes("net on digits", 6, range(10)), some_classes("net on sonar", 1, "MR")
        ('net on digits, 6 of 10 classes', 'net on sonar')
    """
    if len(classes) <= max(drawn, 2):
        return title
    return f"{title}, {drawn} of {len(classes)} classes".lstrip(", ")


def by_class(predictions: pd.DataFrame, classes: Sequence[Any]) -> list[Folds]:
    """The folds for the positive class of two, or for each of the first few classes."""
    chosen = [1] if len(classes) == 2 else range(min(len(classes), MOST_CLASSES))
    folds = [rows for _, rows in predictions.groupby(["repeat", "fold", "init"])]
    found = [_folds(folds, classes[code]) for code in chosen]
    return [each for each in found if each.truth]


def _folds(folds: Sequence[pd.DataFrame], label: Any) -> Folds:
    pairs = [((rows["y_true"] == label).to_numpy(), rows[f"p[{label}]"].to_numpy()) for rows in folds]
    both = [(truth, score) for truth, score in pairs if 0 < truth.sum() < len(truth)]
    return Folds(label, [truth for truth, _ in both], [score for _, score in both])


def counts(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """True and false positives at each threshold between different scores, from the highest down."""
    order = np.argsort(-score, kind="stable")
    last_of_ties = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)
    hits = np.cumsum(truth[order])[last_of_ties]
    return hits, last_of_ties + 1 - hits


def roc_curve(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> NDArray[np.float64]:
    """(grid,) true positive rate at each false positive rate of the grid.

    Example:
        >>> float(roc_curve(np.array([True, False]), np.array([0.9, 0.1]))[0])
        1.0
    """
    hits, misses = counts(truth, score)
    tpr, fpr = np.append(0, hits / hits[-1]), np.append(0, misses / misses[-1])
    # At a vertical step the curve passes through every height: the grid point there gets the highest.
    keep = np.append(np.flatnonzero(np.diff(fpr)), len(fpr) - 1)
    return np.asarray(np.interp(GRID, fpr[keep], tpr[keep]), dtype=np.float64)


def precision_curve(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> NDArray[np.float64]:
    """(grid,) precision at the highest threshold that reaches each recall of the grid.

    Precision is not interpolated between thresholds, where it does not run straight (Davis & Goadrich, The
    Relationship Between Precision-Recall and ROC Curves, ICML 2006).

    Example:
        >>> precision_curve(np.array([False, True]), np.array([0.9, 0.1]))[[0, 100]].tolist()
        [0.5, 0.5]
    """
    hits, misses = counts(truth, score)
    positive = hits > 0
    recall = hits[positive] / hits[-1]
    precision = hits[positive] / (hits + misses)[positive]
    return np.asarray(precision[np.searchsorted(recall, GRID - 1e-12)])


def area(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """Area under the ROC curve: how often a member of the class scores higher than another row.

    Example:
        >>> area(np.array([True, False, True]), np.array([0.9, 0.8, 0.1]))
        0.5
    """
    hits, misses = counts(truth, score)
    return float(np.trapezoid(np.append(0, hits / hits[-1]), np.append(0, misses / misses[-1])))


def average_precision(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """Average precision: precision at each threshold, weighted by the recall gained there.

    Example:
        >>> average_precision(np.array([True, False, True]), np.array([0.9, 0.8, 0.1])).__round__(4)
        0.8333
    """
    hits, misses = counts(truth, score)
    gained = np.diff(hits, prepend=0) / hits[-1]
    return float(np.sum(gained * hits / (hits + misses)))
