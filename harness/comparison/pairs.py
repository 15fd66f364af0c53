"""Two models: how much they differ, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.comparison.evidence import Evidence
from harness.statistics.adjustment import holm
from harness.statistics.bayesian import RopeProbabilities, correlated_t_posterior
from harness.statistics.intervals import METHODS, Interval, IntervalKind
from harness.statistics.paired import corrected_paired_t
from harness.statistics.rounding import NOISE, rounded
from harness.statistics.signed_ranks import signed_ranks, too_few_datasets

DATASETS_TEST = "Wilcoxon signed ranks"


class RankSums(NamedTuple):
    """Sums of signed ranks over data sets: what Wilcoxon's test compares.

    Attributes:
        won: Of the data sets on which the first model is better; ranks of ties are split between the two.
        lost: Of those on which the second is better.
    """

    won: float
    lost: float


@dataclass(frozen=True)
class Pair:
    """Two models compared.

    Attributes:
        first: One model.
        second: The other.
        difference: Mean score of the first minus that of the second, in the metric's units.
        interval: Corrected interval of the difference over folds; None over data sets, or where all folds differ
            by the same.
        p: Raw two-sided p value; None where all folds differ by the same amount, which no test can judge, and
            over too few data sets.
        p_holm: Adjusted by Holm for all tests of the family; None without p.
        family: Tests in the family.
        wins: Folds (or data sets) on which the first is better.
        ties: On which both are equal.
        losses: On which the second is better.
        rope: Probabilities that the first is worse by more than the rope, that the difference does not matter,
            and that the first is better by more than the rope; None where no rope was declared.
        test: Where p comes from.
        favoured: The model that the test speaks for, whether or not it is significant: on folds the one with the
            better mean, over data sets the one with the greater sum of signed ranks, which need not be the one
            with the better mean; None where they are equal.
        ranks: Over data sets the sums of signed ranks; None on folds.
    """

    first: str
    second: str
    difference: float
    interval: Interval | None
    p: float | None
    p_holm: float | None
    family: int
    wins: int
    ties: int
    losses: int
    rope: RopeProbabilities | None
    test: str
    favoured: str | None = None
    ranks: RankSums | None = None

    def distinguishes(self, level: float) -> bool:
        """Whether the adjusted p value is at most 1 - level."""
        # The tolerance keeps p = 0.05 at level 0.95, where 1 - level is a little more or less.
        return self.p_holm is not None and self.p_holm <= 1 - level + 1e-12

    def equivalent(self, level: float) -> bool:
        """Whether the difference lies within the rope with a probability of at least `level`."""
        return self.rope is not None and self.rope.within >= level

    def turned(self) -> Pair:
        """The same pair with the models in the other order."""
        interval, rope, ranks = self.interval, self.rope, self.ranks
        if interval is not None:
            interval = replace(interval, low=-interval.high, high=-interval.low)
        if rope is not None:
            rope = RopeProbabilities(rope.above, rope.within, rope.below)
        if ranks is not None:
            ranks = RankSums(ranks.lost, ranks.won)
        return replace(
            self,
            first=self.second,
            second=self.first,
            difference=-self.difference,
            interval=interval,
            wins=self.losses,
            losses=self.wins,
            rope=rope,
            ranks=ranks,
        )


def compare_on_folds(
    first: Evidence,
    second: Evidence,
    *,
    minimize: bool,
    level: float,
    rope: float | None,
    kind: IntervalKind = "corrected",
) -> Pair:
    """Compares two models on the same folds by the corrected resampled t test.

    Args:
        first: Scores of one model.
        second: Scores of the other, on the same folds.
        minimize: Whether less is better.
        level: Level of the interval.
        rope: Half the width of the region of practical equivalence, in the metric's units.
        kind: Which degrees of freedom interval, test and rope probabilities take.

    Returns:
        The pair in a family of its own; `adjust` puts it into a larger one.
    """
    differences = (first.scores - second.scores).ravel()
    scale = float(max(np.abs(first.scores).max(), np.abs(second.scores).max()))
    ratio, folds = first.test_ratio, first.folds
    test = corrected_paired_t(differences.tolist(), ratio, level, folds=folds, kind=kind, scale=scale)
    gains = -differences if minimize else differences
    ties = np.abs(gains) <= NOISE * scale
    # Models that agree on every fold are as alike as can be.
    p = test.p if test is not None else (1.0 if ties.all() else None)
    posterior = None
    if rope is not None:
        posterior = correlated_t_posterior(gains.tolist(), ratio, rope, folds=folds, kind=kind, scale=scale)
    return Pair(
        first=first.model,
        second=second.model,
        difference=float(differences.mean()),
        interval=test.interval if test is not None else None,
        p=p,
        p_holm=p,
        family=1,
        wins=int((gains[~ties] > 0).sum()),
        ties=int(ties.sum()),
        losses=int((gains[~ties] < 0).sum()),
        rope=posterior,
        test=METHODS[kind],
        favoured=None if ties.all() else _favoured((first.model, second.model), float(gains.mean())),
    )


def compare_on_datasets(
    names: tuple[str, str], first: NDArray[np.float64], second: NDArray[np.float64], *, minimize: bool
) -> Pair:
    """Compares two models over data sets by Wilcoxon's signed ranks.

    Args:
        names: Of the models.
        first: (N,) mean scores of one model, a data set each.
        second: (N,) mean scores of the other.
        minimize: Whether less is better.
    """
    differences = first - second
    gains, scales = -differences if minimize else differences, np.maximum(np.abs(first), np.abs(second))
    test, seen = signed_ranks(gains.tolist(), scales), rounded(gains, scales)
    p = test.p if too_few_datasets(len(gains)) is None else None
    return Pair(
        first=names[0],
        second=names[1],
        difference=float(differences.mean()),
        interval=None,
        p=p,
        p_holm=p,
        family=1,
        wins=int((seen > 0).sum()),
        ties=int((seen == 0).sum()),
        losses=int((seen < 0).sum()),
        rope=None,
        test=DATASETS_TEST,
        favoured=_favoured(names, test.positive - test.negative),
        ranks=RankSums(test.positive, test.negative),
    )


def adjust(pairs: Sequence[Pair]) -> list[Pair]:
    """Puts pairs into one family: adjusts their p values by Holm for as many tests as there are pairs."""
    tested = [pair.p for pair in pairs if pair.p is not None]
    adjusted = iter(holm(tested, family=len(pairs)))
    return [replace(pair, p_holm=None if pair.p is None else next(adjusted), family=len(pairs)) for pair in pairs]


def _favoured(names: tuple[str, str], gain: float) -> str | None:
    return None if gain == 0 else names[0] if gain > 0 else names[1]
