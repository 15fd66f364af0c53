"""What is random in a fold, and what it depends on: the run's seed and the fold's key, nothing else.

Every stream is a `numpy.random.SeedSequence` with an explicit spawn key, never the result of `spawn()`, so that
a fold draws the same numbers whatever ran before it, beside it, or in which process.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_INITIAL_STATE, _BATCH_ORDER, _INNER_SPLIT, _REGROUPING, _TRANSFORMERS = range(5)


class FoldKey(NamedTuple):
    """Which split of which repeat, and which of the seeds trained on that split (all from 0)."""

    repeat: int
    fold: int
    init: int = 0

    def __str__(self) -> str:
        text = f"repeat {self.repeat} fold {self.fold}"
        return f"{text} seed {self.init}" if self.init else text


@dataclass(frozen=True)
class FoldSeeds:
    """The random streams of one fold.

    Args:
        root: The run's seed, at least 0.
        key: The fold.

    Example:
        >>> seeds = FoldSeeds(7, FoldKey(0, 3))
        >>> seeds.initial_state == FoldSeeds(7, FoldKey(0, 3)).initial_state
        True
        >>> orders = seeds.batch_orders(4)
        >>> sorted(next(orders).tolist())
        [0, 1, 2, 3]
    """

    root: int
    key: FoldKey

    @property
    def initial_state(self) -> int:
        """The seed under which the model is built: initial weights and dropout masks, in [0, 2³²)."""
        return int(self._sequence(_INITIAL_STATE, self.key.init).generate_state(1)[0])

    @property
    def inner_split(self) -> int:
        """The seed of the inner validation split, the same for every seed trained on this fold."""
        return int(self._sequence(_INNER_SPLIT).generate_state(1)[0])

    @property
    def transformers(self) -> int:
        """The seed of transformers that draw numbers, the same for every seed trained on this fold."""
        return int(self._sequence(_TRANSFORMERS).generate_state(1)[0])

    def batch_orders(self, n: int) -> Iterator[NDArray[np.int64]]:
        """The orders in which one epoch after the other visits `n` training rows: permutations without end."""
        generator = np.random.default_rng(self._sequence(_BATCH_ORDER, self.key.init))
        while True:
            yield generator.permutation(n)

    def _sequence(self, *purpose: int) -> np.random.SeedSequence:
        return np.random.SeedSequence(self.root, spawn_key=(self.key.repeat, self.key.fold, *purpose))


def grouping_seed(root: int, repeat: int) -> int:
    """The seed with which a grouped splitter shuffles in a repeat (scikit-learn repeats no grouped splitter)."""
    return int(np.random.SeedSequence(root, spawn_key=(repeat, _REGROUPING)).generate_state(1)[0])
