"""The rows of every fold, and their fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import ResamplingError

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """The rows of one fold; `repeat` and `fold` count from 0."""

    repeat: int
    fold: int
    train: Rows
    test: Rows


@dataclass(frozen=True)
class Splits:
    """Every fold of an evaluation.

    Attributes:
        scheme: The name of the scheme, or of the scikit-learn class.
        splits: In repeat-fold order.
        notes: What the reader of the result should know of how the rows were split.
    """

    scheme: str
    splits: tuple[Split, ...]
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Split]:
        return iter(self.splits)

    def __len__(self) -> int:
        return len(self.splits)

    @property
    def repeats(self) -> int:
        """How often the whole data set was split."""
        return len({split.repeat for split in self.splits})

    @property
    def folds(self) -> int:
        """Folds in a repeat."""
        return len(self.splits) // self.repeats

    @property
    def test_ratio(self) -> float:
        """Mean of test rows over training rows: the n_test/n_train of the corrected interval."""
        return float(np.mean([len(split.test) / len(split.train) for split in self.splits]))

    @property
    def train_rows(self) -> float:
        """Mean number of training rows; custom splits need not train on all that they do not test."""
        return float(np.mean([len(split.train) for split in self.splits]))

    @property
    def test_rows(self) -> float:
        """Mean number of test rows."""
        return float(np.mean([len(split.test) for split in self.splits]))

    def fingerprint(self, data_sha256: str) -> str:
        """SHA-256 of the data and all row numbers: runs with the same one can be compared fold by fold."""
        digest = hashlib.sha256(data_sha256.encode())
        for split in self.splits:
            for rows in (split.train, split.test):
                digest.update(len(rows).to_bytes(8, "little"))
                digest.update(np.ascontiguousarray(rows, dtype="<i8").tobytes())
        return digest.hexdigest()


def check_undivided(pairs: Iterable[tuple[Rows, Rows]], groups: NDArray[Any] | None) -> None:
    """Refuses splits that have rows of one group on both sides.

    Raises:
        ResamplingError: Naming the fold and the group.
    """
    if groups is None:
        return
    for number, (train, test) in enumerate(pairs):
        divided = np.intersect1d(groups[train], groups[test])
        if divided.size:
            raise ResamplingError(
                f"Fold {number} has rows of group '{divided[0]}' on both sides; use a splitter that keeps groups "
                "together, such as cv='group'"
            )
