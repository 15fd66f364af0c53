"""The differences of a comparison, as a figure shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.comparison import Comparison, Pair
    from harness.report.figures.paired_differences import Difference

_MOST = 12


def differences(comparison: Comparison) -> list[Difference]:
    """The pairs of a comparison with their differences on every fold.

    Args:
        comparison: Models compared; of many pairs only those with the best model are shown.

    Returns:
        A row for each pair, at most twelve, or one for each model but the best.
    """
    pairs = comparison.results
    if len(pairs) > _MOST:
        pairs = tuple(pair for pair in pairs if comparison.best in (pair.first, pair.second))
    return [_difference(comparison, pair) for pair in pairs]


def _difference(comparison: Comparison, pair: Pair) -> Difference:
    from harness.report.figures.paired_differences import Difference

    interval = (pair.interval.low, pair.interval.high) if pair.interval else None
    name = f"{pair.first} − {pair.second}"
    apart = pair.distinguishes(comparison.level)
    return Difference(name, pair.difference, interval, _on_folds(comparison, pair), apart)


def _on_folds(comparison: Comparison, pair: Pair) -> list[float]:
    """On one data set the differences fold by fold; over several there are no common folds."""
    if len(comparison.datasets) > 1:
        return []
    scores = {each.model: each.scores.ravel() for each in comparison.evidence}
    found: list[float] = (scores[pair.first] - scores[pair.second]).tolist()
    return found
