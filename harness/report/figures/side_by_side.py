"""Figures drawn by several processes at once: drawing is Python throughout, which runs on one core only."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Generic, TypeVar

from harness.environment import processors

T = TypeVar("T")

_MOST_PROCESSES = 4
_FEWEST_JOBS = 2  # for a process of its own
_NUMBER = 4  # bytes that the number of a job takes
_MOST_JOBS = 1000  # so many fit into a pipe at once
# What has threads of its own that a forked process would lack.
_HEAVY = ("tensorflow", "jax", "torch")


class SideBySide(Generic[T]):
    """Calls functions in forked processes, where that is safe, from now on, and in this one as of `results`.

    Whoever is free takes the next one. What a process cannot do, for whatever reason, is done again by this one,
    which then also shows the reason. Elsewhere than on Linux, and beside other threads, all is done in `results`.

    Args:
        jobs: What to call; results must be picklable.

    Example:
        >>> with SideBySide([lambda: "a", lambda: "b"]) as drawing:
        ...     drawing.results()
        ['a', 'b']
    """

    def __init__(self, jobs: Sequence[Callable[[], T]]) -> None:
        self._jobs = jobs
        self._children: list[tuple[int, int]] = []
        self._queue = -1
        others = min(processors(), _MOST_PROCESSES, len(jobs) // _FEWEST_JOBS) - 1
        if others > 0 and len(jobs) <= _MOST_JOBS and _may_fork():
            # Once for all processes.
            import harness.report.figures.render  # noqa: F401

            self._queue = _filled(len(jobs))
            self._children = [self._begin() for _ in range(others)]

    def __enter__(self) -> SideBySide[T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process, answers in self._children:
            os.close(answers)
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        if self._children:
            os.close(self._queue)
        self._children = []

    def results(self) -> list[T]:
        """The result of each function, in their order."""
        done = self._work() if self._children else {}
        for _, answers in self._children:
            done |= _read(answers)
        return [done[number] if number in done else job() for number, job in enumerate(self._jobs)]

    def _begin(self) -> tuple[int, int]:
        """Starts a process; returns its id and where its results can be read."""
        answers, written = os.pipe()
        with warnings.catch_warnings():
            # NumPy's own threads, which Python warns of, take care of themselves.
            warnings.simplefilter("ignore", DeprecationWarning)
            process = os.fork()
        if process == 0:
            # Whatever happens here must not go on with what the parent was doing.
            try:
                os.close(answers)
                with os.fdopen(written, "wb") as file:
                    pickle.dump(self._work(), file)
            finally:
                os._exit(0)
        os.close(written)
        return process, answers

    def _work(self) -> dict[int, T]:
        """Does jobs as long as there are any."""
        done: dict[int, T] = {}
        while number := os.read(self._queue, _NUMBER):
            index = int.from_bytes(number, "little")
            done[index] = self._jobs[index]()
        return done


def _filled(count: int) -> int:
    """A pipe that holds the numbers of all jobs, from which any process may take the next one."""
    queue, written = os.pipe()
    os.write(written, b"".join(number.to_bytes(_NUMBER, "little") for number in range(count)))
    os.close(written)
    return queue


def _read(answers: int) -> dict[int, Any]:
    """What a process has done; nothing where it failed."""
    with os.fdopen(answers, "rb", closefd=False) as file:
        try:
            found: dict[int, Any] = pickle.load(file)
        except (EOFError, pickle.UnpicklingError):
            return {}
    return found


def _may_fork() -> bool:
    alone = threading.active_count() == 1 and not any(name in sys.modules for name in _HEAVY)
    return sys.platform == "linux" and alone
