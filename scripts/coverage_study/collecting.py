"""Simulations that go on where they stopped: the data sets of each setting, kept in a file of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[np.float64]]
Simulate = Callable[[Sequence[int]], Arrays]


class Collection:
    """Simulated data sets of one setting.

    Args:
        path: The file; it need not exist.
        simulate: Makes data sets by their numbers.
    """

    def __init__(self, path: Path, simulate: Simulate) -> None:
        self.path = path
        self._simulate = simulate

    @classmethod
    def at(cls, path: Path) -> Collection:
        """One that is only read."""
        return cls(path, lambda numbers: {})

    def read(self) -> Arrays:
        """What there is; empty before the first data set."""
        if not self.path.is_file():
            return {}
        with np.load(self.path) as stored:
            return {name: stored[name].astype(np.float64) for name in stored.files}

    @property
    def size(self) -> int:
        """How many data sets there are."""
        arrays = self.read()
        return len(arrays["at_n"]) if arrays else 0

    def extend(self, size: int) -> None:
        """Simulates until there are so many data sets, and writes them as one step."""
        before = self.read()
        start = len(before["at_n"]) if before else 0
        if size <= start:
            return
        new = self._simulate(range(start, size))
        arrays = {name: np.concatenate([before[name], new[name]]) if before else new[name] for name in new}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_suffix(".part.npz")
        smaller: dict[str, Any] = {name: values.astype(np.float32) for name, values in arrays.items()}
        np.savez_compressed(partial, **smaller)
        partial.replace(self.path)


def collect(collections: Sequence[Collection], datasets: int, minutes: float, block: int) -> bool:
    """Extends every collection in turn, a block at a time, so that all are equally large when time is up.

    Args:
        collections: What to extend.
        datasets: How many data sets each shall have.
        minutes: When to stop.
        block: Data sets in a step.

    Returns:
        Whether all have that many.
    """
    deadline = time.monotonic() + 60 * minutes
    for size in [*range(block, datasets, block), datasets]:
        for collection in collections:
            if time.monotonic() > deadline:
                return False
            if collection.size < size:
                collection.extend(size)
        print(f"{size} data sets of each setting", flush=True)
    return True
