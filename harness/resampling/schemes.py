"""Splitting schemes by name.

The splits themselves are scikit-learn's. `kfold` and `stratified` with one repeat are exactly `KFold` and
`StratifiedKFold` with `shuffle=True, random_state=seed`; with more repeats, `RepeatedKFold` and
`RepeatedStratifiedKFold` with that `random_state`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.data.dataset import Task
from harness.errors import ResamplingError, UnknownNameError
from harness.resampling.splits import Rows, Split, Splits, check_undivided
from harness.resampling.strata import check_class_counts, small_strata_allowed, strata_of
from harness.seeds import grouping_seed

SCHEMES = ("group", "holdout", "kfold", "leave_one_out", "stratified", "stratified_group")


@dataclass(frozen=True)
class Resampling:
    """A named scheme with its settings.

    Args:
        scheme: One of `SCHEMES`.
        folds: Folds in a repeat, at least 2 (ignored by hold-out and leave-one-out).
        repeats: How often to split anew, at least 1.
        test_size: Share of test rows of a hold-out split, in (0, 1).
        shuffle: False takes the rows in the order of the file; hold-out then tests on its tail, which is what
            Keras' `validation_split` does.
        seed: Seed of the shuffling.

    Raises:
        UnknownNameError: No such scheme.
        ResamplingError: A setting is out of its range.
    """

    scheme: str = "stratified"
    folds: int = 10
    repeats: int = 1
    test_size: float = 0.33
    shuffle: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        if self.scheme not in SCHEMES:
            raise UnknownNameError("splitting scheme", self.scheme, SCHEMES)
        if self.folds < 2:
            raise ResamplingError(f"There must be at least 2 folds. Received: folds={self.folds}")
        if self.repeats < 1:
            raise ResamplingError(f"There must be at least 1 repeat. Received: repeats={self.repeats}")
        if not 0 < self.test_size < 1:
            raise ResamplingError(f"test_size is a share between 0 and 1. Received: {self.test_size}")
        if self.repeats > 1 and (not self.shuffle or self.scheme == "leave_one_out"):
            raise ResamplingError(
                f"Repeats of an unshuffled split are all the same. Received: repeats={self.repeats}; use 1"
            )

    def split(self, y: NDArray[Any], task: Task, groups: NDArray[Any] | None = None) -> Splits:
        """Splits the rows of a data set.

        Args:
            y: (n,) labels or (n,) or (n, t) numbers.
            task: What `y` is; regression targets are binned where the scheme stratifies.
            groups: (n,) group of each row; rows of a group stay on one side of every split.

        Raises:
            ResamplingError: Too few rows, groups, or members of a class; the message names them.

        Example:
            >>> y = np.repeat(["M", "R"], 10)
            >>> splits = Resampling("stratified", folds=5, seed=7).split(y, "binary")
            >>> [sorted(y[split.test]) for split in splits][0]
            [np.str_('M'), np.str_('M'), np.str_('R'), np.str_('R')]
        """
        n = len(y)
        notes: list[str] = []
        strata = None
        if self.scheme.startswith("stratified"):
            strata, notes = strata_of(y, task, self.folds)
        elif self.scheme == "holdout" and self.shuffle and task != "regression":
            strata, notes = strata_of(y, task, 2)
        if "group" in self.scheme and groups is None:
            raise ResamplingError(f"The scheme '{self.scheme}' needs groups. Received: none; pass groups")
        if groups is not None and "group" not in self.scheme and self.scheme != "holdout":
            raise ResamplingError(
                f"The scheme '{self.scheme}' would split groups. Use 'group' or 'stratified_group'"
            )
        self._check_counts(n, groups)
        if strata is not None and task != "regression":
            check_class_counts(y, self._parts)
        try:
            with small_strata_allowed():
                pairs = list(self._pairs(n, strata, groups))
        except ValueError as error:
            raise ResamplingError(f"The scheme '{self.scheme}' cannot split {n} rows: {error}") from error
        check_undivided(pairs, groups)
        per_repeat = len(pairs) // self.repeats
        splits = (Split(i // per_repeat, i % per_repeat, train, test) for i, (train, test) in enumerate(pairs))
        return Splits(self.scheme, tuple(splits), tuple(notes))

    @property
    def _parts(self) -> int:
        return 2 if self.scheme in {"holdout", "leave_one_out"} else self.folds

    def _check_counts(self, n: int, groups: NDArray[Any] | None) -> None:
        if n < self._parts:
            raise ResamplingError(f"{self._parts} folds need at least as many rows. Received: {n} rows")
        if groups is not None and (count := len(np.unique(groups))) < self._parts:
            raise ResamplingError(f"{self._parts} folds need at least as many groups. Received: {count}")

    def _pairs(
        self, n: int, strata: NDArray[Any] | None, groups: NDArray[Any] | None
    ) -> Iterator[tuple[Rows, Rows]]:
        rows = np.zeros((n, 1))
        for splitter in self._splitters(strata is not None, groups is not None):
            for train, test in splitter.split(rows, strata, groups):
                yield train.astype(np.int64), test.astype(np.int64)

    def _splitters(self, stratify: bool, grouped: bool) -> list[Any]:
        from sklearn import model_selection as ms

        if self.scheme == "leave_one_out":
            return [ms.LeaveOneOut()]
        if self.scheme == "holdout":
            return [self._holdout(stratify, grouped)]
        if "group" in self.scheme:
            splitter = ms.StratifiedGroupKFold if stratify else ms.GroupKFold
            return [splitter(self.folds, **self._shuffled(repeat)) for repeat in range(self.repeats)]
        if self.repeats > 1:
            repeated = ms.RepeatedStratifiedKFold if stratify else ms.RepeatedKFold
            return [repeated(n_splits=self.folds, n_repeats=self.repeats, random_state=self.seed)]
        plain = ms.StratifiedKFold if stratify else ms.KFold
        random_state = self.seed if self.shuffle else None
        return [plain(self.folds, shuffle=self.shuffle, random_state=random_state)]

    def _shuffled(self, repeat: int) -> dict[str, Any]:
        if not self.shuffle:
            return {}
        seed = self.seed if self.repeats == 1 else grouping_seed(self.seed, repeat)
        return {"shuffle": True, "random_state": seed}

    def _holdout(self, stratify: bool, grouped: bool) -> Any:
        from sklearn import model_selection as ms

        if not self.shuffle:
            return _Tail(self.test_size)
        splitter = ms.GroupShuffleSplit if grouped else ms.StratifiedShuffleSplit if stratify else ms.ShuffleSplit
        return splitter(n_splits=self.repeats, test_size=self.test_size, random_state=self.seed)


class _Tail:
    """The last rows as test part, in the order of the file."""

    def __init__(self, test_size: float) -> None:
        self.test_size = test_size

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[tuple[Rows, Rows]]:
        n = len(X)
        # Keras' validation_split rounds the training part down.
        cut = int(n * (1 - self.test_size))
        if not 0 < cut < n:
            raise ResamplingError(f"test_size={self.test_size:g} leaves one side of {n} rows empty")
        yield np.arange(cut), np.arange(cut, n)
