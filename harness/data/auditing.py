"""What is noteworthy about a data set before anything is trained on it, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.data.dataset import Dataset, is_frame, is_images
from harness.data.duplicates import duplicate_groups

if TYPE_CHECKING:
    import numpy.typing as npt

IMBALANCE = 4.0  # the largest class has so many times the rows of the smallest
RARE = 10
FEW_ROWS = 50
MANY_CATEGORIES = 20


@dataclass(frozen=True)
class Finding:
    """Something noteworthy about the data.

    Args:
        code: Its name, such as "duplicate_rows".
        message: What was found, with counts; one sentence in one line.
        advice: What to do about it; one sentence in one line.
    """

    code: str
    message: str
    advice: str


def audit(dataset: Dataset) -> list[Finding]:
    """Looks for what makes a score misleading or a training fail.

    Args:
        dataset: The data; nothing is changed.

    Returns:
        Findings with the codes few_rows, wide, class_imbalance, rare_class, missing_values, constant_columns,
        many_categories, duplicate_rows, near_duplicates, contradicting_labels, sorted_by_class; empty if all is
        well. Images on disk are looked at as thumbnails.

    Example:
        >>> import numpy as np
        >>> from harness.data import from_arrays
        >>> data = from_arrays(np.arange(60.0).reshape(60, 1), np.repeat(["a", "b"], 30))
        >>> [finding.code for finding in audit(data)]
        ['sorted_by_class']
    """
    return [finding for check in _CHECKS for finding in check(dataset)]


def _few_rows(data: Dataset) -> Iterator[Finding]:
    if data.n < FEW_ROWS:
        yield Finding(
            "few_rows",
            f"Only {data.n} rows.",
            "Expect wide intervals; repeats reduce the noise of splitting, not that of the data.",
        )


def _wide(data: Dataset) -> Iterator[Finding]:
    if data.X.ndim == 2 and data.X.shape[1] > data.n:
        yield Finding(
            "wide",
            f"{data.X.shape[1]} features for {data.n} rows.",
            "A network can learn such data by heart; regularise, and select features inside the fold.",
        )


def _class_imbalance(data: Dataset) -> Iterator[Finding]:
    counts = data.class_counts
    if counts and max(counts.values()) >= IMBALANCE * min(counts.values()):
        largest, smallest = max(counts, key=counts.__getitem__), min(counts, key=counts.__getitem__)
        yield Finding(
            "class_imbalance",
            f"Class {smallest!r} has {counts[smallest]} of {data.n} rows; always answering {largest!r} "
            f"gives accuracy {counts[largest] / data.n:.3f}.",
            "Read balanced_accuracy, average_precision or mcc rather than accuracy; consider class weights.",
        )


def _rare_class(data: Dataset) -> Iterator[Finding]:
    rare = [f"{label!r} ({count})" for label, count in data.class_counts.items() if count < RARE]
    if rare:
        yield Finding(
            "rare_class",
            f"Fewer than {RARE} rows in class {_listed(rare)}.",
            "Use no more folds than the smallest class has rows, or merge classes.",
        )


def _missing_values(data: Dataset) -> Iterator[Finding]:
    if is_images(data.X):
        return
    missing = _missing(data)
    if missing.any():
        columns = [f"{name!r} ({count})" for name, count in _per_column(data, missing) if count]
        yield Finding(
            "missing_values",
            f"{int(missing.sum())} values are missing in {int(missing.any(axis=1).sum())} of {data.n} rows"
            + (f", in column {_listed(columns)}." if columns else "."),
            "Put `impute` into the preprocessing; it is fitted inside the fold.",
        )


def _constant_columns(data: Dataset) -> Iterator[Finding]:
    if data.X.ndim != 2:
        return
    constant = [repr(name) for name, column in _columns(data) if _is_constant(column)]
    if constant:
        yield Finding(
            "constant_columns",
            f"{len(constant)} of {data.X.shape[1]} columns hold one value only: {_listed(constant)}.",
            "Leave them out: they tell nothing.",
        )


def _many_categories(data: Dataset) -> Iterator[Finding]:
    categorical, many = data.categorical, max(MANY_CATEGORIES, data.n / 2)
    names = [repr(n) for n, column in _columns(data) if n in categorical and len(set(column.tolist())) > many]
    if names:
        yield Finding(
            "many_categories",
            f"More distinct values than half of the {data.n} rows in text column {_listed(names)}.",
            "Leave out what merely names the rows (`--leave-out COLUMN`): from it a network only learns the "
            "rows by heart.",
        )


def _duplicates(data: Dataset) -> Iterator[Finding]:
    import numpy as np

    groups = duplicate_groups(data.X)
    sizes = np.bincount(groups)
    repeated = sizes[sizes > 1]
    if len(repeated) and is_images(data.X):
        yield _near_duplicates(data, groups, repeated)
    elif len(repeated):
        yield Finding(
            "duplicate_rows",
            f"{int(repeated.sum())} of {data.n} rows share all features with another row, in "
            f"{_counted(len(repeated), 'set')} of copies; the largest has {int(repeated.max())} rows.",
            "Random folds test on copies of what was trained on; `--groups duplicates` keeps them together.",
        )
    if len(repeated) and data.classes:
        yield from _contradicting_labels(data, groups)


def _near_duplicates(data: Dataset, groups: npt.NDArray[Any], repeated: npt.NDArray[Any]) -> Finding:
    import numpy as np

    paths = data.X.paths[groups == np.bincount(groups).argmax()] if is_images(data.X) else ()
    files = [repr("/".join(Path(path).parts[-2:])) for path in paths]
    return Finding(
        "near_duplicates",
        f"{int(repeated.sum())} of {data.n} images look like another one, in "
        f"{_counted(len(repeated), 'set')} of near-duplicates; the largest: {_listed(files, 3)}.",
        "Random folds test on copies of what was trained on; `--groups duplicates` keeps them together.",
    )


def _contradicting_labels(data: Dataset, groups: npt.NDArray[Any]) -> Iterator[Finding]:
    """For classes only: a quantity measured twice may well differ."""
    import numpy as np

    labels = np.unique(data.y, return_inverse=True)[1]
    pairs = np.unique(np.column_stack([groups, labels]), axis=0)
    contradicting = np.flatnonzero(np.bincount(pairs[:, 0]) > 1)
    if len(contradicting):
        sizes = np.bincount(groups)[contradicting]
        members = labels[groups == contradicting[sizes.argmax()]]
        counts = ", ".join(f"{int((members == i).sum())} × {data.classes[i]!r}" for i in np.unique(members))
        yield Finding(
            "contradicting_labels",
            f"{int(sizes.sum())} rows in {_counted(len(sizes), 'set')} of {_equal(data)} have different labels; "
            f"the largest: {counts}.",
            "No model can be right on all of them: check the labels, and see `--groups duplicates`.",
        )


def _equal(data: Dataset) -> str:
    return "images that look alike" if is_images(data.X) else "equal features"


def _sorted_by_class(data: Dataset) -> Iterator[Finding]:
    import numpy as np

    if not data.classes or is_images(data.X):  # a folder a class: always sorted
        return
    changes = int((data.y[1:] != data.y[:-1]).sum())
    if changes == len(data.classes) - 1 < data.n - 1:
        tail = [repr(label) for label in np.unique(data.y[-max(1, data.n // 5) :]).tolist()]
        yield Finding(
            "sorted_by_class",
            f"The rows are sorted by class; the last fifth holds only {_listed(tail)}.",
            "Folds here are shuffled and stratified; Keras' validation_split would take the tail as it is.",
        )


_CHECKS: tuple[Callable[[Dataset], Iterator[Finding]], ...] = (
    _few_rows,
    _wide,
    _class_imbalance,
    _rare_class,
    _missing_values,
    _constant_columns,
    _many_categories,
    _duplicates,
    _sorted_by_class,
)


def _columns(data: Dataset) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    import numpy as np

    for i, name in enumerate(data.feature_names):
        yield name, data.X.iloc[:, i].to_numpy() if is_frame(data.X) else np.asarray(data.X)[:, i]


def _is_constant(column: npt.NDArray[Any]) -> bool:
    known = column[column == column]  # NaN differs from itself
    return len(known) > 0 and bool((known == known[0]).all())


def _missing(data: Dataset) -> npt.NDArray[Any]:
    """``(n, …)`` whether a value is missing, one row a data row."""
    import numpy as np

    if is_frame(data.X):
        return np.asarray(data.X.isna())
    missing: npt.NDArray[Any] = np.isnan(np.asarray(data.X).reshape(data.n, -1))
    return missing


def _per_column(data: Dataset, missing: npt.NDArray[Any]) -> Iterator[tuple[str, int]]:
    return zip(data.feature_names, missing.sum(axis=0).tolist(), strict=False)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _listed(items: list[str], most: int = 5) -> str:
    shown = ", ".join(items[:most])
    return shown if len(items) <= most else f"{shown} and {len(items) - most} more"
