"""How far an evaluation has come, and how long it will still take."""

from __future__ import annotations

import time
from collections.abc import Callable


class Tally:
    """Counts folds and the epochs of the folds under way.

    Args:
        folds: Folds in all.
        done: Folds finished before the clock started; they say nothing about the speed.
        epochs: The most epochs of a fold.
        clock: Seconds from a monotonic clock.

    Example:
        >>> now = iter([0.0, 30.0])
        >>> tally = Tally(folds=4, done=1, epochs=100, clock=lambda: next(now))
        >>> tally.epoch_finished("fold 1", 50, 100)
        >>> tally.seconds_left()
        150.0
    """

    def __init__(self, folds: int, done: int, epochs: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.folds = folds
        self.finished = done
        self.epochs = epochs
        self._before = done
        self._under_way: dict[str, float] = {}
        self._clock = clock
        self._start = clock()

    def epoch_finished(self, fold: str, epoch: int, epochs: int) -> None:
        """Notes how far a fold has come."""
        self._under_way[fold] = epoch / max(epochs, 1)

    def fold_finished(self, fold: str) -> None:
        """Notes the end of a fold, early or not."""
        self._under_way.pop(fold, None)
        self.finished += 1

    @property
    def share(self) -> float:
        """Folds finished, those under way in part."""
        return min(self.finished + sum(self._under_way.values()), self.folds)

    def seconds_left(self) -> float | None:
        """Estimates the time left from the speed so far; None before anything was seen of it."""
        seen = self.share - self._before
        if seen <= 0:
            return None
        return (self._clock() - self._start) * (self.folds - self.share) / seen
