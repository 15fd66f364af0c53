"""What must be said beside the answer of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from harness.statistics.cautions import NOT_EQUIVALENT, TUNED, interval_cautions, procedure_caution

if TYPE_CHECKING:
    from harness.comparison.comparison import Comparison
    from harness.comparison.evidence import Evidence
    from harness.comparison.pairs import Pair


def warnings_of(comparison: Comparison) -> list[str]:
    """Lists what the reader must know, without repetition."""
    cautions = [
        caution
        for each in comparison.evidence
        for caution in interval_cautions(each.n, each.tested_on, each.repeats, each.smallest_class)
    ]
    silent = [pair for pair in comparison.results if _is_silent(comparison, pair)]
    return list(
        dict.fromkeys(
            [
                *_too_few(comparison),
                *_unused_rope(comparison),
                *([NOT_EQUIVALENT] if silent else []),
                *([TUNED] if _has_variants(comparison.evidence) else []),
                *_untested(comparison),
                *_outweighed(comparison),
                *_constant(comparison),
                *_no_better_than_guessing(comparison),
                *cautions,
                _procedure(comparison),
            ]
        )
    )


def _is_silent(comparison: Comparison, pair: Pair) -> bool:
    """Whether neither a difference nor equivalence was shown."""
    return not pair.distinguishes(comparison.level) and not pair.equivalent(comparison.level)


def _has_variants(evidence: Sequence[Evidence]) -> bool:
    """Whether one model was built or trained in several ways on the same folds."""
    named = [(each.dataset, each.variant) for each in evidence if each.variant is not None]
    return any(
        first[0] == second[0] and first[1].model == second[1].model and first[1] != second[1]
        for first, second in combinations(named, 2)
    )


def _outweighed(comparison: Comparison) -> list[str]:
    """Over data sets the mean difference and the ranks that the test judges may speak for different models."""
    sign = -1 if comparison.minimize else 1
    return [
        f"The mean difference of {pair.first} and {pair.second} speaks for one of them, the ranks that the test "
        "judges for the other: few data sets outweigh the rest."
        for pair in comparison.results
        if pair.ranks is not None
        and pair.distinguishes(comparison.level)
        and sign * pair.difference * (pair.ranks.won - pair.ranks.lost) < 0
    ]


def _constant(comparison: Comparison) -> list[str]:
    return [
        f"{each.model} predicts one class on {each.constant_folds} of {each.trainings} "
        f"{'folds' if each.trainings == each.scores.size else 'trainings'} of {each.dataset}."
        for each in comparison.evidence
        if each.constant_folds
    ]


def _too_few(comparison: Comparison) -> list[str]:
    reason = comparison.ranking.too_few if comparison.ranking else None
    return [f"{reason[:1].upper()}{reason[1:]}."] if reason else []


def _unused_rope(comparison: Comparison) -> list[str]:
    if comparison.ranking is None or comparison.rope is None:
        return []
    return ["The ROPE is not used over several data sets; compare the models on each of them."]


def _untested(comparison: Comparison) -> list[str]:
    if comparison.ranking is not None:
        return []
    why = "they differ by the same amount on every fold"
    if comparison.evidence[0].scores.size == 1:
        rows = "; McNemar's test of its rows is in row_tests" if comparison.row_tests else ""
        why = f"one fold has no spread{rows}"
    return [f"No test for {pair.first} and {pair.second}: {why}." for pair in comparison.results if pair.p is None]


def _procedure(comparison: Comparison) -> str:
    """Data sets of several sizes in one sentence."""
    sizes = [round(each.trained_on) for each in comparison.evidence]
    if len(set(sizes)) == 1:
        return procedure_caution(sizes[0])
    return f"Describes the training procedures at {min(sizes)} to {max(sizes)} examples, not the saved models."


def _no_better_than_guessing(comparison: Comparison) -> list[str]:
    sign = -1 if comparison.minimize else 1
    return [
        f"{each.model} is no better on {each.dataset} than the dummy that guesses from the training targets."
        for each in comparison.evidence
        if each.guess is not None and sign * (each.mean - each.guess) <= 0
    ]
