"""The answer in one sentence, and what must be said beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.comparison.pairs import Pair
from harness.report.numbers import decimals_for, format_number, interval_decimals
from harness.statistics.cautions import NOT_EQUIVALENT, interval_cautions, procedure_caution

if TYPE_CHECKING:
    from harness.comparison.comparison import Comparison


def verdict_of(comparison: Comparison) -> str:
    """Writes the verdict.

    It claims no difference that the adjusted tests do not show, and never calls models equal because no difference
    was shown.
    """
    if comparison.ranking is not None and comparison.ranking.too_few is not None:
        return _description(comparison)
    if comparison.baseline is not None:
        return f"{_where(comparison)}{_against_baseline(comparison)} ({_how(comparison)})."
    if len(comparison.models) == 2 and comparison.ranking is None:
        return f"{_where(comparison)}{_two(comparison, comparison.results[0])}."
    return f"{_where(comparison)}{_many(comparison)} ({_how(comparison)})."


def warnings_of(comparison: Comparison) -> list[str]:
    """Lists what the reader must know, without repetition."""
    cautions = [
        caution
        for each in comparison.evidence
        for caution in interval_cautions(each.n, each.folds, each.repeats, each.smallest_class)
    ]
    silent = [pair for pair in comparison.results if not pair.distinguishes(comparison.level)]
    return list(
        dict.fromkeys(
            [
                *_too_few(comparison),
                *_unused_rope(comparison),
                *([NOT_EQUIVALENT] if silent else []),
                *_untested(comparison),
                *_no_better_than_guessing(comparison),
                *cautions,
                _procedure(comparison),
            ]
        )
    )


def format_p(p: float | None) -> str:
    """Writes a p value.

    Example:
        >>> format_p(0.01234), format_p(0.00002), format_p(None)
        ('0.012', '<0.001', '–')
    """
    if p is None:
        return "–"
    return "<0.001" if p < 0.001 else f"{p:.2g}" if p < 0.1 else f"{p:.2f}"


def _p_is(p: float | None) -> str:
    text = format_p(p)
    return f"p {text[0]} {text[1:]}" if text.startswith("<") else f"p = {text}"


def format_difference(pair: Pair) -> tuple[str, str]:
    """Writes a pair's difference and its interval with as many digits as the interval carries."""
    if pair.interval is None:
        return format_number(pair.difference, decimals_for(pair.difference, None)), "–"
    decimals = interval_decimals(pair.interval.low, pair.interval.high)
    low, high = (format_number(bound, decimals) for bound in (pair.interval.low, pair.interval.high))
    return format_number(pair.difference, decimals), f"{low} to {high}"


def _where(comparison: Comparison) -> str:
    names = comparison.datasets
    return f"On {names[0]}, " if len(names) == 1 else f"Over {len(names)} data sets, "


def _how(comparison: Comparison) -> str:
    results = comparison.all_pairs if comparison.baseline is None else comparison.results
    family = results[0].family
    what = "comparison" if comparison.baseline else "pair"
    adjusted = f"Holm over {family} {what}s" if family > 1 else "one test"
    alpha = f"{100 * (1 - comparison.level):.3g}%"
    if comparison.ranking is None:
        return f"at {alpha}, corrected for fold overlap, {adjusted}"
    return f"at {alpha}, Wilcoxon signed ranks, {adjusted}; {_omnibus(comparison)}"


def _omnibus(comparison: Comparison) -> str:
    test = comparison.ranking.friedman if comparison.ranking else None
    assert test is not None
    return f"Friedman-Iman-Davenport over all models {_p_is(test.f_p)}"


def _two(comparison: Comparison, pair: Pair) -> str:
    difference, interval = format_difference(pair)
    percent = f"{100 * comparison.level:g}% CI"
    test = f"{percent} {interval}, corrected for fold overlap; {_p_is(pair.p)}"
    gap = f"the difference is {difference} ({test})" if pair.interval else f"every fold differs by {difference}"
    if pair.distinguishes(comparison.level):
        worse = pair.second if pair.first == comparison.best else pair.first
        return f"{comparison.best} is better than {worse} in {comparison.metric}: {gap}{_rope(comparison, pair)}"
    names = f"{_scored(comparison, pair.first)} and {_scored(comparison, pair.second)}"
    return f"{comparison.metric} does not tell {names} apart: {gap}{_rope(comparison, pair)}"


