"""Splits of the caller's own: a scikit-learn splitter, or row numbers."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import ResamplingError
from harness.resampling.splits import Rows, Split, Splits, check_undivided


def custom_splits(cv: Any, X: Any, y: NDArray[Any], groups: NDArray[Any] | None = None) -> Splits:
    """Splits with any scikit-learn splitter, or takes a list of (train, test) row numbers as it is.

    A splitter that repeats (it has `n_repeats`) or whose test parts cover every row several times in equal shares
    is read as that many repeats.

    Raises:
        ResamplingError: A fold is empty, overlaps its training rows, divides a group, or names rows that do not
            exist.
    """
    pairs = _pairs(cv, X, y, groups)
    if not pairs:
        raise ResamplingError("The splitter gave no folds; at least one (train, test) pair is needed")
    n = len(y)
    checked = [_checked(i, train, test, n) for i, (train, test) in enumerate(pairs)]
    check_undivided(checked, groups)
    repeats = getattr(cv, "n_repeats", None) or _times_covered([test for _, test in checked], n)
    per_repeat = len(checked) // repeats
    splits = (Split(i // per_repeat, i % per_repeat, train, test) for i, (train, test) in enumerate(checked))
    return Splits(type(cv).__name__ if hasattr(cv, "split") else "custom", tuple(splits))


def _pairs(cv: Any, X: Any, y: NDArray[Any], groups: NDArray[Any] | None) -> list[tuple[Any, Any]]:
    if not hasattr(cv, "split") and not isinstance(cv, Iterable):
        raise ResamplingError(
            "cv is the name of a scheme, a scikit-learn splitter, or a list of (train, test) row numbers. "
            f"Received: {cv!r}; a number of folds is passed as folds"
        )
    try:
        # Whether groups that a splitter ignores come out divided is checked.
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="The groups parameter is ignored", category=UserWarning)
            return [(train, test) for train, test in (cv.split(X, y, groups) if hasattr(cv, "split") else cv)]
    except (TypeError, ValueError) as error:
        name = type(cv).__name__
        raise ResamplingError(f"{name} gives no (train, test) pairs for these rows: {error}") from error


def _checked(index: int, train: Iterable[int], test: Iterable[int], n: int) -> tuple[Rows, Rows]:
    sides = [np.asarray(train), np.asarray(test)]
    for side in sides:
        if side.ndim != 1 or side.dtype.kind not in "iu" or not len(side):
            raise ResamplingError(f"Fold {index}: each side must be a non-empty list of row numbers")
        if side.min() < 0 or side.max() >= n:
            raise ResamplingError(f"Fold {index} names rows outside 0 to {n - 1}")
    if shared := np.intersect1d(sides[0], sides[1]).size:
        raise ResamplingError(f"Fold {index} has {shared} rows in both its training and its test part")
    return sides[0].astype(np.int64), sides[1].astype(np.int64)


def _times_covered(tests: list[Rows], n: int) -> int:
    counts = np.bincount(np.concatenate(tests), minlength=n)
    times = int(counts[0])
    if times < 2 or not (counts == times).all() or len(tests) % times:
        return 1
    first = np.concatenate(tests[: len(tests) // times])
    return times if len(np.unique(first)) == n == len(first) else 1
