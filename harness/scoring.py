"""Fold scores and their summary, from kept predictions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.metrics import Metric, Predictions
from harness.statistics.intervals import Interval, IntervalKind, per_example_mean, resampled_t, wilson
from harness.statistics.variance import VarianceComponents, variance_components

FirstRepeat = Callable[[], Sequence[Sequence[Predictions]]]
"""Gives the predictions of the first repeat, for each fold those of its seeds."""


@dataclass(frozen=True)
class Summary:
    """What is said of one metric.

    Attributes:
        name: The metric's.
        mean: Mean over folds, None where a fold has no score.
        fold_sd: Standard deviation over folds (ddof=1), None for fewer than two.
        seed_sd: Standard deviation over the seeds of a fold, pooled over folds, None for one seed.
        repeat_se: Standard error of the mean over repeats: what another shuffling would change; None for one.
        interval: Confidence interval of the mean, or None where none is defined.
        scores: One per fold in repeat-fold order, averaged over seeds; NaN where undefined.
        variance: Where the variance of the scores comes from; None where there is nothing to divide it among.
        seed_scores: For each of `scores` those of its seeds; NaN where undefined.
        pooled: Of a ratio of counts, such as F1: the ratio of the counts summed over the folds of a repeat, the
            mean of that over repeats and seeds; None for other metrics.
        range: Lowest and highest possible value of the metric, infinite where it declares none.
    """

    name: str
    mean: float | None
    fold_sd: float | None
    seed_sd: float | None
    repeat_se: float | None
    interval: Interval | None
    scores: tuple[float, ...]
    variance: VarianceComponents | None = None
    seed_scores: tuple[tuple[float, ...], ...] = ()
    pooled: float | None = None
    range: tuple[float, float] = (-math.inf, math.inf)


def summarize(
    metric: Metric,
    scores: NDArray[np.float64],
    test_ratio: float,
    level: float,
    first_repeat: FirstRepeat,
    kind: IntervalKind = "corrected",
    pooled: Sequence[float] = (),
) -> Summary:
    """Sums up the scores of one metric.

    Args:
        metric: The metric.
        scores: (repeats, folds, seeds) scores, NaN where undefined or where a fold failed.
        test_ratio: Test rows over training rows of a fold.
        level: Nominal coverage of the interval, in (0, 1).
        first_repeat: Where fold scores give no interval, the rows of the first repeat may.
        kind: Which degrees of freedom the interval takes.
        pooled: The metric of each finished repeat and seed as a whole, where it pools.

    Example:
        >>> from harness.metrics import METRICS
        >>> summary = summarize(METRICS["accuracy"], np.array([[[0.5], [1.0]]]), 1.0, 0.95, list)
        >>> summary.mean, round(summary.fold_sd, 4)
        (0.75, 0.3536)
    """
    by_fold = scores.mean(axis=2)
    values = by_fold.ravel()
    complete = bool(np.isfinite(values).all())
    repeats, folds, seeds = scores.shape
    interval = None
    if complete:
        interval = resampled_t(values.tolist(), test_ratio, folds, level, kind)
        interval = interval or rows_interval(metric, first_repeat, level)
    return Summary(
        name=metric.name,
        mean=float(values.mean()) if complete else None,
        fold_sd=float(values.std(ddof=1)) if complete and len(values) > 1 else None,
        seed_sd=float(np.sqrt(scores.var(axis=2, ddof=1).mean())) if complete and seeds > 1 else None,
        repeat_se=_standard_error(by_fold.mean(axis=1)) if complete and repeats > 1 else None,
        interval=interval,
        scores=tuple(values.tolist()),
        variance=variance_components(scores) if complete and (seeds > 1 or min(repeats, folds) > 1) else None,
        seed_scores=tuple(map(tuple, scores.reshape(-1, seeds).tolist())),
        pooled=float(np.mean(pooled)) if len(pooled) == repeats * seeds and np.isfinite(pooled).all() else None,
        range=metric.range,
    )


def _standard_error(values: NDArray[np.float64]) -> float:
    return float(values.std(ddof=1) / math.sqrt(len(values)))


def rows_interval(metric: Metric, first_repeat: FirstRepeat, level: float) -> Interval | None:
    """Interval over the rows of the first repeat: Wilson's for a proportion, else Student's t.

    It takes the place of the interval over folds where their scores have no spread: of a single fold, or where all
    are alike.

    Args:
        metric: The metric.
        first_repeat: Its predictions; seeds are averaged within a row.
        level: Nominal coverage, in (0, 1).

    Returns:
        The interval, or None where the metric is no mean over rows, or all rows are alike and no proportion.
    """
    if metric.per_example is None or not (folds := first_repeat()):
        return None
    losses = np.concatenate([np.mean([metric.per_example(p) for p in seeds], axis=0) for seeds in folds])
    if metric.proportion and all(len(seeds) == 1 for seeds in folds):
        return wilson(int(losses.sum()), len(losses), level)
    return per_example_mean(losses, level)


def summary_dict(summary: Summary) -> dict[str, Any]:
    """The summary as JSON values: a number that is not there is null, never NaN."""
    interval = summary.interval
    return {
        "mean": summary.mean,
        "sd": summary.fold_sd,
        "fold_sd": summary.fold_sd,
        "seed_sd": summary.seed_sd,
        "repeat_se": summary.repeat_se,
        "ci": None if interval is None else [interval.low, interval.high],
        "ci_level": None if interval is None else interval.level,
        "ci_method": "none" if interval is None else interval.method,
        "ci_rows": None if interval is None else interval.n,
        "ci_rows_sd": None if interval is None else interval.sd,
        "pooled": summary.pooled,
        "range": _plain(summary.range),
        "variance": _plain_variance(summary.variance),
        "scores": _plain(summary.scores),
        "seed_scores": [_plain(seeds) for seeds in summary.seed_scores],
    }


def _plain(scores: Sequence[float]) -> list[float | None]:
    return [score if math.isfinite(score) else None for score in scores]


def _plain_variance(parts: VarianceComponents | None) -> dict[str, Any] | None:
    return None if parts is None else {**asdict(parts), "truncated": list(parts.truncated)}
