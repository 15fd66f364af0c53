"""Out-of-fold predictions of one repeat, in which each row of the data counts once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.run.results import Results


@dataclass(frozen=True)
class OutOfFold:
    """Predictions of the first repeat and seed.

    Attributes:
        rows: (m,) numbers of the rows in the data set, each once.
        truth: (m,) class codes, or (m, t) numbers.
        values: (m, C) probabilities, or (m, t) numbers.
        codes: (m,) predicted class codes, each fold's by its own threshold; None for regression.
    """

    rows: NDArray[np.int64]
    truth: NDArray[Any]
    values: NDArray[np.float64]
    codes: NDArray[np.int64] | None

    def __len__(self) -> int:
        return len(self.rows)


def out_of_fold(results: Results) -> OutOfFold | None:
    """Gathers the first repeat and seed; None where none of its folds is finished.

    A row that several test parts share, as those of `ShuffleSplit` do, counts in the first of them only.
    """
    folds = [results.fold(key) for key in results.keys if key.repeat == 0 and key.init == 0]
    if not folds:
        return None
    rows, first = np.unique(np.concatenate([fold.rows for fold in folds]), return_index=True)
    judged = [fold.predictions for fold in folds]
    codes = None
    if judged[0].task != "regression":
        codes = np.concatenate([each.codes for each in judged])[first]
    return OutOfFold(
        rows=rows,
        truth=np.concatenate([each.truth for each in judged])[first],
        values=np.concatenate([each.values for each in judged])[first],
        codes=codes,
    )
