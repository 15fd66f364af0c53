"""From what a caller asks for to metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.data.dataset import Task
from harness.errors import UnknownNameError, UsageError
from harness.metrics.classification import CLASSIFICATION
from harness.metrics.metric import Metric, Predictions
from harness.metrics.regression import PER_COLUMN, REGRESSION, column_metric
from harness.metrics.scorers import from_callable, from_scorer_name, is_scorer

METRICS: dict[str, Metric] = {**CLASSIFICATION, **REGRESSION}
"""Every metric of ours by name."""

DIRECTIONS = {"maximize": False, "minimize": True}
"""What a caller says of a function of their own, and whether less of it is better."""


def resolve_metrics(
    metrics: str | Sequence[Any] | Mapping[str, Any] | Callable[..., Any], task: Task, targets: Sequence[str]
) -> tuple[Metric, ...]:
    """Turns names, scikit-learn scorers and functions into metrics.

    Args:
        metrics: Names (ours, or of scikit-learn scorers), separated by commas or in a list, a scorer or a
            function `f(y_true, y_pred)`, or a mapping from names to those; `mae_per_output` and its like give
            one metric for each target, `mae[weight]` that of one. A pair `(function, "minimize")` or
            `(function, "maximize")` says whether less is better; of scikit-learn's functions their names say it.
        task: What is predicted.
        targets: Names of the target columns.

    Raises:
        UnknownNameError: No such metric.
        UsageError: A metric of another task, two of one name, none at all, or a direction that is none.

    Example:
        >>> [metric.name for metric in resolve_metrics("accuracy,f1_macro", "binary", ["label"])]
        ['accuracy', 'f1_macro']
        >>> def misses(y_true, y_pred):
        ...     return (y_true != y_pred).sum()
        >>> resolve_metrics({"misses": (misses, "minimize")}, "binary", ["label"])[0].minimize
        True
    """
    if isinstance(metrics, Metric) or callable(metrics):
        metrics = [metrics]
    if isinstance(metrics, str):
        metrics = [name.strip() for name in metrics.split(",") if name.strip()]
    named = metrics.items() if isinstance(metrics, Mapping) else _named(metrics)
    resolved: dict[str, Metric] = {}
    for name, given in named:
        for metric in _renamed(_resolve(name, given, task, targets), name, given):
            if metric != resolved.setdefault(metric.name, metric):
                raise UsageError(
                    f"Two metrics are named '{metric.name}'; give each its name: metrics={{'name': function}}"
                )
    if not resolved:
        raise UsageError("At least one metric is needed; name them as in metrics='accuracy,roc_auc'")
    return tuple(resolved.values())


def check_metric(metric: Metric, task: Task, truth: NDArray[Any], classes: tuple[Any, ...]) -> None:
    """Tries a metric on perfect predictions of all rows, so that it does not fail after hours of training.

    Args:
        metric: The metric.
        task: What is predicted.
        truth: (n,) class codes or (n, t) numbers.
        classes: Original labels, () for regression.

    Raises:
        UsageError: It gave no number.
    """
    values = truth if task == "regression" else np.eye(len(classes))[truth]
    try:
        float(metric.function(Predictions(task, truth, values, classes)))
    except Exception as error:
        reason = next(iter(str(error).splitlines()), "no reason given")
        raise UsageError(
            f"The metric '{metric.name}' cannot be computed on this data: {type(error).__name__}: {reason}"
        ) from error


def default_metrics(task: Task) -> tuple[str, ...]:
    """The metrics of a data set whose card names none; the first is the headline."""
    if task == "regression":
        return ("mae", "rmse", "r2")
    return ("accuracy", "balanced_accuracy", "roc_auc", "log_loss")


def _renamed(metrics: list[Metric], name: str, given: Any) -> list[Metric]:
    """A metric that the caller named anew, as in `{"mine": "f1_macro"}`, goes by that name."""
    if not isinstance(given, str) or name == given or len(metrics) != 1:
        return metrics
    return [replace(metrics[0], name=name, custom=True)]


def _resolve(name: str, metric: Any, task: Task, targets: Sequence[str]) -> list[Metric]:
    if isinstance(metric, Metric):
        return [metric if metric is METRICS.get(metric.name) else replace(metric, custom=True)]
    if isinstance(metric, tuple):
        return [_directed(name, metric)]
    if not isinstance(metric, str):
        return [from_callable(name, metric)]
    base, per_output, _ = metric.partition("_per_output")
    if per_output and base in PER_COLUMN:
        _check_task(metric, task, "regression")
        return [column_metric(base, column, target) for column, target in enumerate(targets)]
    base, _, target = metric.removesuffix("]").partition("[")
    if base in PER_COLUMN and target in targets and metric.endswith("]"):
        _check_task(metric, task, "regression")
        return [column_metric(base, list(targets).index(target), target)]
    if metric in METRICS:
        _check_task(metric, task, "regression" if metric in REGRESSION else "classification")
        return [METRICS[metric]]
    if (found := from_scorer_name(metric)) is None:
        raise UnknownNameError("metric", metric, [*METRICS, *(f"{base}_per_output" for base in PER_COLUMN)])
    return [found]


def _directed(name: str, pair: tuple[Any, ...]) -> Metric:
    """A function with the caller's word on whether less is better."""
    function, direction = pair if len(pair) == 2 else (None, None)
    if not callable(function) or is_scorer(function) or direction not in DIRECTIONS:
        raise UsageError(
            f"A metric of your own is a function, or a pair (function, 'minimize') or (function, 'maximize'); a "
            f"scorer says it itself (greater_is_better). Received for '{name}': {pair!r}"
        )
    return from_callable(name, function, DIRECTIONS[direction])


def _check_task(name: str, task: Task, wanted: str) -> None:
    if (task == "regression") != (wanted == "regression"):
        fitting = ", ".join(default_metrics(task))
        raise UsageError(f"The metric '{name}' is for {wanted}. The task is {task}; use one of its own: {fitting}")


def _named(metrics: Sequence[Any]) -> list[tuple[str, Any]]:
    return [(_name(metric), metric) for metric in dict.fromkeys(metrics)]


def _name(metric: Any) -> str:
    if isinstance(metric, str):
        return metric
    if isinstance(metric, tuple) and metric:
        return _name(metric[0])
    return str(getattr(metric, "name", None) or getattr(metric, "__name__", None) or metric)
