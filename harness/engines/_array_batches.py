"""A fold's batches as arrays of NumPy's, for the backends that need no TensorFlow."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from harness.data.dataset import is_images
from harness.engines._batches import AHEAD, Batches

Take = Callable[[NDArray[np.int64]], tuple[Any, ...]]


class ArrayBatches(Batches):
    """Batches for the JAX and PyTorch backends."""

    def _shuffled(self, x: Any, *rest: Any) -> Any:
        size = self._recipe.batch_size
        rows = (order[start : start + size] for order in self._orders() for start in range(0, len(order), size))
        take = self._take(x, *rest)
        return _read_ahead(take, rows) if is_images(x) else (take(each) for each in rows)

    def _in_order(self, size: int, x: Any, *rest: Any) -> Any:
        return _InOrder(self._take(x, *rest), len(x), size)

    def _take(self, x: Any, *rest: Any) -> Take:
        """What row numbers stand for, `x` and, where there are any, targets and weights."""

        def take(rows: NDArray[np.int64]) -> tuple[Any, ...]:
            taken = keras.tree.map_structure(lambda array: array[rows], rest)
            return (self._read(x, rows) if is_images(x) else x[rows], *taken)

        return take


class _InOrder(keras.utils.PyDataset):  # type: ignore[misc]
    """Batches that Keras' own thread reads ahead."""

    def __init__(self, take: Take, count: int, size: int) -> None:
        super().__init__(max_queue_size=AHEAD)
        self._take, self._count, self._size = take, count, size

    def __len__(self) -> int:
        return -(-self._count // self._size)

    def __getitem__(self, number: int) -> tuple[Any, ...]:
        first = number * self._size
        return self._take(np.arange(first, min(first + self._size, self._count)))


def _read_ahead(take: Take, batches: Iterator[NDArray[np.int64]]) -> Iterator[tuple[Any, ...]]:
    """What batches of row numbers stand for, the next ones read meanwhile."""
    with ThreadPoolExecutor(1) as pool:
        due: deque[Future[tuple[Any, ...]]] = deque()
        for rows in batches:
            due.append(pool.submit(take, rows))
            if len(due) > AHEAD:
                yield due.popleft().result()
        while due:
            yield due.popleft().result()
