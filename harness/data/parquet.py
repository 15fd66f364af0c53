"""Makes a data set of a Parquet file."""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.data.arrays import from_arrays
from harness.data.dataset import Dataset, Task
from harness.data.roles import DUPLICATES, assign_roles
from harness.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

_MOST_CELLS = 2**28  # a few bytes may stand for millions of equal cells


def from_parquet(
    path: str | os.PathLike[str],
    target: str | int | Sequence[str | int],
    *,
    task: Task | None = None,
    groups: str | int | None = None,
    leave_out: Sequence[str | int] = (),
    name: str | None = None,
) -> Dataset:
    """Makes a data set of a Parquet file, such as `harness features` writes, and checks it.

    Numbers keep their precision. Columns of text are categorical. Needs pyarrow.

    Args:
        path: The file.
        target: The column to predict, by name or position (0 is the first, -1 the last); several for a
            regression with several targets.
        task: "binary", "multiclass" or "regression"; None infers it by the rule of `infer_task`.
        groups: A column, by name or position: rows of equal value stay on one side of a split, and the column
            is no feature. Or "duplicates": rows with equal features.
        leave_out: Columns that are no features, such as the name of a row, by name or position.
        name: What messages and runs call the data; None: the file's name without its endings.

    Raises:
        DataError: Anything about the file that cannot be used.

    Example:
        >>> from_parquet("features.parquet", "label", groups="group", leave_out=["file"])  # doctest: +SKIP
        Dataset('features', multiclass, 360 rows × 512, classes 'orange' 90, …)
    """
    where = os.fspath(path)
    table = _read(Path(path), where)
    roles = assign_roles([str(column) for column in table.columns], where, target, groups, leave_out)
    targets = table[roles.targets]
    return from_arrays(
        _features(table[roles.features]),
        targets.iloc[:, 0] if len(roles.targets) == 1 else targets,
        task=task,
        groups=_texts(table[roles.group]) if roles.group else (DUPLICATES if groups else None),
        name=name or Path(path).name.split(".")[0] or "data",
        feature_names=roles.features,
        target_names=roles.targets,
        where=where,
    )


def _features(table: pd.DataFrame) -> Any:
    """Plain numbers as one array, which spares thousands of columns one by one."""
    import numpy as np

    plain = all(isinstance(dtype, np.dtype) and dtype.kind in "biuf" for dtype in table.dtypes)
    return table.to_numpy() if plain else table


def _texts(column: pd.Series[Any]) -> pd.Series[Any]:
    """Group names as a CSV file has them, so that the same groups make the same folds."""
    return column if column.isna().any() else column.astype(str)


def _read(path: Path, where: str) -> pd.DataFrame:
    if importlib.util.find_spec("pyarrow") is None:
        raise DataError(
            f"{where} cannot be read without pyarrow; pip install 'keras-zoo-harness[parquet]', or pass a .csv"
        )
    if not path.is_file():
        raise DataError(f"{where} does not exist; expected a Parquet file")
    parquet: Any = importlib.import_module("pyarrow.parquet")
    try:
        with path.open("rb") as stream:
            file = parquet.ParquetFile(stream)
            rows, columns = file.metadata.num_rows, file.metadata.num_columns
            if rows * columns > _MOST_CELLS:
                raise DataError(
                    f"{where} claims to hold {rows} rows × {columns}; expected {_MOST_CELLS} cells at most"
                )
            table: pd.DataFrame = file.read().to_pandas()
    except DataError:
        raise
    except Exception as error:  # Arrow raises what it likes on broken files
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise DataError(f"{where} cannot be read: {reason}; expected a Parquet file") from None
    return table
