"""The split that a data set comes with: parts its authors have marked as those to train, validate and test on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import ResamplingError
from harness.resampling.splits import Rows, Split, Splits

PARTS = ("train", "val", "test")


def predefined_splits(parts: NDArray[Any] | None) -> Splits:
    """One fold: the rows marked "test" against all others.

    Rows marked "val" are training rows of which callbacks may watch the loss; where nothing is watched they are
    trained on as well.

    Args:
        parts: (n,) of "train", "val" and "test", or None where the data come without a split.

    Raises:
        ResamplingError: There is no split, a part is unknown, or one side is empty.

    Example:
        >>> splits = predefined_splits(np.array(["train", "val", "test", "train"]))
        >>> [(split.train.tolist(), split.test.tolist()) for split in splits]
        [([0, 1, 3], [2])]
    """
    if parts is None:
        raise ResamplingError(
            "The data come without a split of their own; use another scheme, such as 'stratified'"
        )
    if unknown := sorted(set(np.unique(parts).tolist()) - set(PARTS)):
        raise ResamplingError(f"The parts of a split are {', '.join(PARTS)}. Received: '{unknown[0]}'")
    train, test = np.flatnonzero(parts != "test"), np.flatnonzero(parts == "test")
    if not len(train) or not len(test):
        raise ResamplingError(f"The data's own split has {len(train)} training and {len(test)} test rows")
    return Splits("predefined", (Split(0, 0, train, test),))


def predefined_inner_split(rows: Rows, parts: NDArray[Any]) -> tuple[Rows, Rows]:
    """The training rows marked "train", and those marked "val"."""
    return rows[parts[rows] == "train"], rows[parts[rows] == "val"]
