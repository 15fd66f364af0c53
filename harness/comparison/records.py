"""A comparison as JSON values."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from harness.comparison.evidence import Evidence
from harness.comparison.pairs import Pair
from harness.comparison.rows import RowTest
from harness.statistics.intervals import Interval

if TYPE_CHECKING:
    from harness.comparison.comparison import Comparison

Record = dict[str, Any]


def as_dict(comparison: Comparison) -> dict[str, Any]:
    """JSON values; see `Comparison.to_dict`."""
    return {
        "metric": comparison.metric,
        "minimize": comparison.minimize,
        "level": comparison.level,
        "rope": comparison.rope,
        "interval": comparison.interval,
        "baseline": comparison.baseline,
        "datasets": list(comparison.datasets),
        "models": [
            {**score_record(comparison, each), "scores": each.scores.ravel().tolist()}
            for each in comparison.evidence
        ],
        "pairs": [pair_record(pair) for pair in comparison.results],
        "row_tests": [row_record(found) for found in comparison.row_tests],
        "best": comparison.best,
        "not_distinguishable_from_best": list(comparison.contenders),
        "best_family": len(comparison.all_pairs),
        "ranking": _ranking_record(comparison),
        "groups": [list(group) for group in comparison.groups],
        "verdict": comparison.verdict,
        "warnings": comparison.warnings,
    }


def score_record(comparison: Comparison, each: Evidence) -> Record:
    """Scores of one model on one data set."""
    interval = each.interval(comparison.level, comparison.interval)
    return {
        "model": each.model,
        "run": each.run,
        "dataset": each.dataset,
        "n": each.n,
        "folds": each.folds,
        "repeats": each.repeats,
        "test_ratio": each.test_ratio,
        "train_rows": each.trained_on,
        "test_rows": each.tested_on,
        "mean": each.mean,
        "ci": _pair_of(interval),
        "ci_method": "none" if interval is None else interval.method,
        "ci_rows": None if interval is None else interval.n,
        "ci_rows_sd": None if interval is None else interval.sd,
        "fold_sd": each.fold_sd,
        "guess": each.guess,
    }


def pair_record(pair: Pair) -> Record:
    """Two models compared."""
    return {
        "first": pair.first,
        "second": pair.second,
        "difference": pair.difference,
        "ci": _pair_of(pair.interval),
        "p": pair.p,
        "p_holm": pair.p_holm,
        "family": pair.family,
        "wins": pair.wins,
        "ties": pair.ties,
        "losses": pair.losses,
        "rope": None if pair.rope is None else dict(zip(("worse", "rope", "better"), pair.rope, strict=True)),
        "test": pair.test,
        "favoured": pair.favoured,
        "rank_sums": None if pair.ranks is None else list(pair.ranks),
    }


def row_record(found: RowTest) -> Record:
    """McNemar's test of two models."""
    models = {"first": found.first, "second": found.second, "n": found.n}
    return {**models, **asdict(found.test), "exact_p_holm": found.p_holm}


def _ranking_record(comparison: Comparison) -> dict[str, Any] | None:
    ranking = comparison.ranking
    if ranking is None:
        return None
    test = ranking.friedman
    return {
        "ranks": dict(ranking.ranks),
        "datasets": ranking.datasets,
        "too_few": ranking.too_few,
        "critical_difference": ranking.critical_difference,
        "friedman": None
        if test is None
        else {
            "chi2": test.chi2,
            "chi2_p": test.chi2_p,
            # It is infinite where every data set ranks the models alike.
            "f": test.f if math.isfinite(test.f) else None,
            "f_p": test.f_p,
        },
    }


def _pair_of(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.low, interval.high]
