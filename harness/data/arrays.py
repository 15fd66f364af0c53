"""Makes a data set of features and targets that are already in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from harness.data.dataset import TASKS, Dataset, Task, is_frame
from harness.data.duplicates import duplicate_groups
from harness.data.features import column_names, plain_features
from harness.data.labels import check_labels, check_values, infer_task, plain_target
from harness.errors import DataError, UnknownNameError, unknown_name_message

if TYPE_CHECKING:
    import numpy.typing as npt


def from_arrays(
    X: Any,
    y: Any,
    *,
    task: Task | None = None,
    groups: Any = None,
    name: str = "data",
    feature_names: Sequence[str] | None = None,
    target_names: Sequence[str] | None = None,
    where: str | None = None,
) -> Dataset:
    """Makes a data set of features and targets, NumPy or pandas, and checks it.

    Args:
        X: ``(n, …)`` real numbers, or a DataFrame ``(n, p)``; NaN is a missing value. Text, string, object
            and categorical columns of a DataFrame are kept as categorical ones.
        y: ``(n,)`` labels or numbers; ``(n, t)`` numbers for several targets.
        task: "binary", "multiclass" or "regression"; None infers it by the rule of `infer_task`.
        groups: ``(n,)`` values; rows of equal value stay on one side of a split. Or the name of a column of X,
            which is then no feature any more. Or "duplicates": rows with equal features.
        name: What messages and runs call the data.
        feature_names: One name a column; None: the DataFrame's own, or x0, x1, …
        target_names: One name a target; None: the pandas names, or y (y0, y1, …).
        where: What error messages call the data; None: its name.

    Returns:
        The data set, holding copies; ``notes`` says how the task was inferred.

    Raises:
        DataError: Anything about the data that cannot be used; the message names row, column or class.

    Example:
        >>> import numpy as np
        >>> data = from_arrays(np.eye(4), ["no", "yes", "no", "yes"])
        >>> data.task, data.classes, data.feature_names
        ('binary', ('no', 'yes'), ('x0', 'x1', 'x2', 'x3'))
    """
    where = where or name
    _check_alignment(X, y, where)
    X, groups = _take_group_column(X, groups, where)
    features = plain_features(X, where)
    target, decided, notes = _target(y, task, where)
    if len(features) != len(target):
        raise DataError(f"{where}: X has {len(features)} rows, y has {len(target)}; they must be equally many")
    return Dataset(
        name=name,
        X=features,
        y=target,
        task=decided,
        feature_names=_names(feature_names, column_names(X if is_frame(X) else features), where, "feature"),
        target_names=_names(target_names, _target_names(y, target), where, "target"),
        groups=None if groups is None else _groups(groups, features, where),
        notes=notes,
    )


def _target(y: Any, task: Task | None, where: str) -> tuple[npt.NDArray[Any], Task, tuple[str, ...]]:
    """The checked target, its task, and why if that was inferred."""
    if task not in (None, *TASKS):
        raise UnknownNameError("task", str(task), TASKS)
    target = plain_target(y, where)
    decided, reason = (task, "") if task else infer_task(target)
    target = check_values(target, where) if decided == "regression" else check_labels(target, decided, where)
    target = target.copy()
    target.setflags(write=False)
    return target, decided, (reason,) if reason else ()


def _check_alignment(X: Any, y: Any, where: str) -> None:
    """Two pandas indices with the same rows in another order would pair features with foreign targets."""
    if not is_frame(X) or not hasattr(y, "index") or callable(y.index) or X.index.equals(y.index):
        return
    if len(X) == len(y) and set(X.index) == set(y.index):
        raise DataError(
            f"{where}: the indices of X and y hold the same rows in another order; pass y.loc[X.index]"
        )


def _take_group_column(X: Any, groups: Any, where: str) -> tuple[Any, Any]:
    if not isinstance(groups, str):
        return X, groups
    names = column_names(X) if is_frame(X) else ()
    if groups in names:
        at = names.index(groups)
        return X.iloc[:, [i for i in range(len(names)) if i != at]], X.iloc[:, at]
    if groups != "duplicates":
        raise DataError(f"{where}: {unknown_name_message('group column', groups, [*names, 'duplicates'])}")
    return X, groups


def _groups(groups: Any, features: Any, where: str) -> npt.NDArray[Any]:
    import numpy as np
    import pandas as pd

    if isinstance(groups, str):
        return duplicate_groups(features)
    values = np.asarray(groups)
    if values.shape != (len(features),):
        raise DataError(f"{where}: groups has shape {values.shape}; expected ({len(features)},), one a row")
    missing = np.asarray(pd.isna(values))
    if missing.any():
        raise DataError(f"{where}: the group of row {int(missing.argmax())} (counted from 0) is missing")
    return values.astype(str) if values.dtype.kind == "O" else values.copy()


def _target_names(y: Any, target: npt.NDArray[Any]) -> tuple[str, ...]:
    if is_frame(y):
        return tuple(str(name) for name in y.columns)
    if target.ndim == 2:
        return tuple(f"y{i}" for i in range(target.shape[1]))
    name = getattr(y, "name", None)
    return ("y" if name is None else str(name),)


def _names(given: Sequence[str] | None, own: tuple[str, ...], where: str, what: str) -> tuple[str, ...]:
    if given is None:
        return own
    if len(given) != len(own):
        raise DataError(f"{where}: {len(given)} {what} names for {len(own)} {what}s")
    return tuple(given)
