"""Which rows have the same features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.data.dataset import is_frame, is_images

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from harness.data.image_rows import ImageRows


def duplicate_groups(X: npt.NDArray[Any] | pd.DataFrame | ImageRows) -> npt.NDArray[Any]:
    """Numbers the distinct rows, so that copies of a row share a number.

    As groups of a split they keep copies from lying on both sides, where a model is tested on what it was
    trained on.

    Args:
        X: ``(n, …)`` numbers, or a DataFrame of numeric and text columns. Missing values equal each other.
            Of images on disk those are copies that look alike: scaled, compressed anew, retouched a little.

    Returns:
        ``(n,)`` int64, numbered from 0 in the order of first appearance.

    Example:
        >>> import numpy as np
        >>> duplicate_groups(np.array([[1.0, np.nan], [2.0, 0.0], [1.0, np.nan]]))
        array([0, 1, 0])
    """
    import numpy as np

    if is_images(X):
        from harness.data.near_duplicates import near_duplicate_groups

        return near_duplicate_groups(X)
    values = _codes(X) if is_frame(X) else np.asarray(X).reshape(len(X), -1)
    values = np.ascontiguousarray(values + 0.0)  # -0.0 becomes 0.0, so that equal numbers have equal bytes
    values[np.isnan(values)] = np.nan
    rows = values.view(np.dtype((np.void, values.shape[1] * values.itemsize)))[:, 0]
    _, first, inverse = np.unique(rows, return_index=True, return_inverse=True)
    order = np.empty(len(first), dtype=np.int64)
    order[np.argsort(first)] = np.arange(len(first))
    return order[inverse]


def _codes(X: pd.DataFrame) -> npt.NDArray[Any]:
    """The columns as floats, text columns as the numbers of their distinct values."""
    import numpy as np
    import pandas as pd

    columns = [X.iloc[:, i] for i in range(X.shape[1])]
    numbers = [c.to_numpy(np.float64) if c.dtype.kind in "biuf" else pd.factorize(c)[0] for c in columns]
    return np.column_stack(numbers).astype(np.float64)
