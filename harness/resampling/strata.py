"""What a stratified split keeps in proportion: classes, or bins of numbers."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.data.dataset import Task
from harness.errors import ResamplingError


def strata_of(y: NDArray[Any], task: Task, folds: int) -> tuple[NDArray[Any], list[str]]:
    """The stratum of each row, and a note where numbers had to be binned.

    Args:
        y: (n,) labels, or (n,) or (n, t) numbers; several targets are binned along their first principal
            component.
        task: What `y` is.
        folds: How many parts each stratum should reach into.
    """
    if task != "regression":
        return np.unique(y, return_inverse=True)[1], []
    bins = max(2, min(10, len(y) // max(folds, 2)))
    score = _principal_score(y)
    edges = np.unique(np.quantile(score, np.linspace(0, 1, bins + 1)[1:-1]))
    what = "the target" if y.ndim == 1 or y.shape[1] == 1 else "the first principal component of the targets"
    return np.searchsorted(edges, score), [f"Stratified on {what}, cut into {bins} bins of equal counts."]


def _principal_score(y: NDArray[Any]) -> NDArray[np.float64]:
    columns = y.reshape(len(y), -1).astype(np.float64)
    if columns.shape[1] == 1:
        return columns[:, 0]
    spread = columns.std(axis=0)
    scaled = (columns - columns.mean(axis=0)) / np.where(spread > 0, spread, 1)
    axis = np.linalg.svd(scaled, full_matrices=False)[2][0]
    return np.asarray(scaled @ axis)


@contextmanager
def small_strata_allowed() -> Iterator[None]:
    """Keeps scikit-learn from warning of strata with fewer rows than folds: what matters we have checked."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        yield


def check_class_counts(y: NDArray[Any], folds: int) -> None:
    """Refuses labels of which a class has fewer rows than there are folds.

    Raises:
        ResamplingError: Naming the class and its count.

    Example:
        >>> check_class_counts(np.array(["a", "a", "b"]), 2)
        Traceback (most recent call last):
        harness.errors.ResamplingError: Class 'b' has 1 row, fewer than the 2 folds; use fewer folds, ...
    """
    labels, counts = np.unique(y, return_counts=True)
    rarest = int(np.argmin(counts))
    if counts[rarest] < folds:
        rows = "1 row" if counts[rarest] == 1 else f"{counts[rarest]} rows"
        raise ResamplingError(
            f"Class '{labels[rarest]}' has {rows}, fewer than the {folds} folds; "
            f"use fewer folds, another scheme, or leave the class out"
        )
