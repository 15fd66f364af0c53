"""`harness list`: the models, data sets and runs there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import click

from harness.cli._console import print_json, print_table
from harness.cli._errors import say
from harness.cli._figures import reported_text
from harness.cli._options import debug_option, examples, format_option, store_option

MODEL_COLUMNS = ("name", "dataset", "tasks", "reported", "description")
DATASET_COLUMNS = ("name", "task", "rows", "licence", "title")
RUN_COLUMNS = ("run", "model", "dataset", "status", "folds", "failed", "score", "seconds", "started")


@click.command(
    "list",
    epilog=examples(
        "python -m harness list",
        "python -m harness list models 'sonar_*'",
        "python -m harness list runs --format json",
    ),
)
@click.argument("kind", required=False, type=click.Choice(["models", "datasets", "runs"]))
@click.argument("pattern", required=False, metavar="[GLOB]")
@store_option
@format_option("table", "json", "csv", "md")
@debug_option
def command(kind: str | None, pattern: str | None, store: str, output: str) -> None:
    """List models, data sets or runs, of those whose name matches GLOB; models and data sets by default."""
    kinds = [kind] if kind else ["models", "datasets"]
    records = {name: _collect(name, pattern, store) for name in kinds}
    if output == "json":
        print_json(records[kind] if kind else records)
    else:
        _print_tables(records, output)


def _print_tables(records: dict[str, list[dict[str, Any]]], output: str) -> None:
    from harness.report.table import Table

    if output == "csv" and len(records) > 1:
        # One header for one file: what only the other kind has stays empty.
        rows = [{"kind": kind, **record} for kind, found in records.items() for record in found]
        print_table(Table.from_records(rows, ("kind", *dict.fromkeys(MODEL_COLUMNS + DATASET_COLUMNS))), "csv")
        return
    for number, (kind, found) in enumerate(records.items()):
        if number:
            click.echo()
        title = kind.replace("datasets", "data sets").capitalize() if output != "csv" else ""
        print_table(Table.from_records(found, _COLUMNS[kind], title), output)


def _collect(kind: str, pattern: str | None, store: str) -> list[dict[str, Any]]:
    collectors: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "models": lambda: _models(pattern),
        "datasets": lambda: _datasets(pattern),
        "runs": lambda: _runs(pattern, store),
    }
    return collectors[kind]()


def _models(pattern: str | None) -> list[dict[str, Any]]:
    import zoo

    return [_model(zoo.get_spec(name)) for name in zoo.list_models(pattern)]


def _model(spec: Any) -> dict[str, Any]:
    return {
        "name": spec.name,
        "dataset": spec.dataset,
        "tasks": ", ".join(spec.tasks),
        "reported": None if spec.reported is None else reported_text(asdict(spec.reported)),
        "description": spec.description,
    }


def _datasets(pattern: str | None) -> list[dict[str, Any]]:
    from harness.data import dataset_summaries

    return [
        {
            "name": card.name,
            "task": card.task,
            "rows": card.n or None,
            "licence": card.licence,
            "title": card.title,
        }
        for card in dataset_summaries(pattern)
    ]


def _runs(pattern: str | None, store: str) -> list[dict[str, Any]]:
    from harness.store import RunStore

    runs = RunStore(store)
    infos = runs.list_runs(pattern)
    for warning in runs.warnings:
        say("Warning", warning)
    return [_run(info) for info in infos]


def _run(info: Any) -> dict[str, Any]:
    return {
        "run": info.run_id,
        "model": info.manifest["model"],
        "dataset": info.manifest["dataset"],
        "status": info.status,
        "folds": info.finished_folds,
        "failed": info.failed_folds,
        "score": _headline(info.summary),
        "seconds": None if info.seconds is None else round(info.seconds, 1),
        "started": info.started,
    }


def _headline(summary: dict[str, Any]) -> str | None:
    """The first metric's mean, where the run has come to one."""
    for name, entry in summary.items():
        if entry["mean"] is not None:
            return f"{name} {entry['mean']:.4g}"
    return None


_COLUMNS: dict[str, Sequence[str]] = {
    "models": MODEL_COLUMNS,
    "datasets": DATASET_COLUMNS,
    "runs": RUN_COLUMNS,
}
