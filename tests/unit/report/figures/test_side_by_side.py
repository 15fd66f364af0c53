from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable

import pytest

from harness.report.figures import side_by_side
from harness.report.figures.side_by_side import SideBySide

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
HERE = os.getpid()


@pytest.fixture
def three_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "_may_fork", lambda: True)
    monkeypatch.setattr(side_by_side, "processors", lambda: 3)


def slow(number: int) -> tuple[int, int]:
    time.sleep(0.02)
    return number, os.getpid()


def dying(number: int) -> int:
    """Kills its process, unless that is the one that the tests run in."""
    if os.getpid() != HERE:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def failing(number: int) -> int:
    raise ValueError(f"job {number} fails")


def jobs(function: Callable[[int], object], count: int = 20) -> list[Callable[[], object]]:
    return [lambda number=number: function(number) for number in range(count)]


@pytest.mark.usefixtures("three_processes")
def test_jobs_are_shared_out_and_come_back_in_their_order() -> None:
    with SideBySide(jobs(slow)) as drawing:
        results: list[tuple[int, int]] = drawing.results()  # type: ignore[assignment]
    assert [number for number, _ in results] == list(range(20))
    assert len({process for _, process in results}) == 3


@pytest.mark.usefixtures("three_processes")
def test_what_a_killed_process_had_to_do_is_done_all_the_same() -> None:
    with SideBySide(jobs(dying)) as drawing:
        assert drawing.results() == list(range(20))


@pytest.mark.usefixtures("three_processes")
def test_an_error_is_raised_here() -> None:
    with pytest.raises(ValueError, match="fails"), SideBySide(jobs(failing)) as drawing:
        drawing.results()


@pytest.mark.usefixtures("three_processes")
def test_no_process_is_left_behind_where_nobody_asks_for_results() -> None:
    with SideBySide(jobs(slow)) as drawing:
        children = [process for process, _ in drawing._children]
    assert len(children) == 2
    for process in children:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_beside_other_threads_nothing_is_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "processors", lambda: 3)
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        with SideBySide(jobs(slow)) as drawing:
            results: list[tuple[int, int]] = drawing.results()  # type: ignore[assignment]
    finally:
        done.set()
        thread.join()
    assert {process for _, process in results} == {HERE}


@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.usefixtures("three_processes")
def test_few_jobs_are_not_worth_a_process(count: int) -> None:
    with SideBySide(jobs(slow, count)) as drawing:
        assert drawing._children == []
        assert len(drawing.results()) == count
