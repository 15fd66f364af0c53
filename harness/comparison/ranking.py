"""Many models on many data sets: ranks, Friedman's test, critical difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harness.comparison.evidence import Evidence
from harness.statistics.ranks import Friedman, average_ranks, friedman, nemenyi_difference
from harness.statistics.rounding import rounded
from harness.statistics.signed_ranks import too_few_datasets

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Ranking:
    """Ranks of models over data sets.

    Attributes:
        ranks: Average rank of each model, 1 for the best.
        datasets: Number of data sets.
        friedman: Friedman's test with Iman and Davenport's form; None with too few data sets.
        critical_difference: Nemenyi's, at 1 - level; None with too few data sets.
        too_few: Why there is no test, or None.
    """

    ranks: Mapping[str, float]
    datasets: int
    friedman: Friedman | None
    critical_difference: float | None
    too_few: str | None


def mean_scores(evidence: Sequence[Evidence]) -> pd.DataFrame:
    """Mean score of each model (columns) on each data set (rows), in the order given."""
    import pandas as pd

    models = list(dict.fromkeys(each.model for each in evidence))
    datasets = list(dict.fromkeys(each.dataset for each in evidence))
    means = {(each.dataset, each.model): each.mean for each in evidence}
    return pd.DataFrame([[means[d, m] for m in models] for d in datasets], index=datasets, columns=models)


def scales_of(means: pd.DataFrame) -> NDArray[np.float64]:
    """(N, 1) greatest size of a mean on each data set, by which rounding noise is judged."""
    return np.asarray(np.abs(means.to_numpy()).max(axis=1, keepdims=True))


def rank_models(evidence: Sequence[Evidence], minimize: bool, level: float = 0.95) -> Ranking:
    """Ranks models over several data sets, and tests whether they differ at all.

    Args:
        evidence: Every model on every data set.
        minimize: Whether less is better.
        level: The critical difference is at 1 - level.
    """
    means = mean_scores(evidence)
    count, models = means.shape
    too_few = too_few_datasets(count)
    # As Demšar does, means that agree to six decimals tie; errors may be far smaller than his scores up to 1.
    values = rounded(means, scales_of(means))
    ranks = dict(zip(means.columns, average_ranks(values, minimize=minimize).tolist(), strict=True))
    if too_few is not None:
        return Ranking(ranks, count, None, None, too_few)
    test = friedman(values, minimize=minimize)
    return Ranking(ranks, count, test, nemenyi_difference(models, count, 1 - level), None)
