"""The summary of every metric of a run, and the baseline's scores."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from harness.metrics import Metric, Predictions
from harness.run.results import Results
from harness.scoring import Summary, summarize
from harness.statistics.intervals import IntervalKind

Shape = tuple[int, int, int]


def summarize_all(
    results: Results,
    metrics: Sequence[Metric],
    shape: Shape,
    test_ratio: float,
    level: float,
    kind: IntervalKind = "corrected",
) -> list[Summary]:
    """Sums up every metric.

    Args:
        results: What the folds left.
        metrics: The metrics.
        shape: Repeats, folds and seeds that were asked for.
        test_ratio: Test rows over training rows of a fold.
        level: Nominal coverage of the intervals, in (0, 1).
        kind: Which degrees of freedom the intervals take.
    """
    rows = partial(first_repeat, results)
    return [
        summarize(
            metric,
            score_array(results, metric, shape),
            test_ratio,
            level,
            rows,
            kind,
            results.scores(metric).pooled,
        )
        for metric in metrics
    ]


def baseline_scores(results: Results, metrics: Sequence[Metric]) -> dict[str, dict[str, float | None]]:
    """Mean and standard deviation of the baseline's fold scores, by metric; None where undefined."""
    return {metric.name: baseline_score(results, metric) for metric in metrics}


def first_repeat(results: Results) -> list[list[Predictions]]:
    """Predictions of the first repeat: for each fold those of its seeds."""
    firsts: dict[int, list[Predictions]] = {}
    for key in results.keys:
        if key.repeat == 0:
            firsts.setdefault(key.fold, []).append(results.fold(key).predictions)
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
    undefined = {summary.name: _undefined(summary) for summary in summaries if summary.mean is None}
    single = len(results.one_class) if undefined else 0
    why = f" {single} of {asked} have test rows of one class only." if single else ""
    return [
        f"undefined_metric: {name} is undefined on {count} of {asked} {results.unit} and has no mean.{why} "
        "Use fewer folds or another metric."
        for name, count in undefined.items()
    ]


def constant_predictions(results: Results, metrics: Sequence[Metric]) -> list[str]:
    """Says on how many folds a model predicts one class only, which some metrics hide in a 0."""
    if not (folds := results.constant):
        return []
    zero = " mcc is 0 there by convention." if any(metric.name == "mcc" for metric in metrics) else ""
    count = f"{len(folds)} of {len(results.keys)} {results.unit}"
    return [
        f"constant_predictions: the model predicts one class on {count}.{zero} "
        "Train longer, weigh the classes (class_weight), or choose a threshold."
    ]


def _undefined(summary: Summary) -> int:
    return sum(not np.isfinite(score) for seeds in summary.seed_scores for score in seeds)
