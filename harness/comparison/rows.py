"""Classifiers compared on the rows of one repeat: McNemar's test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.statistics.adjustment import holm
from harness.statistics.mcnemar import McNemar, mcnemar

if TYPE_CHECKING:
    from harness.comparison.comparison import Comparison


@dataclass(frozen=True)
class RowTest:
    """McNemar's test of two classifiers.

    Attributes:
        first: One model.
        second: The other.
        n: Rows that both were judged on, each once.
        test: Rows that only one of the models gets right, and the p values.
        p_holm: The exact p value, adjusted by Holm for all pairs asked for.
    """

    first: str
    second: str
    n: int
    test: McNemar
    p_holm: float


def row_tests(comparison: Comparison) -> tuple[RowTest, ...]:
    """Tests each of the pairs asked for; () for regression and over several data sets.

    The rows are those of the first repeat and seed, each judged by a model that was not trained on it.

    Source: as in Dietterich, Neural Computation 10 (1998), with out-of-fold predictions in place of one hold-out.
    """
    found = {} if comparison.ranking is not None else {each.model: each.hits() for each in comparison.evidence}
    hits = {model: rows for model, rows in found.items() if rows is not None}
    if len(hits) < len(comparison.models):
        return ()
    pairs = [(pair.first, pair.second) for pair in comparison.results]
    tests = [mcnemar(hits[first], hits[second]) for first, second in pairs]
    adjusted = holm([test.exact_p for test in tests])
    return tuple(
        RowTest(*pair, len(hits[pair[0]]), test, p) for pair, test, p in zip(pairs, tests, adjusted, strict=True)
    )