def _rope(comparison: Comparison, pair: Pair) -> str:
    if pair.rope is None:
        return ""
    within = f"the probability that it is within ±{comparison.rope:g} is {pair.rope.within:.2f}"
    return f"; {within}{', so they are practically equivalent' if pair.rope.within >= comparison.level else ''}"


def _many(comparison: Comparison) -> str:
    best = _scored(comparison, comparison.best)
    others = comparison.contenders[1:]
    worse = [model for model in comparison.ordered if model not in comparison.contenders]
    if not others:
        rest = _scored(comparison, worse[0]) if len(worse) == 1 else f"each of the other {len(worse)}"
        return f"{best} is better in {comparison.metric} than {rest}"
    like = f"{_listed(comparison, others)} {_is(others)} not distinguishable from it"
    rest = f", {_listed(comparison, worse)} {_is(worse)} worse" if worse else ""
    return f"{best} has the best {comparison.metric}; {like}{rest}"


def _against_baseline(comparison: Comparison) -> str:
    better, worse, unclear = _sorted_out(comparison)
    winners = f"{_listed(comparison, better)} {_is(better)}" if better else "no model is"
    baseline = _scored(comparison, comparison.baseline or "")
    parts = [
        f"{winners} better in {comparison.metric} than the baseline {baseline}",
        f"{_listed(comparison, worse)} {_is(worse)} worse" if worse else "",
        f"{_listed(comparison, unclear)} cannot be told from it" if unclear else "",
    ]
    return "; ".join(part for part in parts if part)


def _is(models: Sequence[str]) -> str:
    return "is" if len(models) == 1 else "are"


def _sorted_out(comparison: Comparison) -> tuple[list[str], list[str], list[str]]:
    better, worse, unclear = [], [], []
    for pair in comparison.results:
        if not pair.distinguishes(comparison.level):
            unclear.append(pair.first)
        elif (pair.difference > 0) != comparison.minimize:
            better.append(pair.first)
        else:
            worse.append(pair.first)
    return better, worse, unclear


def _description(comparison: Comparison) -> str:
    assert comparison.ranking is not None
    assert comparison.ranking.too_few is not None
    return (
        f"{_where(comparison)}{_scored(comparison, comparison.best)} has the best average rank in "
        f"{comparison.metric}, which describes these data sets and shows no difference elsewhere: "
        f"{comparison.ranking.too_few}."
    )


def _listed(comparison: Comparison, models: Sequence[str]) -> str:
    scored = [_scored(comparison, model) for model in models]
    return scored[0] if len(scored) == 1 else f"{', '.join(scored[:-1])} and {scored[-1]}"


def _scored(comparison: Comparison, model: str) -> str:
    """A model with its mean, or with its average rank over data sets."""
    if comparison.ranking is not None:
        return f"{model} (rank {comparison.ranking.ranks[model]:.2f})"
    evidence = next(each for each in comparison.evidence if each.model == model)
    sd = float(evidence.scores.std(ddof=1)) if evidence.scores.size > 1 else None
    return f"{model} ({format_number(evidence.mean, decimals_for(evidence.mean, sd))})"


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
    return [
        f"No test for {pair.first} and {pair.second}: they differ by the same amount on every fold."
        for pair in comparison.results
        if pair.p is None
    ]


def _procedure(comparison: Comparison) -> str:
    """Data sets of several sizes in one sentence."""
    if len({each.n for each in comparison.evidence}) == 1:
        return procedure_caution(comparison.evidence[0].n, comparison.evidence[0].test_ratio)
    sizes = [round(each.n / (1 + each.test_ratio)) for each in comparison.evidence]
    return f"Describes the training procedures at {min(sizes)} to {max(sizes)} examples, not the saved models."


def _no_better_than_guessing(comparison: Comparison) -> list[str]:
    sign = -1 if comparison.minimize else 1
    return [
        f"{each.model} is no better on {each.dataset} than the dummy that guesses from the training targets."
        for each in comparison.evidence
        if each.guess is not None and sign * (each.mean - each.guess) <= 0
    ]
