"""What every part of the harness works on: features, targets and what is known about them."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeGuard, get_args

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from harness.data.cards import Card
    from harness.data.image_rows import ImageRows

Task: TypeAlias = Literal["binary", "multiclass", "regression"]
TASKS: tuple[Task, ...] = get_args(Task)
Label: TypeAlias = str | int | bool


def is_frame(X: object) -> TypeGuard[pd.DataFrame]:
    """Whether X is a pandas DataFrame, without importing pandas to find out."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(X, pandas.DataFrame)


def is_images(X: object) -> TypeGuard[ImageRows]:
    """Whether X are images on disk, without importing what reads them to find out."""
    module = sys.modules.get("harness.data.image_rows")
    return module is not None and isinstance(X, module.ImageRows)


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Features, targets and what is known about them.

    `from_arrays`, `from_csv` and `load_dataset` build one and check it on the way; built directly, nothing
    is checked.

    Args:
        name: What messages and runs call it.
        X: Features, ``(n, …)`` float32 or float64; a DataFrame only where some columns are categorical;
            `ImageRows` where they are images on disk. Missing values are NaN.
        y: Targets. Classification: ``(n,)`` labels as they came (str, int or bool).
            Regression: ``(n,)`` or ``(n, t)`` float64.
        task: "binary", "multiclass" or "regression".
        feature_names: One name a column; empty where X is not two-dimensional.
        target_names: One name a target.
        groups: ``(n,)``, rows that must stay on one side of a split share a value; or None.
        parts: ``(n,)`` of "train", "val" and "test" where the data come split by their authors; or None.
        card: The data set's card, if it has one.
        notes: What was inferred on the way, one sentence each.

    Example:
        >>> import numpy as np
        >>> labels = np.array(["a", "b", "b", "b"])
        >>> Dataset("toy", np.zeros((4, 2)), labels, "binary", ("width", "height"), ("kind",))
        Dataset('toy', binary, 4 rows × 2, classes 'a' 1, 'b' 3)
    """

    name: str
    X: npt.NDArray[Any] | pd.DataFrame | ImageRows
    y: npt.NDArray[Any]
    task: Task
    feature_names: tuple[str, ...]
    target_names: tuple[str, ...]
    groups: npt.NDArray[Any] | None = None
    card: Card | None = None
    notes: tuple[str, ...] = ()
    parts: npt.NDArray[Any] | None = None

    @property
    def n(self) -> int:
        """The number of rows."""
        return len(self.X)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one row before any preprocessing."""
        return tuple(self.X.shape[1:])

    @property
    def classes(self) -> tuple[Label, ...]:
        """The labels, sorted; the last of two is the positive class. Empty for regression."""
        return tuple(self.class_counts)

    @cached_property
    def class_counts(self) -> dict[Label, int]:
        """How many rows each label has, sorted by label. Empty for regression."""
        import numpy as np

        if self.task == "regression":
            return {}
        labels, counts = np.unique(self.y, return_counts=True)
        return dict(zip(labels.tolist(), counts.tolist(), strict=True))

    @property
    def categorical(self) -> tuple[str, ...]:
        """The names of the columns that are not numeric."""
        if not is_frame(self.X):
            return ()
        return tuple(str(name) for name, dtype in self.X.dtypes.items() if dtype.kind != "f")

    @cached_property
    def sha256(self) -> str:
        """Hex digest of names, task, shapes, dtypes and every value: equal data, equal digest.

        The data set's own name is left out, so that a renamed copy is still the same data. Images on disk count
        by their files' bytes and the size they are read at; by their pixels where functions change those.
        """
        digest = hashlib.sha256()
        for part in self._parts():
            digest.update(part)
        return digest.hexdigest()

    def _parts(self) -> Iterator[bytes]:
        columns: list[Any] = [self.X]
        if is_frame(self.X):
            columns = [self.X.iloc[:, i].to_numpy() for i in range(self.X.shape[1])]
        arrays: list[Any] = [*columns, self.y]
        layout = [(array.shape, array.dtype.str) for array in arrays]
        yield json.dumps([self.feature_names, self.target_names, self.task, layout]).encode()
        yield from map(_content, arrays)

    def __repr__(self) -> str:
        shape = "×".join(map(str, self.input_shape))
        counts = ", ".join(f"{label!r} {count}" for label, count in self.class_counts.items())
        end = f"classes {counts}" if counts else f"{len(self.target_names)} target(s)"
        return f"Dataset({self.name!r}, {self.task}, {self.n} rows × {shape}, {end})"


def _content(array: Any) -> bytes:
    """The values as bytes; objects through JSON, since their bytes are addresses."""
    import numpy as np

    if is_images(array):
        return "".join(array.content_hashes()).encode()
    if array.dtype.hasobject:
        return json.dumps([None if value != value else str(value) for value in array.ravel()]).encode()
    return np.ascontiguousarray(array).tobytes()
