"""The result of a comparison, and how it is come to from fold scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.comparison import records, tables
from harness.comparison.evidence import Evidence
from harness.comparison.groups import indistinguishable_groups
from harness.comparison.pairs import Pair, adjust, compare_on_datasets, compare_on_folds
from harness.comparison.ranking import Ranking, mean_scores, rank_models
from harness.comparison.remarks import warnings_of
from harness.comparison.rows import RowTest, row_tests
from harness.comparison.verdict import verdict_of
from harness.errors import UsageError
from harness.statistics.intervals import IntervalKind
from harness.statistics.rounding import rounded

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Comparison:
    """Models compared by one metric.

    Attributes:
        metric: Its name.
        minimize: Whether less is better.
        level: Level of intervals; a pair is told apart where its adjusted p is at most 1 - level.
        rope: Half the width of the region of practical equivalence, None where none was declared.
        baseline: The model that the others were compared with, None where every pair was.
        evidence: The fold scores of every model on every data set.
        results: The pairs asked for, as one family: the better model first, or the baseline second.
        all_pairs: Every pair as one family; from them the models like the best are found.
        best: The model with the best mean, over data sets the one with the best average rank.
        contenders: The best, and the models of which no test shows that they are worse, in the order of `ordered`.
        ranking: Ranks and Friedman's test over several data sets, None on one.
        interval: Which degrees of freedom intervals, tests and rope probabilities on one data set take.
        limits: Lowest and highest possible score, to which intervals are cut where they are shown.
    """

    metric: str
    minimize: bool
    level: float
    rope: float | None
    baseline: str | None
    evidence: tuple[Evidence, ...]
    results: tuple[Pair, ...]
    all_pairs: tuple[Pair, ...]
    best: str
    contenders: tuple[str, ...]
    ranking: Ranking | None
    interval: IntervalKind = "corrected"
    limits: tuple[float, float] = (-np.inf, np.inf)

    @property
    def models(self) -> tuple[str, ...]:
        """The models, in the order given."""
        return tuple(dict.fromkeys(each.model for each in self.evidence))

    @property
    def ordered(self) -> tuple[str, ...]:
        """The models, the best first: by mean, over several data sets by average rank."""
        return _best_first(self.evidence, self.minimize, self.ranking)

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The largest groups of models of which no two are told apart, the best first."""
        return indistinguishable_groups(self.ordered, self.all_pairs, self.level)

    @property
    def datasets(self) -> tuple[str, ...]:
        """The data sets, in the order given."""
        return tuple(dict.fromkeys(each.dataset for each in self.evidence))

    @property
    def verdict(self) -> str:
        """The answer in one sentence."""
        return verdict_of(self)

    @property
    def warnings(self) -> list[str]:
        """What the reader must know before using the answer."""
        return warnings_of(self)

    @property
    def scores(self) -> pd.DataFrame:
        """One row a model and data set: mean, interval and spread of its own scores, and the dummy's mean."""
        return tables.score_frame(self)

    @property
    def pairs(self) -> pd.DataFrame:
        """One row a pair: difference, interval, p values, wins, ties and losses, rope probabilities."""
        return tables.pair_frame(self.results)

    @property
    def matrix(self) -> pd.DataFrame:
        """Mean differences, the row's model minus the column's."""
        return tables.difference_matrix(self)

    @cached_property
    def row_tests(self) -> tuple[RowTest, ...]:
        """McNemar's test of each of `results`, on the rows of the first repeat; of classifiers on one data set.

        It asks whether two sets of trained models differ on these rows, each counted once, and takes the rows that
        they were trained on as given; the test over folds includes what other training rows would change.
        """
        return row_tests(self)

    def to_dict(self) -> dict[str, Any]:
        """The comparison as JSON values, with the fold scores that every number was computed from."""
        return records.as_dict(self)

    def __repr__(self) -> str:
        return tables.as_text(self)

    def _repr_html_(self) -> str:
        return tables.as_html(self)


