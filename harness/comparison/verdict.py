"""The answer in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.comparison.pairs import Pair
from harness.report.numbers import decimals_for, format_number, format_p, interval_decimals
from harness.report.summary import describe_method
from harness.statistics.intervals import METHODS

if TYPE_CHECKING:
    from harness.comparison.comparison import Comparison

_MOST_PAIRS = 6


def verdict_of(comparison: Comparison) -> str:
    """Writes the verdict.

    It claims no difference that the adjusted tests do not show, and never calls models equal because no difference
    was shown.
    """
    if comparison.ranking is not None and comparison.ranking.too_few is not None:
        return _description(comparison)
    if comparison.baseline is not None:
        answer = f"{_against_baseline(comparison)}{_equivalent(comparison)}"
        return f"{_where(comparison)}{answer} ({_how(comparison)})."
    if len(comparison.models) == 2 and comparison.ranking is None:
        return f"{_where(comparison)}{_two(comparison, comparison.results[0])}."
    return f"{_where(comparison)}{_many(comparison)}{_equivalent(comparison)} ({_how(comparison)})."


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
        return f"at {alpha}, {_method(comparison)}, {adjusted}"
    return f"at {alpha}, Wilcoxon signed ranks, {adjusted}; {_omnibus(comparison)}"


def _omnibus(comparison: Comparison) -> str:
    test = comparison.ranking.friedman if comparison.ranking else None
    assert test is not None
    return f"Friedman-Iman-Davenport over all models {_p_is(test.f_p)}"


def _two(comparison: Comparison, pair: Pair) -> str:
    difference, interval = format_difference(pair)
    percent = f"{100 * comparison.level:g}% CI"
    test = f"{percent} {interval}, {_method(comparison)}; {_p_is(pair.p)}"
    gap = f"the difference is {difference} ({test})" if pair.interval else _gap_of_folds(pair, difference)
    if pair.distinguishes(comparison.level):
        worse = pair.second if pair.first == comparison.best else pair.first
        return f"{comparison.best} is better than {worse} in {comparison.metric}: {gap}{_rope(comparison, pair)}"
    names = f"{_scored(comparison, pair.first)} and {_scored(comparison, pair.second)}"
    return f"{comparison.metric} does not tell {names} apart: {gap}{_rope(comparison, pair)}"


def _gap_of_folds(pair: Pair, difference: str) -> str:
    """What is seen where folds differ alike, so that there is no interval."""
    folds = pair.wins + pair.ties + pair.losses
    if pair.favoured is None:
        return "they agree on the only fold" if folds == 1 else "they agree on every fold"
    return f"{'the only' if folds == 1 else 'every'} fold differs by {difference}"


def _method(comparison: Comparison) -> str:
    return describe_method(METHODS[comparison.interval])


def _rope(comparison: Comparison, pair: Pair) -> str:
    if pair.rope is None:
        return ""
    within = f"the probability that it is within ±{comparison.rope:g} is {pair.rope.within:.2f}"
    return f"; {within}{', so they are practically equivalent' if pair.equivalent(comparison.level) else ''}"


def _equivalent(comparison: Comparison) -> str:
    """The pairs whose difference lies within the rope with a probability of at least the level."""
    pairs = [pair for pair in comparison.results if pair.equivalent(comparison.level)]
    if not pairs:
        return ""
    named = [f"{pair.first} and {pair.second}" for pair in pairs[:_MOST_PAIRS]]
    if more := len(pairs) - len(named):
        named.append(f"{more} more {'pair' if more == 1 else 'pairs'}")
    return f"; practically equivalent, within ±{comparison.rope:g}: {', '.join(named)}"


def _many(comparison: Comparison) -> str:
    best = _scored(comparison, comparison.best)
    # Over data sets the test by sums of ranks may speak against the model with the best average rank.
    beaten = [pair for pair in comparison.all_pairs if _beats_the_best(comparison, pair)]
    better = [str(pair.favoured) for pair in beaten]
    others = [model for model in comparison.contenders[1:] if model not in better]
    worse = [model for model in comparison.ordered if model not in comparison.contenders]
    if not others and not better:
        rest = _scored(comparison, worse[0]) if len(worse) == 1 else f"each of the other {len(worse)}"
        return f"{best} is better in {comparison.metric} than {rest}"
    parts = [
        f"{_listed(comparison, others)} {_is(others)} not distinguishable from it" if others else "",
        f"{_listed(comparison, better)} {_is(better)} better than it by signed ranks" if better else "",
        f"{_listed(comparison, worse)} {_is(worse)} worse" if worse else "",
    ]
    return f"{best} has the best {comparison.metric}; {', '.join(part for part in parts if part)}"


def _beats_the_best(comparison: Comparison, pair: Pair) -> bool:
    involved = comparison.best in (pair.first, pair.second)
    return involved and pair.favoured != comparison.best and pair.distinguishes(comparison.level)


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
        elif pair.favoured == pair.first:
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
    return f"{model} ({format_number(evidence.mean, decimals_for(evidence.mean, evidence.fold_sd))})"
