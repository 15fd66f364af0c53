"""Calls of several threads, made together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Generic, TypeVar

Call = TypeVar("Call")
Made = TypeVar("Made")


class Rendezvous(Generic[Call, Made]):
    """Gathers the calls of several threads and makes them together.

    Args:
        width: Calls that are made together at most.
        make: Makes some calls, and returns what each gives.

    Example:
        >>> sums = Rendezvous(2, lambda calls: [sum(calls)] * len(calls))
        >>> with sums.joined():
        ...     sums(3)
        3
    """

    def __init__(self, width: int, make: Callable[[list[Call]], Sequence[Made]]) -> None:
        self._width = width
        self._make = make
        self._changed = threading.Condition()
        self._members = 0
        self._waiting: list[tuple[Call, Future[Made]]] = []

    @contextmanager
    def joined(self) -> Iterator[None]:
        """Has the others wait for this thread's calls until it is done with them."""
        with self._changed:
            self._members += 1
        try:
            yield
        finally:
            with self._changed:
                self._members -= 1
                self._changed.notify_all()

    def __call__(self, call: Call) -> Made:
        """Makes a call together with those of all who have joined, or with as many as have places.

        Raises:
            Exception: What went wrong with one call went wrong with all of them.
        """
        made: Future[Made] = Future()
        with self._changed:
            self._waiting.append((call, made))
            self._changed.notify_all()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: made.done() or self._is_full())
                if made.done():
                    return made.result()
                taken, self._waiting = self._waiting[: self._width], self._waiting[self._width :]
            self._make_together(taken)

    def _is_full(self) -> bool:
        return len(self._waiting) >= min(max(self._members, 1), self._width)

    def _make_together(self, taken: list[tuple[Call, Future[Made]]]) -> None:
        try:
            results = self._make([call for call, _ in taken])
            for (_, future), made in zip(taken, results, strict=True):
                future.set_result(made)
        except Exception as error:  # every thread is to hear of it
            for _, future in taken:
                future.set_exception(error)
        with self._changed:
            self._changed.notify_all()