def compare_evidence(
    evidence: Sequence[Evidence],
    *,
    metric: str,
    minimize: bool = False,
    level: float = 0.95,
    rope: float | None = None,
    baseline: str | None = None,
    interval: IntervalKind = "corrected",
    limits: tuple[float, float] = (-np.inf, np.inf),
) -> Comparison:
    """Compares models by scores on the same folds.

    Args:
        evidence: Every model on every data set, once each.
        metric: Name of the metric.
        minimize: Whether less is better.
        level: Level of intervals, in (0, 1).
        rope: Half the width of the region of practical equivalence.
        baseline: Name of the model that the others are compared with.
        interval: "corrected" or "conservative": which degrees of freedom intervals and tests take.
        limits: Lowest and highest possible score.

    Raises:
        UsageError: Fewer than two models, or a model that is missing on a data set.

    Example:
        >>> import numpy as np
        >>> scores = {"a": [[0.8, 0.9, 0.7]], "b": [[0.7, 0.9, 0.6]]}
        >>> evidence = [Evidence(m, m, "d", 60, np.array(s), 0.5) for m, s in scores.items()]
        >>> compare_evidence(evidence, metric="accuracy").contenders
        ('a', 'b')
    """
    _check_complete(evidence)
    datasets = list(dict.fromkeys(each.dataset for each in evidence))
    ranking = rank_models(evidence, minimize, level) if len(datasets) > 1 else None
    all_pairs = adjust(
        _pairs(evidence, minimize=minimize, level=level, rope=rope, kind=interval, over_datasets=len(datasets) > 1)
    )
    models = _best_first(evidence, minimize, ranking)
    best = models[0]
    asked = _better_first(models, all_pairs) if baseline is None else adjust(_against(baseline, all_pairs))
    worse = {_other(pair, best) for pair in all_pairs if pair.favoured == best and pair.distinguishes(level)}
    return Comparison(
        metric=metric,
        minimize=minimize,
        level=level,
        rope=rope,
        baseline=baseline,
        evidence=tuple(evidence),
        results=tuple(asked),
        all_pairs=tuple(all_pairs),
        best=best,
        contenders=tuple(model for model in models if model not in worse),
        ranking=ranking,
        interval=interval,
        limits=limits,
    )


def _pairs(
    evidence: Sequence[Evidence],
    *,
    minimize: bool,
    level: float,
    rope: float | None,
    kind: IntervalKind,
    over_datasets: bool,
) -> list[Pair]:
    if not over_datasets:
        return [
            compare_on_folds(first, second, minimize=minimize, level=level, rope=rope, kind=kind)
            for first, second in combinations(evidence, 2)
        ]
    means = mean_scores(evidence)
    return [
        compare_on_datasets((first, second), means[first].to_numpy(), means[second].to_numpy(), minimize=minimize)
        for first, second in combinations(means.columns, 2)
    ]


def _best_first(evidence: Sequence[Evidence], minimize: bool, ranking: Ranking | None) -> tuple[str, ...]:
    if ranking is not None:
        return tuple(sorted(ranking.ranks, key=lambda model: ranking.ranks[model]))
    means = np.array([each.mean for each in evidence])
    # Equal means differ in their last digits; then the order given stays.
    alike = rounded(means if minimize else -means, np.abs(means).max(), digits=12)
    return tuple(evidence[place].model for place in np.argsort(alike, kind="stable"))


def _better_first(models: Sequence[str], pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs, each turned so that its better model stands first; those of the best models first."""
    places = {model: place for place, model in enumerate(models)}
    turned = [pair if places[pair.first] < places[pair.second] else pair.turned() for pair in pairs]
    return sorted(turned, key=lambda pair: (places[pair.first], places[pair.second]))


def _against(baseline: str, pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs with the baseline, each turned so that the baseline stands second."""
    return [pair if pair.second == baseline else pair.turned() for pair in pairs if _involves(pair, baseline)]


def _involves(pair: Pair, model: str) -> bool:
    return model in (pair.first, pair.second)


def _other(pair: Pair, model: str) -> str:
    return pair.second if pair.first == model else pair.first


def _check_complete(evidence: Sequence[Evidence]) -> None:
    models = list(dict.fromkeys(each.model for each in evidence))
    datasets = list(dict.fromkeys(each.dataset for each in evidence))
    if len(models) < 2:
        raise UsageError(f"A comparison needs at least two models. Received: {len(models)}")
    counts = {(model, dataset): 0 for dataset in datasets for model in models}
    for each in evidence:
        counts[each.model, each.dataset] += 1
    missing = [f"{model} on {dataset}" for (model, dataset), count in counts.items() if count == 0]
    twice = [f"{model} on {dataset}" for (model, dataset), count in counts.items() if count > 1]
    if missing:
        raise UsageError(
            f"Every model must be judged on every data set. Missing: {', '.join(missing)}; name one data set for "
            "all (dataset), or leave these out"
        )
    if twice:
        raise UsageError(f"Every model is compared once. Received twice: {', '.join(twice)}; leave one out")
