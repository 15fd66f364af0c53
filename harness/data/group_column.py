"""Groups named by a column of a data set that is ready made."""

from __future__ import annotations

import dataclasses
from typing import Any

from harness.data.dataset import Dataset, is_frame, is_images
from harness.errors import UnknownNameError


def take_group_column(dataset: Dataset, column: str) -> Dataset:
    """Makes of a feature the groups of a data set: it tells which rows belong together, and nothing else any more.

    Args:
        dataset: The data, with named columns.
        column: One of its features.

    Returns:
        A data set without that feature, its values as groups.

    Raises:
        UnknownNameError: No column of that name.

    Example:
        >>> from harness.data import load_dataset
        >>> data = take_group_column(load_dataset("linnerud"), "Chins")
        >>> data.feature_names, len(set(data.groups.tolist()))
        (('Situps', 'Jumps'), 12)
    """
    import numpy as np

    names = dataset.feature_names
    if column not in names or is_images(dataset.X):
        raise UnknownNameError("group column", column, ["duplicates", *names])
    at = names.index(column)
    kept = [i for i in range(len(names)) if i != at]
    values = dataset.X.iloc[:, at] if is_frame(dataset.X) else dataset.X[:, at]
    X: Any = dataset.X.iloc[:, kept] if is_frame(dataset.X) else dataset.X[:, kept]
    return dataclasses.replace(
        dataset,
        X=X,
        feature_names=tuple(names[i] for i in kept),
        groups=np.unique(np.asarray(values).astype(str), return_inverse=True)[1],
    )
