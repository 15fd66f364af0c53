"""What a comparison works on: the fold scores of one model on one data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import unpack
from harness.errors import UsageError
from harness.metrics import Metric
from harness.run import Run


@dataclass(frozen=True, eq=False)
class Evidence:
    """Scores of one model on one data set.

    Attributes:
        model: Its name in the comparison, unlike every other on the data set.
        run: Name of the run they come from.
        dataset: Name of the data set.
        n: Rows of the data set.
        scores: (repeats, folds) scores, averaged over the seeds of a fold, all finite.
        test_ratio: Test rows over training rows of a fold.
        guess: Mean score of the dummy that knows nothing but the training targets; None where undefined.
        smallest_class: Rows of the rarest class; None for regression.
    """

    model: str
    run: str
    dataset: str
    n: int
    scores: NDArray[np.float64]
    test_ratio: float
    guess: float | None = None
    smallest_class: int | None = None

    @property
    def mean(self) -> float:
        """Mean over all folds."""
        return float(self.scores.mean())

    @property
    def folds(self) -> int:
        """Folds in a repeat."""
        return int(self.scores.shape[1])

    @property
    def repeats(self) -> int:
        """Repeats."""
        return int(self.scores.shape[0])


def evidence_of(run: Run, metric: Metric, model: str) -> Evidence:
    """Reads the scores of a finished run.

    Args:
        run: The run.
        metric: What to judge by.
        model: How the comparison calls the model.

    Raises:
        UsageError: Folds failed or are missing, or the metric is undefined on some.
    """
    scores = run.scores_by(metric)
    _check_complete(run, metric, scores)
    return Evidence(
        model=model,
        run=run.id,
        dataset=run.dataset,
        n=run.n,
        scores=np.asarray(scores.mean(axis=2)),
        test_ratio=float(manifest_of(run)["test_ratio"]),
        guess=run.baseline_by(metric)["mean"],
        smallest_class=_smallest_class(run),
    )


def manifest_of(run: Run) -> Mapping[str, Any]:
    """What was asked for when the run was made, as its store keeps it."""
    return run.manifest


def label_runs(groups: Sequence[Sequence[Run]]) -> list[list[str]]:
    """Names runs so that no two on a data set share a name: by model, by its arguments, else by run.

    Args:
        groups: The runs on each data set.

    Returns:
        A name for each run, by the same rule on every data set.
    """
    for describe in (_by_model, _by_arguments):
        labels = [[describe(run) for run in runs] for runs in groups]
        if all(len(set(names)) == len(names) for names in labels):
            return labels
    return [[run.id for run in runs] for runs in groups]


def _by_model(run: Run) -> str:
    return run.model


def _by_arguments(run: Run) -> str:
    arguments = manifest_of(run)["identity"]["arguments"]
    inside = ", ".join(f"{name}={value}" for name, value in arguments.items())
    return f"{run.model}({inside})" if inside else run.model


def _check_complete(run: Run, metric: Metric, scores: NDArray[np.float64]) -> None:
    wanted, finished = scores.size, len(run.stored.folds)
    if run.n_failed or finished < wanted:
        raise UsageError(
            f"Run {run.id} has no complete scores: {finished}/{wanted} folds finished. The same command that made "
            "it goes on with the others; fix what failed, or leave the run out"
        )
    undefined = int((~np.isfinite(scores)).sum())
    if undefined:
        raise UsageError(
            f"{metric.name} is undefined on {undefined} of {wanted} folds of run {run.id} (one class only, or one "
            "row). Use fewer folds or another metric"
        )


def _smallest_class(run: Run) -> int | None:
    if run.task == "regression":
        return None
    truth = unpack(run.stored.attachment("targets.npz"))["truth"]
    return int(np.bincount(truth.astype(np.int64), minlength=len(run.classes)).min())
