"""`compare`: from models or runs to a comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.comparison.comparison import Comparison, compare_evidence
from harness.comparison.evidence import evidence_of, label_runs, manifest_of
from harness.comparison.gathering import NamedRun, gather, with_baseline
from harness.comparison.same_folds import check_same_folds
from harness.errors import UsageError
from harness.metrics import Metric, resolve_metrics
from harness.run import Run
from harness.statistics.intervals import IntervalKind, check_kind
from harness.store import RunStore

Model = str | Run | Callable[..., Any]


def compare(
    models: Iterable[Model] | Mapping[str, Model],
    *,
    baseline: Model | None = None,
    metric: Any = None,
    rope: float | None = None,
    level: float = 0.95,
    interval: IntervalKind = "corrected",
    variants: Mapping[str, Sequence[Any]] | None = None,
    store: RunStore | str | Path | None = "runs",
    **settings: Any,
) -> Comparison:
    """Says which of several models is better, and how sure one can be.

    On one data set every pair is judged by the corrected resampled t test on the differences of its fold scores,
    with Holm's adjustment for all pairs. On several data sets the models' means are judged by Friedman's test and
    by Wilcoxon's, adjusted by Holm.

    Args:
        models: Finished runs, names of runs, or models as `evaluate` takes them; patterns such as "sonar_*". A
            mapping gives them names of your choice.
        baseline: The model that the others are compared with: a run, its name or the beginning of it, a model, one
            of your names, or a pattern that stands for one of these. Every pair is compared by default. Declare it
            before you see the scores: fewer comparisons need less adjustment.
        metric: Name, scikit-learn scorer, or a mapping of a name to a function `f(y_true, y_pred)`; the first
            metric of the first run by default. Of a function of your own say whether less is better:
            `{"misses": (function, "minimize")}`, or `"maximize"`; the names of scikit-learn's functions say it.
        rope: Half the width of the region of practical equivalence, in the metric's units: how small a difference
            does not matter to you. Declare it before you see the scores.
        level: Level of intervals; tests use 1 - level.
        interval: On one data set "corrected", or "conservative" for intervals, tests and rope probabilities with
            the degrees of freedom of a single repeat, for learners such as the nearest neighbour.
        variants: Arguments of the builder with a list of values for each, such as `{"rate": [0.2, 0.5]}`: every
            model is evaluated with every combination of them, each of which is a run of its own.
        store: Where runs are, and where models' folds are found and put.
        **settings: As of `harness.evaluate`, for models that are not yet runs; `dataset` may be a list.

    Returns:
        The comparison.

    Raises:
        UsageError: Fewer than two models, runs on different folds (the message says how they differ), a model that
            is missing on a data set, a baseline that stands for several, or a metric of which nothing says whether
            less is better.
        UnknownNameError: No model, run, metric, baseline or interval of that name.

    Example:
        >>> comparison = compare("sonar_*", repeats=3)  # doctest: +SKIP
        >>> comparison.verdict  # doctest: +SKIP
    """
    _check(rope, level)
    check_kind(interval)
    named = gather(models, store, settings, variants)
    found = None
    if baseline is not None:
        named, found = with_baseline(baseline, named, store, settings)
    groups = _by_dataset(named)
    for runs in groups:
        check_same_folds([each.run for each in runs])
    judged = _resolve(metric, [each.run for each in named])
    labels = _labels(groups)
    return compare_evidence(
        [evidence_of(each.run, judged, label) for each, label in labels.items()],
        metric=judged.name,
        minimize=_less_is_better(judged),
        level=level,
        rope=rope,
        baseline=None if found is None else labels[found],
        interval=interval,
        limits=judged.range,
    )


def _check(rope: float | None, level: float) -> None:
    if rope is not None and not rope >= 0:
        raise UsageError(f"rope is a difference that does not matter, at least 0. Received: {rope}")
    if not 0 < level < 1:
        raise UsageError(f"level is between 0 and 1, such as 0.95. Received: {level}")


def _by_dataset(named: Sequence[NamedRun]) -> list[list[NamedRun]]:
    names = dict.fromkeys(each.run.dataset for each in named)
    return [[each for each in named if each.run.dataset == name] for name in names]


def _labels(groups: Sequence[Sequence[NamedRun]]) -> dict[NamedRun, str]:
    """The name of each run in the comparison."""
    automatic = label_runs([[each.run for each in group] for group in groups])
    return {
        each: each.name or label
        for group, names in zip(groups, automatic, strict=True)
        for each, label in zip(group, names, strict=True)
    }


def _resolve(metric: Any, runs: Sequence[Run]) -> Metric:
    tasks = {"regression" if run.task == "regression" else "classification" for run in runs}
    if len(tasks) > 1:
        raise UsageError(f"Models are compared by one metric of one task. Received: {' and '.join(sorted(tasks))}")
    if metric is None:
        return runs[0].metrics[0]
    if isinstance(metric, str) and (own := _own_metric(metric, runs)) is not None:
        return own
    asked = metric if isinstance(metric, str | Mapping) else [metric]
    resolved = resolve_metrics(asked, runs[0].task, manifest_of(runs[0])["target_names"])  # type: ignore[arg-type]
    if len(resolved) > 1:
        names = ", ".join(each.name for each in resolved)
        raise UsageError(f"A comparison is by one metric. Received: {names}; choose one")
    return resolved[0]


def _less_is_better(metric: Metric) -> bool:
    if metric.minimize is None:
        raise UsageError(
            f"Nothing says whether less of '{metric.name}' is better, a function of your own. Pass it as "
            f"metric={{'{metric.name}': (function, 'minimize')}} or (function, 'maximize')"
        )
    return metric.minimize


def _own_metric(name: str, runs: Sequence[Run]) -> Metric | None:
    """A function of the caller's own that a run was made with; a run from the store has only its name."""
    held = [metric for run in runs for metric in run.metrics if metric.custom and metric.name == name]
    if held:
        return held[0]
    for run in runs:
        if name in manifest_of(run).get("custom_metrics", ()):
            others = ", ".join(metric.name for metric in run.metrics)
            raise UsageError(
                f"'{name}' is a function of the caller's own, of which run {run.id} keeps only the name. Pass it "
                f"as metric={{'{name}': function}} to harness.compare, or compare by another one: {others}"
            )
    return None
