"""From simulated fold scores to coverage: which intervals hold the truth, how often tests reject a true null."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.statistics.intervals import Interval, conservative_resampled_t, corrected_resampled_t
from harness.statistics.paired import TTest, corrected_paired_t
from harness.statistics.uncorrected import uncorrected_paired_t, uncorrected_t_over_repeats, uncorrected_z

from .collecting import Arrays

LEVEL = 0.95
Scores = NDArray[np.float64]
Limits = Callable[[Scores], Interval | None]


@dataclass(frozen=True)
class Coverage:
    """How one interval did over the data sets of one setting.

    Attributes:
        method: Of the interval.
        metric: "error" or "auc".
        repeats: Repeats that it was made from.
        datasets: Data sets.
        undefined: Data sets on which there is no interval, because all fold scores are alike; they are left out.
        at_folds: Share that holds the expected score of a model trained on n(k-1)/k rows.
        at_n: Share that holds the expected score of a model trained on all n rows.
        fitted: Share that holds the score of the very model that was fitted on all rows.
        left: Share of misses with the truth at n(k-1)/k below the interval.
        right: Share of misses with that truth above it.
        width: Mean width.
    """

    method: str
    metric: str
    repeats: int
    datasets: int
    undefined: int
    at_folds: float
    at_n: float
    fitted: float
    left: float
    right: float
    width: float


@dataclass(frozen=True)
class Size:
    """How often tests at 5 % tell two equal learners apart.

    Attributes:
        repeats: Repeats that they were made from.
        datasets: Data sets.
        corrected: Share of rejections by the corrected resampled t test.
        uncorrected: Share of rejections by the paired t test over all folds.
    """

    repeats: int
    datasets: int
    corrected: float
    uncorrected: float


def coverages(arrays: Arrays, folds: int, repeats: tuple[int, ...]) -> Iterator[Coverage]:
    """Judges every interval on the data sets of one setting.

    Args:
        arrays: As `simulate` gives them.
        folds: Folds in a repeat.
        repeats: Numbers of repeats to judge, each taking the first ones.
    """
    sources = [("error", "errors", "")]
    if arrays.get("aucs", np.empty(0)).size:
        sources.append(("auc", "aucs", "auc_"))
    for metric, field, prefix in sources:
        truths = np.ravel(arrays[f"{prefix}at_folds"]), np.ravel(arrays[f"{prefix}at_n"])
        for count in repeats:
            for method, limits in _methods(folds, count).items():
                yield _judge(method, metric, arrays[field][:, :count], limits, *truths)


def sizes(differences: Scores, folds: int, repeats: tuple[int, ...]) -> Iterator[Size]:
    """Judges the tests on the differences of two equal learners, (…, repeats, folds)."""
    for count in repeats:
        chosen = differences[:, :count].reshape(len(differences), -1)
        corrected = [corrected_paired_t(row.tolist(), 1 / (folds - 1)) for row in chosen]
        uncorrected = [uncorrected_paired_t(row.tolist()) for row in chosen]
        yield Size(count, len(chosen), *(_rejections(tests) for tests in (corrected, uncorrected)))


def _methods(folds: int, repeats: int) -> dict[str, Limits]:
    ratio = 1 / (folds - 1)
    methods: dict[str, Limits] = {
        "corrected": lambda scores: corrected_resampled_t(scores.ravel().tolist(), ratio, LEVEL),
        "conservative": lambda scores: conservative_resampled_t(scores.ravel().tolist(), ratio, folds, LEVEL),
        "uncorrected z": lambda scores: uncorrected_z(scores.ravel().tolist(), LEVEL),
    }
    if repeats > 1:
        methods["uncorrected t over repeats"] = lambda scores: uncorrected_t_over_repeats(scores, LEVEL)
    return methods


def _judge(method: str, metric: str, scores: Scores, limits: Limits, at_folds: Scores, at_n: Scores) -> Coverage:
    intervals = [limits(each) for each in scores]
    defined = np.array([interval is not None for interval in intervals])
    low, high = np.array([(each.low, each.high) for each in intervals if each is not None]).T
    truth, full = at_folds.mean(), at_n.mean()
    fitted = at_n[defined]
    return Coverage(
        method=method,
        metric=metric,
        repeats=scores.shape[1],
        datasets=len(scores),
        undefined=int((~defined).sum()),
        at_folds=float(((low <= truth) & (truth <= high)).mean()),
        at_n=float(((low <= full) & (full <= high)).mean()),
        fitted=float(((low <= fitted) & (fitted <= high)).mean()),
        left=float((truth < low).mean()),
        right=float((truth > high).mean()),
        width=float((high - low).mean()),
    )


def _rejections(tests: Sequence[TTest | None]) -> float:
    return float(np.mean([test is not None and test.p <= 1 - LEVEL for test in tests]))
