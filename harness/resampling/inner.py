"""The inner validation part: what callbacks may watch, cut from a fold's training rows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.data.dataset import Task
from harness.errors import ResamplingError
from harness.resampling.splits import Rows
from harness.resampling.strata import small_strata_allowed, strata_of


def inner_split(
    rows: Rows, y: NDArray[Any], task: Task, groups: NDArray[Any] | None, share: float, seed: int
) -> tuple[Rows, Rows]:
    """Splits a fold's training rows into those that are fitted and those that callbacks may watch.

    Stratified by class or by binned target, grouped where `groups` are given.

    Args:
        rows: (m,) row numbers of the fold's training part.
        y: (n,) or (n, t) targets of the whole data set; only those of `rows` are looked at.
        task: What `y` is.
        groups: (n,) groups or None.
        share: Share of `rows` for validation, in (0, 1).
        seed: Seed of the shuffling.

    Returns:
        Row numbers to fit, row numbers to validate, both sorted.

    Raises:
        ResamplingError: Too few rows, groups, or members of a class.
    """
    from sklearn import model_selection as ms

    strata = _strata(y[rows], task, min(share, 1 - share))
    if groups is None:
        splitter: Any = ms.StratifiedShuffleSplit(n_splits=1, test_size=share, random_state=seed)
    else:
        # One fold of a stratified grouped k-fold: scikit-learn has no stratified grouped shuffle split.
        folds = min(max(2, round(1 / share)), len(np.unique(groups[rows])))
        splitter = ms.StratifiedGroupKFold(max(folds, 2), shuffle=True, random_state=seed)
    try:
        with small_strata_allowed():
            fit, val = next(splitter.split(rows, strata, None if groups is None else groups[rows]))
    except ValueError as error:
        raise ResamplingError(
            f"No inner validation part of {share:g} of {len(rows)} rows: {error}; a greater inner_val may do, and "
            "inner_val=0 without early stopping needs none"
        ) from error
    return np.sort(rows[fit]), np.sort(rows[val])


def _strata(y: NDArray[Any], task: Task, smaller: float) -> NDArray[Any]:
    """Classes, or bins of numbers that are few enough for the smaller part to hold a row of each."""
    if task == "regression" and len(y) * smaller < 2:
        return np.zeros(len(y), dtype=np.int64)
    return strata_of(y, task, math.ceil(1 / smaller))[0]
