"""The inner validation part: what callbacks may watch, cut from a fold's training rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.data.dataset import Task
from harness.errors import ResamplingError
from harness.resampling.splits import Rows
from harness.resampling.strata import strata_of


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
    """
    from sklearn import model_selection as ms

    strata, _ = strata_of(y[rows], task, 2)
    if groups is not None:
        # One fold of a stratified grouped k-fold: scikit-learn has no stratified grouped shuffle split.
        folds = min(max(2, round(1 / share)), len(np.unique(groups[rows])))
        splitter: Any = ms.StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
        fit, val = next(splitter.split(rows, strata, groups[rows]))
    else:
        splitter = ms.StratifiedShuffleSplit(n_splits=1, test_size=share, random_state=seed)
        try:
            fit, val = next(splitter.split(rows, strata))
        except ValueError as error:
            raise ResamplingError(f"No inner validation part of {share:g} of {len(rows)} rows: {error}") from error
    return np.sort(rows[fit]), np.sort(rows[val])
