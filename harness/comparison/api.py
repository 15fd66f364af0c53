"""`compare`: from models or runs to a comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.comparison.comparison import Comparison, compare_evidence
from harness.comparison.evidence import evidence_of, label_runs, manifest_of
from harness.comparison.gathering import NamedRun, gather
from harness.comparison.same_folds import check_same_folds
from harness.errors import UsageError
from harness.metrics import Metric, resolve_metrics
from harness.run import Run
from harness.store import RunStore

Model = str | Run | Callable[..., Any]


def compare(
    models: Iterable[Model] | Mapping[str, Model],
    *,
    baseline: str | None = None,
    metric: Any = None,
    rope: float | None = None,
    level: float = 0.95,
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
        baseline: The model that the others are compared with; every pair is compared by default. Declare it
            before you see the scores: fewer comparisons need less adjustment.
        metric: Name, scikit-learn scorer, or a mapping of a name to a function `f(y_true, y_pred)`; the first
            metric of the first run by default.
        rope: Half the width of the region of practical equivalence, in the metric's units: how small a difference
            does not matter to you. Declare it before you see the scores.
        level: Level of intervals; tests use 1 - level.
        store: Where runs are, and where models' folds are found and put.
        **settings: As of `harness.evaluate`, for models that are not yet runs; `dataset` may be a list.

    Returns:
        The comparison.

    Raises:
        UsageError: Fewer than two models, runs on different folds (the message says how they differ), or a model
            that is missing on a data set.
        UnknownNameError: No model, run, metric or baseline of that name.

    Example:
        >>> comparison = compare("sonar_*", repeats=3)  # doctest: +SKIP
        >>> comparison.verdict  # doctest: +SKIP
    """
    _check(rope, level)
    named = gather(models, store, settings)
    if baseline is not None and _find(baseline, named) is None:
        named += gather([baseline], store, settings)
    groups = _by_dataset(named)
    for runs in groups:
        check_same_folds([each.run for each in runs])
    judged = _resolve(metric, [each.run for each in named])
    labels = _labels(groups)
    found = None if baseline is None else _find(baseline, named)
    return compare_evidence(
        [evidence_of(each.run, judged, label) for each, label in labels.items()],
        metric=judged.name,
        minimize=judged.minimize,
        level=level,
        rope=rope,
        baseline=None if found is None else labels[found],
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


def _find(name: str, named: Sequence[NamedRun]) -> NamedRun | None:
    """The model that a baseline's name means: a name of the caller's, of a run, or of a model."""
    plain = name.replace("-", "_")
    for each in named:
        if name in (each.name, each.run.id):
            return each
    of_model = [each for each in named if each.run.model == plain]
    if len(of_model) > len({each.run.dataset for each in of_model}):
        runs = ", ".join(each.run.id for each in of_model)
        raise UsageError(f"Several runs are of the baseline's model '{name}': {runs}; name one of them")
    return of_model[0] if of_model else None
