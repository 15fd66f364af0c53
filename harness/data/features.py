"""Features of any make, as one float array, or as a DataFrame where some columns are categorical."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from harness.data.dataset import is_frame
from harness.errors import DataError

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd


def plain_features(X: Any, where: str) -> npt.NDArray[Any] | pd.DataFrame:
    """Copies features into their plain form.

    Args:
        X: ``(n, …)`` numbers, n ≥ 1, or a DataFrame. NaN is a missing value.
        where: What messages call the data.

    Returns:
        A read-only float32 or float64 array; or, where a DataFrame has text, string, object or categorical
        columns, a DataFrame of float64 columns and object columns of str, missing cells NaN.

    Raises:
        DataError: Wrong shape or dtype, or an infinite value; the message names row and column.
    """
    if hasattr(X, "toarray"):
        raise DataError(f"{where}: X is a sparse matrix; pass X.toarray()")
    if not is_frame(X):
        return _from_array(X, where)
    _check_size(X.shape, where)
    frame = _from_frame(X, where)
    if all(dtype.kind == "f" for dtype in frame.dtypes):
        return _frozen(frame.to_numpy(), where)
    _check_finite(frame.select_dtypes("number").to_numpy(), where)
    return frame


def column_names(X: Any) -> tuple[str, ...]:
    """The names of a DataFrame's columns, or x0, x1, … for a matrix; empty for more dimensions."""
    if is_frame(X):
        return tuple(str(name) for name in X.columns)
    return tuple(f"x{i}" for i in range(X.shape[1])) if X.ndim == 2 else ()


def _from_array(X: Any, where: str) -> npt.NDArray[Any]:
    import numpy as np

    try:
        values = np.asarray(X)
    except ValueError as error:
        raise DataError(f"{where}: X is no array: {error}") from None
    if values.ndim < 2:
        raise DataError(f"{where}: X has shape {values.shape}; expected (n, …): one feature as X.reshape(-1, 1)")
    _check_size(values.shape, where)
    if values.dtype.kind not in "biuf":
        hint = "; pass text columns in a pandas DataFrame" if values.dtype.kind in "OUST" else ""
        raise DataError(f"{where}: X has dtype {values.dtype}; expected real numbers{hint}")
    return _frozen(values, where)


def _check_size(shape: tuple[int, ...], where: str) -> None:
    if 0 in shape:
        raise DataError(f"{where}: X has shape {shape}; there must be at least one row and one feature")


def _frozen(values: npt.NDArray[Any], where: str) -> npt.NDArray[Any]:
    """A copy nobody writes to: the data set's digest is computed once."""
    import numpy as np

    dtype = np.float32 if np.result_type(values.dtype, np.float32) == np.float32 else np.float64
    copy = np.array(values, dtype=dtype, order="C")
    _check_finite(copy, where)
    copy.setflags(write=False)
    return copy


def _check_finite(values: npt.NDArray[Any], where: str) -> None:
    import numpy as np

    if np.isinf(values).any():
        row, *column = np.argwhere(np.isinf(values))[0].tolist()
        at = ", ".join(map(str, column))
        raise DataError(f"{where}: X is infinite at row {row}, column {at} (counted from 0); mend it or use NaN")


def _from_frame(X: pd.DataFrame, where: str) -> pd.DataFrame:
    import pandas as pd

    names = column_names(X)
    repeated, times = Counter(names).most_common(1)[0]
    if times > 1:
        raise DataError(f"{where}: X has {times} columns named {repeated!r}; names must differ")
    columns = {name: _column(X.iloc[:, i], f"{where}, column {name!r}") for i, name in enumerate(names)}
    return pd.DataFrame(columns)


def _column(column: pd.Series[Any], where: str) -> Any:
    """Floats, or an object Series of str."""
    import numpy as np
    import pandas as pd
    from pandas.api import types

    if isinstance(column.dtype, pd.CategoricalDtype | pd.StringDtype):
        return _texts(column)
    if types.is_object_dtype(column.dtype):
        return _from_objects(column, where)
    if not types.is_numeric_dtype(column.dtype) or types.is_complex_dtype(column.dtype):
        raise DataError(f"{where} has dtype {column.dtype}; expected numbers, text or categories")
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def _from_objects(column: pd.Series[Any], where: str) -> Any:
    import numpy as np
    from pandas.api import types

    kind = types.infer_dtype(column, skipna=True)
    if kind == "string":
        return _texts(column)
    if kind in ("integer", "floating", "mixed-integer-float", "decimal", "boolean", "empty"):
        return column.where(column.notna(), np.nan).astype(np.float64).to_numpy()
    found = ", ".join(sorted({type(value).__name__ for value in column[column.notna()]}))
    raise DataError(f"{where} holds values of types {found}; make them all numbers or all text")


def _texts(column: pd.Series[Any]) -> pd.Series[Any]:
    import numpy as np
    import pandas as pd

    values = [str(v) if known else np.nan for v, known in zip(column, column.notna(), strict=True)]
    return pd.Series(values, dtype=object)
