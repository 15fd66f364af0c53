"""Which models belong together: those of which no test tells any two apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.comparison.pairs import Pair


def indistinguishable_groups(
    models: Sequence[str], pairs: Sequence[Pair], level: float
) -> tuple[tuple[str, ...], ...]:
    """The largest groups of which no two models are told apart: the bars of a critical-difference diagram.

    Such groups overlap: that A is like B and B like C does not make A like C.

    Args:
        models: Every model, the best first.
        pairs: Every pair of them.
        level: A pair is told apart where its adjusted p is at most 1 - level.

    Returns:
        Groups of two models or more, those with the best models first; each in the order of `models`.
    """
    apart = {frozenset((pair.first, pair.second)) for pair in pairs if pair.distinguishes(level)}
    alike = {
        model: {other for other in models if other != model and frozenset((model, other)) not in apart}
        for model in models
    }
    places = {model: place for place, model in enumerate(models)}
    groups = (sorted(group, key=places.__getitem__) for group in _cliques(set(), set(models), set(), alike))
    found = [group for group in groups if len(group) > 1]
    return tuple(map(tuple, sorted(found, key=lambda group: [places[each] for each in group])))


def _cliques(
    group: set[str], candidates: set[str], seen: set[str], alike: dict[str, set[str]]
) -> Iterator[set[str]]:
    """Bron and Kerbosch's algorithm 457 with a pivot (Communications of the ACM 16, 1973)."""
    if not candidates and not seen:
        yield group
        return
    pivot = max(candidates | seen, key=lambda model: len(alike[model] & candidates))
    for model in sorted(candidates - alike[pivot]):
        yield from _cliques(group | {model}, candidates & alike[model], seen & alike[model], alike)
        candidates, seen = candidates - {model}, seen | {model}
