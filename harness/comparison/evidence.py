"""What a comparison works on: the fold scores of one model on one data set."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.arrays import unpack
from harness.errors import UsageError
from harness.metrics import Metric
from harness.run import Run
from harness.statistics.intervals import Interval, IntervalKind, resampled_t
from harness.statistics.rounding import all_alike

_CHOSEN = (
    *("arguments", "model_sha256", "preprocessing", "epochs", "batch_size", "early_stopping", "inner_val"),
    *("fine_tuning", "checkpoint", "class_weight", "threshold", "augment_copies", "callbacks", "callbacks_source"),
)
"""What of a run's identity somebody has chosen who tries one model in several ways."""


class Variant(NamedTuple):
    """A model and the way in which it was built and trained.

    Attributes:
        model: Name of its builder.
        choices: Its arguments and recipe, as text.
    """

    model: str
    choices: str


def _no_interval(level: float) -> Interval | None:
    return None


def _no_hits() -> NDArray[np.bool_] | None:
    return None


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
        train_rows: Rows of a training part, the mean over folds; None: all that are not tested.
        test_rows: Rows of a test part, the mean over folds; None: all that are not trained on.
        variant: What was built and how; None where it has no name.
        trainings: Folds of all repeats and seeds; 0 where that is not known.
        constant_folds: On how many of them the model predicts one class only though the test rows are of several.
        by_rows: Gives the interval over rows, by level, for scores without spread over folds.
        hits: Gives whether each row of the first repeat got its class; None for regression.
    """

    model: str
    run: str
    dataset: str
    n: int
    scores: NDArray[np.float64]
    test_ratio: float
    guess: float | None = None
    smallest_class: int | None = None
    train_rows: float | None = None
    test_rows: float | None = None
    variant: Variant | None = None
    trainings: int = 0
    constant_folds: int = 0
    by_rows: Callable[[float], Interval | None] = _no_interval
    hits: Callable[[], NDArray[np.bool_] | None] = _no_hits

    def interval(self, level: float, kind: IntervalKind = "corrected") -> Interval | None:
        """Interval of the mean, as `Run.summary` gives it: over folds, where these have no spread over rows."""
        over_folds = resampled_t(self.scores.ravel().tolist(), self.test_ratio, self.folds, level, kind)
        return over_folds or self.by_rows(level)

    @property
    def trained_on(self) -> float:
        """Rows of a training part."""
        return self.n / (1 + self.test_ratio) if self.train_rows is None else self.train_rows

    @property
    def tested_on(self) -> float:
        """Rows of a test part."""
        return self.n - self.trained_on if self.test_rows is None else self.test_rows

    @property
    def mean(self) -> float:
        """Mean over all folds."""
        return float(self.scores.mean())

    @property
    def fold_sd(self) -> float | None:
        """Standard deviation over all folds; None of a single one, 0 where they differ by rounding alone."""
        if self.scores.size < 2:
            return None
        return 0.0 if all_alike(self.scores) else float(self.scores.std(ddof=1))

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
        train_rows=run.train_rows,
        test_rows=run.test_rows,
        variant=_variant(run),
        trainings=scores.size,
        constant_folds=run.constant_folds,
        by_rows=partial(run.rows_interval, metric),
        hits=run.hits,
    )


def manifest_of(run: Run) -> Mapping[str, Any]:
    """What was asked for when the run was made, as its store keeps it."""
    return run.manifest


def label_runs(groups: Sequence[Sequence[Run]]) -> list[list[str]]:
    """Names runs so that no two on a data set share a name: by model, by arguments that differ, else by run.

    Args:
        groups: The runs on each data set.

    Returns:
        A name for each run, by the same rule on every data set.
    """
    common = _common_arguments([run for runs in groups for run in runs])
    for describe in (_by_model, partial(_by_arguments, common)):
        labels = [[describe(run) for run in runs] for runs in groups]
        if all(len(set(names)) == len(names) for names in labels):
            return labels
    return [[run.id for run in runs] for runs in groups]


def _by_model(run: Run) -> str:
    return run.model


def _by_arguments(common: Mapping[str, set[tuple[str, str]]], run: Run) -> str:
    inside = ", ".join(
        f"{name}={value}" for name, value in _arguments(run) if (name, value) not in common[run.model]
    )
    return f"{run.model}({inside})" if inside else run.model


def _common_arguments(runs: Sequence[Run]) -> dict[str, set[tuple[str, str]]]:
    """What all runs of a model were built with."""
    common: dict[str, set[tuple[str, str]]] = {}
    for run in runs:
        common[run.model] = common.get(run.model, set(_arguments(run))) & set(_arguments(run))
    return common


def _arguments(run: Run) -> list[tuple[str, str]]:
    return list(manifest_of(run)["identity"]["arguments"].items())


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
            f"{metric.name} is undefined on {undefined} of {wanted} folds of run {run.id} (rows or predictions of "
            "one class only, or a single row). Use fewer folds or another metric"
        )


def _variant(run: Run) -> Variant | None:
    if "<lambda>" in run.model:  # which any two functions may be called
        return None
    identity = manifest_of(run)["identity"]
    choices = {name: identity[name] for name in _CHOSEN if name in identity}
    return Variant(run.model, json.dumps(choices, sort_keys=True))


def _smallest_class(run: Run) -> int | None:
    if run.task == "regression":
        return None
    truth = unpack(run.stored.attachment("targets.npz"))["truth"]
    return int(np.bincount(truth.astype(np.int64), minlength=len(run.classes)).min())
