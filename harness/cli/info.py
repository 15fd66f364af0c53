"""`harness info`: what is known of one model, data set or run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli._console import print_json, print_table
from harness.cli._figures import reported_text
from harness.cli._options import debug_option, download_options, examples, format_option, store_option
from harness.errors import UnknownNameError

if TYPE_CHECKING:
    from zoo import ModelSpec


@click.command(
    "info",
    epilog=examples(
        "python -m harness info sonar_dropout",
        "python -m harness info mammography --audit",
        "python -m harness info sonar_dropout-1 --store runs --format json",
    ),
)
@click.argument("name")
@click.option("--audit", "audited", is_flag=True, help="Load the data set and say what is wrong with it.")
@store_option
@download_options
@format_option("table", "json", "md")
@debug_option
def command(
    name: str, audited: bool, store: str, data_dir: str | None, download: bool | None, output: str
) -> None:
    """Describe a model, a data set (or a folder with a dataset.toml, or with images by class), or a run.

    For a model: its recipe, its arguments, and the figure its source reports. For a data set: its card and the
    protocol that judges models on it. For a run: its result.
    """
    facts = _model(name) or _dataset(name) or _run(name, store)
    if facts is None:
        raise _unknown(name)
    if audited:
        facts["findings"] = _findings(name, facts, data_dir, download)
    if output == "json":
        print_json(facts)
    else:
        _print(facts, output)


def _print(facts: dict[str, Any], output: str) -> None:
    from harness.report.facts import facts_table
    from harness.report.summary import summary_line
    from harness.report.table import Table
    from harness.report.tables import run_table

    if facts["kind"] == "run":
        print_table(run_table(facts), output)
        click.echo(("\n" if output == "md" else "") + summary_line(facts))
        return
    arguments = facts.pop("arguments", [])
    facts["reported"] = [_in_words(figure) for figure in facts.get("reported", [])]
    print_table(facts_table(facts), output)
    if arguments:
        click.echo()
        print_table(Table.from_records(arguments, ("argument", "default", "meaning")), output)


def _model(name: str) -> dict[str, Any] | None:
    import zoo

    if ":" in name:
        return {"kind": "model", "name": name, "builder": name, "arguments": _arguments(name, {})}
    if name.replace("-", "_") not in zoo.list_models():
        return None
    return _recipe(zoo.get_spec(name))


def _recipe(spec: ModelSpec) -> dict[str, Any]:
    return {
        "kind": "model",
        "name": spec.name,
        "description": spec.description,
        "source": spec.source,
        "builder": spec.builder,
        "tasks": list(spec.tasks),
        "dataset": spec.dataset,
        "protocol": (_dataset(spec.dataset) or {}).get("protocol"),
        "epochs": spec.epochs,
        "batch_size": spec.batch_size,
        "early_stopping": spec.early_stopping,
        "preprocessing": list(spec.preprocessing),
        "image_size": spec.image_size,
        "advice": spec.advice,
        "reported": [asdict(figure) for figure in (spec.reported, *spec.also_reported) if figure is not None],
        "arguments": _arguments(spec.builder, spec.arguments),
    }


def _in_words(figure: Mapping[str, Any]) -> str:
    return f"{reported_text(figure)}; {figure['protocol']}; {figure['source']}"


def _arguments(builder: str, fixed: Mapping[str, Any]) -> list[dict[str, Any]]:
    from harness.cli._builders import builder_arguments
    from harness.cli._models import importable_from_here

    importable_from_here()
    return [
        {
            "argument": argument.name,
            "default": repr(fixed[argument.name]) if argument.name in fixed else argument.default,
            "meaning": argument.meaning,
        }
        for argument in builder_arguments(builder)
    ]


def _dataset(name: str) -> dict[str, Any] | None:
    from harness.data import get_card
    from harness.data.image_files import class_folders, files_below, is_bare_image_folder

    if is_bare_image_folder(name):
        folders = class_folders(Path(name))
        return {
            "kind": "dataset",
            "name": name,
            "classes": {folder.name: len(list(files_below(folder))) for folder in folders},
        }
    try:
        card = get_card(name)
    except UnknownNameError:
        return None
    return {"kind": "dataset", **card.model_dump(mode="json")}


def _findings(
    name: str, facts: Mapping[str, Any], data_dir: str | None, download: bool | None
) -> list[dict[str, str]]:
    """What the audit says of a data set, or of the one that a model is made for."""
    from harness.data import audit, load_dataset

    dataset_name = {"dataset": name, "model": facts.get("dataset")}.get(facts["kind"])
    if dataset_name is None:
        raise click.UsageError("--audit needs the name of a data set, or of a model of the zoo.")
    dataset = load_dataset(dataset_name, data_dir=data_dir, download=download)
    return [
        {"code": finding.code, "message": finding.message, "advice": finding.advice} for finding in audit(dataset)
    ]


def _run(name: str, store: str) -> dict[str, Any] | None:
    from harness.run import load_run

    try:
        return {"kind": "run", **load_run(name, store).to_dict()}
    except UnknownNameError:
        return None


def _unknown(name: str) -> UnknownNameError:
    import zoo
    from harness.data import list_datasets

    return UnknownNameError("model, data set or run", name, [*zoo.list_models(), *list_datasets()])
