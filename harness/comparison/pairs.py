"""Two models: how much they differ, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from harness.comparison.evidence import Evidence
from harness.statistics.adjustment import holm
from harness.statistics.bayesian import RopeProbabilities, correlated_t_posterior
from harness.statistics.intervals import Interval
from harness.statistics.paired import corrected_paired_t
from harness.statistics.signed_ranks import signed_ranks, too_few_datasets

_TIE = 1e-12

FOLDS_TEST = "corrected resampled t"
DATASETS_TEST = "Wilcoxon signed ranks"


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

    def distinguishes(self, level: float) -> bool:
        """Whether the adjusted p value is at most 1 - level."""
        # The tolerance keeps p = 0.05 at level 0.95, where 1 - level is a little more or less.
        return self.p_holm is not None and self.p_holm <= 1 - level + 1e-12

    def turned(self) -> Pair:
        """The same pair with the models in the other order."""
        interval, rope = self.interval, self.rope
        if interval is not None:
            interval = replace(interval, low=-interval.high, high=-interval.low)
        if rope is not None:
            rope = RopeProbabilities(rope.above, rope.within, rope.below)
        return replace(
            self,
            first=self.second,
            second=self.first,
            difference=-self.difference,
            interval=interval,
            wins=self.losses,
            losses=self.wins,
            rope=rope,
        )


def compare_on_folds(
    first: Evidence, second: Evidence, *, minimize: bool, level: float, rope: float | None
) -> Pair:
    """Compares two models on the same folds by the corrected resampled t test.

    Args:
        first: Scores of one model.
        second: Scores of the other, on the same folds.
        minimize: Whether less is better.
        level: Level of the interval.
        rope: Half the width of the region of practical equivalence, in the metric's units.

    Returns:
        The pair in a family of its own; `adjust` puts it into a larger one.
    """
    differences = (first.scores - second.scores).ravel()
    test = corrected_paired_t(differences.tolist(), first.test_ratio, level)
    # Models that agree on every fold are as alike as can be.
    alike = bool(np.abs(differences).max() <= _TIE)
    p = test.p if test is not None else (1.0 if alike else None)
    return Pair(
        first=first.model,
        second=second.model,
        difference=float(differences.mean()),
        interval=test.interval if test is not None else None,
        p=p,
        p_holm=p,
        family=1,
        **_count(differences, minimize),
        rope=_rope(differences, first.test_ratio, rope, minimize),
        test=FOLDS_TEST,
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
    enough = too_few_datasets(len(differences)) is None
    p = signed_ranks(differences.tolist()).p if enough else None
    return Pair(
        first=names[0],
        second=names[1],
        difference=float(differences.mean()),
        interval=None,
        p=p,
        p_holm=p,
        family=1,
        **_count(differences, minimize),
        rope=None,
        test=DATASETS_TEST,
    )


def adjust(pairs: Sequence[Pair]) -> list[Pair]:
    """Puts pairs into one family: adjusts their p values by Holm for as many tests as there are pairs."""
    tested = [pair.p for pair in pairs if pair.p is not None]
    adjusted = iter(holm(tested, family=len(pairs)))
    return [replace(pair, p_holm=None if pair.p is None else next(adjusted), family=len(pairs)) for pair in pairs]


def _count(differences: NDArray[np.float64], minimize: bool) -> dict[str, int]:
    gains = -differences if minimize else differences
    wins, losses = int((gains > _TIE).sum()), int((gains < -_TIE).sum())
    return {"wins": wins, "ties": len(gains) - wins - losses, "losses": losses}


def _rope(
    differences: NDArray[np.float64], test_ratio: float, rope: float | None, minimize: bool
) -> RopeProbabilities | None:
    if rope is None:
        return None
    gains = -differences if minimize else differences
    return correlated_t_posterior(gains.tolist(), test_ratio, rope)
