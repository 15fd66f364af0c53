"""What `evaluate --dry-run` shows: the plan of an evaluation, before anything is trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from harness.cli._console import print_json, print_table

if TYPE_CHECKING:
    from harness.evaluation import Evaluation
    from harness.plan import Plan

MOST_CLASSES = 12
"""More classes than that are not counted fold by fold in a table."""


def plan_record(evaluation: Evaluation) -> dict[str, Any]:
    """Describes what would be trained by plain values.

    Args:
        evaluation: A plan whose model was built and fits the data.

    Returns:
        A dictionary that JSON can hold; "splits" has an entry for each fold with the sizes of both sides and
        the classes of the test rows.
    """
    plan = evaluation.plan
    return {
        "model": plan.subject.name,
        "arguments": {name: _plain(value) for name, value in plan.subject.arguments.items()},
        "dataset": plan.dataset.name,
        "task": plan.dataset.task,
        "n": plan.dataset.n,
        "scheme": plan.splits.scheme,
        "folds": plan.splits.folds,
        "repeats": plan.splits.repeats,
        "seeds": plan.settings.init_seeds,
        "seed": plan.seed,
        "trainings": plan.trainings,
        "epochs": plan.epochs,
        "batch_size": plan.batch_size,
        "early_stopping": plan.settings.early_stopping,
        "preprocessing": [type(transformer).__name__ for transformer in plan.transformers],
        "metrics": [metric.name for metric in plan.metrics],
        "inner_val": plan.inner_val,
        "threshold": plan.settings.threshold,
        "engine": evaluation.engine.name,
        "engine_reason": evaluation.engine_reason,
        "notes": list(plan.notes),
        "warnings": list(plan.warnings),
        "splits": _splits(plan),
    }


def print_plans(records: Sequence[dict[str, Any]], output: str) -> None:
    """Writes plans to standard output, in the format asked for."""
    from harness.report.facts import facts_table

    if output == "json":
        print_json(records[0] if len(records) == 1 else list(records))
        return
    if output == "csv":
        print_table(_splits_table(records), output)
        return
    for record in records:
        facts = {name: value for name, value in record.items() if name != "splits"}
        print_table(facts_table(facts, f"Plan of {record['model']} on {record['dataset']}"), output)
        click.echo()
        print_table(_splits_table([record]), output)


def _splits_table(records: Sequence[dict[str, Any]]) -> Any:
    from harness.report.table import Table

    rows = [{"model": record["model"], **_flat(split)} for record in records for split in record["splits"]]
    columns = tuple(dict.fromkeys(column for row in rows for column in row))
    table = Table.from_records(rows, columns)
    return Table(columns, table.rows, right=frozenset(columns[1:]))


def _flat(split: dict[str, Any]) -> dict[str, Any]:
    counts = split["test_classes"] if len(split["test_classes"]) <= MOST_CLASSES else {}
    sizes = {name: value for name, value in split.items() if name != "test_classes"}
    return sizes | {f"test {label}": count for label, count in counts.items()}


def _splits(plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "repeat": split.repeat,
            "fold": split.fold,
            "train": len(split.train),
            "test": len(split.test),
            "test_classes": _class_counts(plan, split.test),
        }
        for split in plan.splits
    ]


def _class_counts(plan: Plan, rows: Any) -> dict[str, int]:
    labels = plan.dataset.y[rows]
    return {str(label): int((labels == label).sum()) for label in plan.dataset.classes}


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
