"""Targets: which task they pose, and labels and values in their plain form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from harness.data.dataset import Task
from harness.errors import DataError

if TYPE_CHECKING:
    import numpy.typing as npt

MAX_CLASSES = 20
_EXACT = 2**53  # floats hold every whole number up to here


def infer_task(y: npt.NDArray[Any]) -> tuple[Task, str]:
    """Infers the task from the targets.

    The rule: several targets are regression; text or booleans are classification; whole numbers are
    classification where there are few of them: at most 20 distinct ones, and at most half as many as rows
    (two are always few enough). All else is regression. Two classes are binary, more are multiclass.

    Args:
        y: ``(n,)`` or ``(n, t)``, n ≥ 1, without missing values.

    Returns:
        The task, and the reason in one sentence.

    Example:
        >>> import numpy as np
        >>> infer_task(np.array([0, 1, 1, 0]))
        ('binary', 'task binary: the target has 2 distinct whole numbers')
        >>> infer_task(np.array([0.5, 1.25, 3.0]))[0]
        'regression'
    """
    import numpy as np

    if y.ndim > 1:
        return "regression", f"task regression: there are {y.shape[1]} targets"
    distinct = len(np.unique(y))
    if y.dtype.kind in "Ub":
        what = "text labels" if y.dtype.kind == "U" else "booleans"
    elif not _are_whole(y):
        return "regression", "task regression: the target holds fractions"
    elif distinct > max(2, min(MAX_CLASSES, len(y) // 2)):
        return "regression", f"task regression: the target has {distinct} distinct numbers in {len(y)} rows"
    else:
        what = "distinct whole numbers"
    task: Task = "multiclass" if distinct > 2 else "binary"
    return task, f"task {task}: the target has {distinct} {what}"


def plain_target(y: Any, where: str) -> npt.NDArray[Any]:
    """Brings targets of any make into one of four dtypes: text, bool, int64 or float64.

    Args:
        y: Anything array-like, ``(n,)``, ``(n, 1)`` or ``(n, t)``.
        where: What messages call the data.

    Returns:
        An array ``(n,)`` or ``(n, t)`` with t ≥ 2.

    Raises:
        DataError: Wrong shape or dtype, or a missing value.
    """
    import numpy as np

    values = _as_array(y, where)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim not in (1, 2) or values.size == 0:
        raise DataError(
            f"{where}: y has shape {values.shape}; expected (n,) or (n, targets), at least one of each"
        )
    if values.dtype.kind == "O":
        values = _from_objects(values, where)
    if values.dtype.kind == "T":
        values = values.astype(str)
    if values.dtype.kind not in "Ubiuf":
        raise DataError(f"{where}: y has dtype {values.dtype}; expected text, whole numbers, booleans or floats")
    if values.dtype.kind == "f" and np.isnan(values).any():
        raise _missing(values, np.isnan(values), where)
    if values.dtype.kind == "i" or (values.dtype.kind == "u" and values.max() <= np.iinfo(np.int64).max):
        return values.astype(np.int64)
    return values if values.dtype.kind in "Ub" else values.astype(np.float64)


def check_labels(y: npt.NDArray[Any], task: Task, where: str) -> npt.NDArray[Any]:
    """Returns the labels of a classification, whole floats as integers.

    Raises:
        DataError: Several targets, fractions, one class only, or more than two where task is "binary".
    """
    import numpy as np

    if y.ndim > 1:
        raise DataError(f"{where}: {y.shape[1]} targets; {task} takes one, a one-hot matrix as y.argmax(axis=1)")
    if y.dtype.kind == "f":
        if not _are_whole(y):
            raise DataError(f"{where}: the target holds fractions, which are no labels; use task='regression'")
        y = y.astype(np.int64)
    classes = np.unique(y)
    if len(classes) == 1:
        raise DataError(
            f"{where}: every one of the {len(y)} rows has the label {classes[0].item()!r}; two are needed"
        )
    if task == "binary" and len(classes) > 2:
        raise DataError(f"{where}: {len(classes)} classes, {_some(classes)}; use task='multiclass'")
    return y


def check_values(y: npt.NDArray[Any], where: str) -> npt.NDArray[Any]:
    """Returns the targets of a regression as float64.

    Raises:
        DataError: Text, or an infinite value; the message names the row.
    """
    import numpy as np

    if y.dtype.kind == "U":
        raise DataError(f"{where}: the target holds text such as {y.flat[0].item()!r}; regression needs numbers")
    values = y.astype(np.float64)
    if np.isinf(values).any():
        row = int(np.argwhere(np.isinf(values))[0][0])
        raise DataError(f"{where}: the target is infinite at row {row} (counted from 0); leave the row out")
    return values


def _are_whole(y: npt.NDArray[Any]) -> bool:
    """Whether the numbers are whole, and small enough to stand for themselves as floats."""
    import numpy as np

    if y.dtype.kind in "biu":
        return True
    return bool((np.abs(y) < _EXACT).all() and (y == np.floor(y)).all())


def _as_array(y: Any, where: str) -> npt.NDArray[Any]:
    import numpy as np

    try:
        return np.asarray(y)
    except ValueError as error:
        raise DataError(f"{where}: y is no array: {error}") from None


def _from_objects(values: npt.NDArray[Any], where: str) -> npt.NDArray[Any]:
    """Objects that are all text, all booleans or all numbers, as such."""
    import numpy as np
    import pandas as pd

    missing = np.asarray(pd.isna(values))
    if missing.any():
        raise _missing(values, missing, where)
    kinds = {_kind(value) for value in values.ravel()}
    if kinds == {int, float}:
        kinds = {float}
    if len(kinds) != 1 or kinds == {object}:
        found = ", ".join(sorted({type(value).__name__ for value in values.ravel()}))
        raise DataError(
            f"{where}: y mixes or holds types that are no labels ({found}); use only text or only numbers"
        )
    try:
        return values.astype(kinds.pop())
    except OverflowError:
        return values.astype(np.float64)


def _kind(value: object) -> type:
    import numpy as np

    kinds: Sequence[tuple[tuple[type, ...], type]] = (
        ((str,), str),
        ((bool, np.bool_), bool),
        ((int, np.integer), int),
        ((float, np.floating), float),
    )
    return next((plain for types, plain in kinds if isinstance(value, types)), object)


def _missing(values: npt.NDArray[Any], missing: npt.NDArray[Any], where: str) -> DataError:
    import numpy as np

    row = int(np.argwhere(missing)[0][0])
    many = int(missing.sum())
    return DataError(f"{where}: {many} of {values.size} targets are missing, first at row {row} (counted from 0)")


def _some(classes: npt.NDArray[Any], most: int = 5) -> str:
    shown = ", ".join(repr(label) for label in classes[:most].tolist())
    return shown if len(classes) <= most else f"{shown}, …"
