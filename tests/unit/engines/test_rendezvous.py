"""Calls of threads that have joined are made together, and nobody waits for who has left."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.engines.vectorized.rendezvous import Rendezvous

Numbers = list[int]


def everybody_calls(rendezvous: Rendezvous[int, int], rounds: list[int]) -> list[Numbers]:
    """What each of some threads gets; thread i calls rounds[i] times."""
    joined = ThreadPoolExecutor(len(rounds))

    def calls(thread: int) -> Numbers:
        with rendezvous.joined():
            return [rendezvous(10 * thread + number) for number in range(rounds[thread])]

    with joined:
        return list(joined.map(calls, range(len(rounds)), timeout=20))


def noting(made: list[Numbers]) -> Callable[[Numbers], Numbers]:
    """Doubles numbers, and takes down which ones together."""

    def make(calls: Numbers) -> Numbers:
        made.append(sorted(calls))
        return [2 * call for call in calls]

    return make


@pytest.mark.parametrize("width", [1, 2, 3, 8])
@pytest.mark.parametrize("rounds", [[1], [5, 5], [4, 1, 3, 2], [2] * 7], ids=str)
def test_every_call_is_made_once_and_answered(width: int, rounds: list[int]) -> None:
    made: list[Numbers] = []
    results = everybody_calls(Rendezvous(width, noting(made)), rounds)
    expected = [[10 * thread + number for number in range(count)] for thread, count in enumerate(rounds)]
    assert results == [[2 * call for call in calls] for calls in expected]
    assert sorted(call for calls in made for call in calls) == sorted(call for calls in expected for call in calls)
    assert max(map(len, made)) <= width


def test_those_who_have_joined_are_waited_for() -> None:
    made: list[Numbers] = []
    rendezvous = Rendezvous(8, noting(made))
    with ThreadPoolExecutor(1) as other, rendezvous.joined(), rendezvous.joined():
        waiting = other.submit(rendezvous, 3)
        assert rendezvous(4) == 8
        assert waiting.result(timeout=20) == 6
    assert made == [[3, 4]]


def test_who_leaves_is_not_waited_for() -> None:
    made: list[Numbers] = []
    rendezvous = Rendezvous(8, noting(made))
    with ThreadPoolExecutor(1) as other:
        with rendezvous.joined(), rendezvous.joined():
            waiting = other.submit(rendezvous, 5)
            assert not made
        assert waiting.result(timeout=20) == 10
    assert made == [[5]]


def test_an_error_reaches_everybody_and_the_next_calls_are_made() -> None:
    def make(calls: Numbers) -> Numbers:
        if 0 in calls:
            raise ValueError("zero")
        return calls

    rendezvous = Rendezvous(2, make)
    with ThreadPoolExecutor(2) as pool, rendezvous.joined(), rendezvous.joined():
        for future in [pool.submit(rendezvous, number) for number in (0, 1)]:
            with pytest.raises(ValueError, match="zero"):
                future.result(timeout=20)
    assert rendezvous(3) == 3
