"""Groups of models that no test tells apart."""

from __future__ import annotations

from itertools import combinations

import pytest

from harness.comparison.groups import indistinguishable_groups
from harness.comparison.pairs import Pair

MODELS = ("a", "b", "c", "d")


def _pairs(*apart: str) -> list[Pair]:
    """Every pair of the models; those named, such as "ad", are told apart."""
    named = {frozenset(each) for each in apart}
    ps = {pair: 0.01 if frozenset(pair) in named else 0.5 for pair in combinations(MODELS, 2)}
    return [Pair(*pair, 0.1, None, p, p, 6, 1, 0, 0, None, "test") for pair, p in ps.items()]


@pytest.mark.parametrize(
    ("apart", "groups"),
    [
        ((), ["abcd"]),
        (("ab", "ac", "ad", "bc", "bd", "cd"), []),
        (("ad",), ["abc", "bcd"]),
        (("ac", "ad", "bd"), ["ab", "bc", "cd"]),
        # What is alike need not stand side by side.
        (("ab", "bc", "bd", "cd"), ["ac", "ad"]),
        (("ac", "ad", "bc", "bd"), ["ab", "cd"]),
    ],
)
def test_groups_are_the_largest_of_which_no_two_are_told_apart(apart: tuple[str, ...], groups: list[str]) -> None:
    assert indistinguishable_groups(MODELS, _pairs(*apart), 0.95) == tuple(map(tuple, groups))


def test_a_pair_without_a_test_is_not_told_apart() -> None:
    untested = [Pair("a", "b", 0.1, None, None, None, 1, 1, 0, 0, None, "test")]
    assert indistinguishable_groups(("a", "b"), untested, 0.95) == (("a", "b"),)
