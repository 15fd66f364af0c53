"""Makes a data set of a CSV file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.data.arrays import from_arrays
from harness.data.columns import feature_column, group_column, target_column
from harness.data.csvfile import TextTable, read_table
from harness.data.dataset import Dataset, Task
from harness.data.roles import DUPLICATES, assign_roles

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd


def from_csv(
    path: str | os.PathLike[str],
    target: str | int | Sequence[str | int],
    *,
    task: Task | None = None,
    groups: str | int | None = None,
    leave_out: Sequence[str | int] = (),
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
        leave_out: Columns that are no features, such as the name of a row, by name or position.
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
    hint = "" if table.has_header else f" (line {table.lines[0]} holds a number, so the file has no header)"
    roles = assign_roles(table.names, table.path, target, groups, leave_out, hint)
    return from_arrays(
        _feature_matrix(table, roles.features),
        _target_matrix(table, roles.targets, task),
        task=task,
        groups=group_column(table, roles.group) if roles.group else (DUPLICATES if groups else None),
        name=name or Path(path).name.split(".")[0] or "data",
        feature_names=roles.features,
        target_names=roles.targets,
        where=table.path,
    )


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
