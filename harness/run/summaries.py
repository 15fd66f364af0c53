"""The summary of every metric of a run, and the baseline's scores."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from harness.metrics import Metric, Predictions
from harness.run.results import Results
from harness.scoring import Summary, summarize

Shape = tuple[int, int, int]


def summarize_all(
    results: Results, metrics: Sequence[Metric], shape: Shape, test_ratio: float, level: float
) -> list[Summary]:
    """Sums up every metric.

    Args:
        results: What the folds left.
        metrics: The metrics.
        shape: Repeats, folds and seeds that were asked for.
        test_ratio: Test rows over training rows of a fold.
        level: Nominal coverage of the intervals, in (0, 1).
    """
    return [
        summarize(metric, score_array(results, metric, shape), test_ratio, level, partial(_first_repeat, results))
        for metric in metrics
    ]


def baseline_scores(results: Results, metrics: Sequence[Metric]) -> dict[str, dict[str, float | None]]:
    """Mean and standard deviation of the baseline's fold scores, by metric; None where undefined."""
    return {metric.name: baseline_score(results, metric) for metric in metrics}


def _first_repeat(results: Results) -> list[list[Predictions]]:
    """Predictions of the first repeat: for each fold those of its seeds."""
    firsts: dict[int, list[Predictions]] = {}
    for key, result in results.folds.items():
        if key.repeat == 0:
            firsts.setdefault(key.fold, []).append(result.predictions)
    return list(firsts.values())


def score_array(results: Results, metric: Metric, shape: Shape) -> NDArray[np.float64]:
    """(repeats, folds, seeds) scores, NaN where undefined or failed."""
    scores = np.full(shape, np.nan)
    for key, score in results.scores(metric).folds.items():
        scores[key] = score
    return scores


def baseline_score(results: Results, metric: Metric) -> dict[str, float | None]:
    """Mean and standard deviation of the baseline's fold scores by one metric; None where undefined."""
    scores = np.array(results.scores(metric).baseline)
    if not np.isfinite(scores).all():
        return {"mean": None, "sd": None}
    return {"mean": float(scores.mean()), "sd": float(scores.std(ddof=1)) if len(scores) > 1 else None}


def without_mean(summaries: Sequence[Summary], results: Results, asked: int) -> list[str]:
    """Why metrics of a run have no mean, where no fold has failed."""
    trained = len(results.keys)
    if trained < asked:
        return [f"unfinished_run: {trained} of {asked} trainings are done; run the same command again."]
    return [
        f"undefined_metric: {summary.name} is undefined on some test folds (one class only, or one row); "
        "it has no mean. Use fewer folds or another metric."
        for summary in summaries
        if summary.mean is None
    ]
