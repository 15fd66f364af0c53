"""From what a caller asks for to metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.data.dataset import Task
from harness.errors import UnknownNameError, UsageError
from harness.metrics.classification import CLASSIFICATION
from harness.metrics.metric import Metric
from harness.metrics.regression import PER_COLUMN, REGRESSION, column_metric
from harness.metrics.scorers import from_callable, from_scorer_name

METRICS: dict[str, Metric] = {**CLASSIFICATION, **REGRESSION}
"""Every metric of ours by name."""


def resolve_metrics(
    metrics: str | Sequence[Any] | Mapping[str, Any], task: Task, targets: Sequence[str]
) -> tuple[Metric, ...]:
    """Turns names, scikit-learn scorers and functions into metrics.

    Args:
        metrics: Names (ours, or of scikit-learn scorers), separated by commas or in a list, or a mapping from
            name to a scorer or to a function `f(y_true, y_pred)`; `mae_per_output` and its like give one metric
            for each target.
        task: What is predicted.
        targets: Names of the target columns.

    Raises:
        UnknownNameError: No such metric.
        UsageError: A metric of another task, or none at all.

    Example:
        >>> [metric.name for metric in resolve_metrics("accuracy,f1_macro", "binary", ["label"])]
        ['accuracy', 'f1_macro']
    """
    if isinstance(metrics, str):
        metrics = [name.strip() for name in metrics.split(",") if name.strip()]
    named = (
        metrics if isinstance(metrics, Mapping) else {m if isinstance(m, str) else _name(m): m for m in metrics}
    )
    resolved = [metric for name, m in named.items() for metric in _resolve(name, m, task, targets)]
    if not resolved:
        raise UsageError("At least one metric is needed; name them as in metrics='accuracy,roc_auc'")
    return tuple(resolved)


def default_metrics(task: Task) -> tuple[str, ...]:
    """The metrics of a data set whose card names none; the first is the headline."""
    if task == "regression":
        return ("mae", "rmse", "r2")
    return ("accuracy", "balanced_accuracy", "roc_auc", "log_loss")


def _resolve(name: str, metric: Any, task: Task, targets: Sequence[str]) -> list[Metric]:
    if isinstance(metric, Metric):
        return [metric]
    if not isinstance(metric, str):
        return [from_callable(name, metric)]
    base, per_output, _ = metric.partition("_per_output")
    if per_output and base in PER_COLUMN:
        _check_task(metric, task, "regression")
        return [column_metric(base, column, target) for column, target in enumerate(targets)]
    if metric in METRICS:
        _check_task(metric, task, "regression" if metric in REGRESSION else "classification")
        return [METRICS[metric]]
    if (found := from_scorer_name(metric)) is None:
        raise UnknownNameError("metric", metric, [*METRICS, *(f"{base}_per_output" for base in PER_COLUMN)])
    return [found]


def _check_task(name: str, task: Task, wanted: str) -> None:
    if (task == "regression") != (wanted == "regression"):
        fitting = ", ".join(default_metrics(task))
        raise UsageError(f"The metric '{name}' is for {wanted}. The task is {task}; use one of its own: {fitting}")


def _name(metric: Any) -> str:
    return str(getattr(metric, "name", None) or getattr(metric, "__name__", None) or metric)
