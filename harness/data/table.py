"""Makes a data set of a CSV file."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.data.arrays import from_arrays
from harness.data.columns import feature_column, group_column, target_column
from harness.data.csvfile import TextTable, read_table
from harness.data.dataset import Dataset, Task
from harness.errors import DataError, unknown_name_message

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd


def from_csv(
    path: str | os.PathLike[str],
    target: str | int | Sequence[str | int],
    *,
    task: Task | None = None,
    groups: str | int | None = None,
    name: str | None = None,
    columns: Sequence[str] = (),
) -> Dataset:
    """Makes a data set of a CSV file, plain or gzip-compressed, and checks it.

    Commas, semicolons and tabs separate cells; white space around them is dropped. The first line is the
    header unless one of its cells is a number. Empty cells, ``?``, ``NA``, ``N/A``, ``NaN``, ``null`` and the
    like are missing. A feature is numeric if all its cells are, else categorical.

    Args:
        path: The file, UTF-8.
        target: The column to predict, by name or position (0 is the first, -1 the last); several for a
            regression with several targets.
        task: "binary", "multiclass" or "regression"; None infers it by the rule of `infer_task`.
        groups: A column, by name or position: rows of equal value stay on one side of a split, and the column
            is no feature. Or "duplicates": rows with equal features.
        name: What messages and runs call the data; None: the file's name without its endings.
        columns: Names for the columns of a file without a header; empty: x0, x1, …

    Returns:
        The data set. Labels are text or integers, as in the file; a DataFrame holds the features only where
        some are categorical.

    Raises:
        DataError: Anything about the file that cannot be used; the message names the line, column or byte.

    Example:
        >>> import pathlib, tempfile
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "rows.csv"
        >>> _ = file.write_text("width,height,kind\\n1,2,a\\n3,4,b\\n5,6,b\\n")
        >>> from_csv(file, "kind")
        Dataset('rows', binary, 3 rows × 2, classes 'a' 1, 'b' 2)
    """
    table = read_table(path, tuple(columns))
    targets = _targets(table, target)
    by_duplicates = groups == "duplicates" and "duplicates" not in table.names
    group = None if groups is None or by_duplicates else _find(table, groups, "group")
    features = [column for column in table.names if column not in (*targets, group)]
    _check_roles(table, targets, group, features)
    return from_arrays(
        _feature_matrix(table, features),
        _target_matrix(table, targets, task),
        task=task,
        groups="duplicates" if by_duplicates else group_column(table, group) if group else None,
        name=name or Path(path).name.split(".")[0] or "data",
        feature_names=features,
        target_names=targets,
        where=table.path,
    )


def _targets(table: TextTable, target: str | int | Sequence[str | int]) -> list[str]:
    wanted = [target] if isinstance(target, str | int) else list(target)
    if not wanted:
        raise DataError(f"{table.path}: no target given; name one of {', '.join(table.names)}")
    return [_find(table, column, "target") for column in wanted]


def _find(table: TextTable, column: str | int, role: str) -> str:
    """The name of a column given by name or position."""
    if column in table.names:
        return str(column)
    try:
        return table.names[int(column)]
    except (ValueError, IndexError):
        message = unknown_name_message(f"{role} column", str(column), _nearest(str(column), table.names))
        hint = "" if table.has_header else f" (line {table.lines[0]} holds a number, so the file has no header)"
        raise DataError(f"{table.path}: {message}{hint}") from None


def _nearest(name: str, names: Sequence[str], most: int = 30) -> Sequence[str]:
    """The names worth showing: all of them, or those most like the one that was asked for."""
    return names if len(names) <= most else difflib.get_close_matches(name, names, n=most, cutoff=0.0)


def _check_roles(table: TextTable, targets: list[str], group: str | None, features: list[str]) -> None:
    if len(set(targets)) < len(targets):
        raise DataError(f"{table.path}: a target is named twice in {', '.join(targets)}")
    if group in targets:
        raise DataError(f"{table.path}: column {group!r} cannot be both target and group")
    if not features:
        raise DataError(f"{table.path}: no feature column is left beside {', '.join(targets)}; wrong delimiter?")


def _feature_matrix(table: TextTable, names: list[str]) -> npt.NDArray[Any] | pd.DataFrame:
    import numpy as np
    import pandas as pd

    columns = {name: feature_column(table, name) for name in names}
    if all(column.dtype.kind == "f" for column in columns.values()):
        return np.column_stack(list(columns.values()))
    return pd.DataFrame({name: pd.Series(column, dtype=column.dtype) for name, column in columns.items()})


def _target_matrix(table: TextTable, names: list[str], task: Task | None) -> npt.NDArray[Any]:
    import numpy as np

    labels = False if len(names) > 1 and task is None else None if task is None else task != "regression"
    columns = [target_column(table, name, labels=labels) for name in names]
    return columns[0] if len(columns) == 1 else np.column_stack(columns)
