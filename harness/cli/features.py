"""`harness features`: what a layer makes of images, as a table for other classifiers."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli._datasets import ChosenData
from harness.cli._errors import say
from harness.cli._evaluate_options import data_options
from harness.cli._models import resolve_models
from harness.cli._native import quiet_import
from harness.cli._options import SectionedCommand, debug_option, download_options, examples
from harness.cli._settings import parse_arguments
from harness.errors import UsageError
from harness.report.text import safe_for_spreadsheets

if TYPE_CHECKING:
    import pandas as pd

    from harness.feature_table import Pooling


_POOLING: dict[str, Pooling | None] = {"none": None, "avg": "avg", "max": "max"}


@click.command(
    "features",
    cls=SectionedCommand,
    epilog=examples(
        "python -m harness features vgg19_transfer --layer block2_pool --pooling avg -o features.csv",
        "python -m harness features vgg19_transfer --layer block5_pool --data photographs -o features.parquet",
    ),
)
@click.argument("name", metavar="MODEL")
@click.option("--layer", required=True, metavar="NAME", help="Layer of the model, or of a model within it.")
@click.option("-o", "--output", required=True, metavar="FILE.parquet|csv", help="File to write.")
@click.option(
    "--pooling",
    type=click.Choice(list(_POOLING)),
    default="none",
    show_default=True,
    help="""
    One number a channel, or all that the layer puts out.""",
)
@click.option(
    "-a",
    "--argument",
    "arguments",
    multiple=True,
    metavar="KEY=VALUE",
    callback=parse_arguments,
    help="Argument of the builder; repeatable.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="Seed of weights that are drawn at random.",
)
@click.option("-q", "--quiet", is_flag=True, help="Write nothing to standard error but errors.")
@data_options
@download_options
@debug_option
@click.pass_context
def command(ctx: click.Context, /, name: str, output: str, pooling: str, quiet: bool, **options: Any) -> None:
    """Run images through MODEL up to a layer and write what comes out: a row for each image.

    Columns are the file, its group (images that look alike share one), the label, and the numbers f0, f1 and so
    on. Nothing is trained; what was computed once is taken from the cache. Any classifier can be judged by them:

    \b
      python -m harness evaluate sklearn.linear_model:LogisticRegression -a C=0.1 \\
        --data features.csv --target label --leave-out file --groups group --preprocessing standardize
    """
    path = _checked(output)
    model = _one_model(name)
    data = ChosenData({**options, "groups": None})
    with quiet_import("tensorflow", show=ctx.obj.debug, notice=None if quiet else _say_loading):
        table = _computed(model, data, options, pooling, quiet=quiet)
    _write(table, path)
    if not quiet:
        say("Wrote", f"{len(table)} rows, {table.shape[1]} columns to {path}")


def _computed(model: str, data: ChosenData, options: dict[str, Any], pooling: str, *, quiet: bool) -> pd.DataFrame:
    import harness
    from harness.cli.progress import make_progress

    progress = make_progress(quiet=quiet)
    try:
        return harness.features(
            model,
            layer=options["layer"],
            dataset=data.for_model(model),
            arguments=data.arguments_for(model),
            pooling=_POOLING[pooling],
            seed=options["seed"],
            progress=progress,
        )
    finally:
        progress.run_finished()


def _one_model(name: str) -> str:
    models = resolve_models([name])
    if len(models) > 1:
        raise UsageError(f"Features are those of one model. Received: '{name}', which means {', '.join(models)}")
    return models[0]


def _checked(output: str) -> Path:
    path = Path(output)
    if path.suffix not in (".parquet", ".csv"):
        raise UsageError(f"Features are written as .parquet or .csv. Received: {output}")
    if path.suffix == ".parquet" and importlib.util.find_spec("pyarrow") is None:
        raise UsageError(
            f"Writing Parquet needs pyarrow, which is not installed. Received: {output}; "
            "pip install 'keras-zoo-harness[parquet]', or write a .csv"
        )
    if not path.absolute().parent.is_dir():
        raise UsageError(f"There is no folder to write to. Received: {output}")
    return path


def _write(table: pd.DataFrame, path: Path) -> None:
    """Writes beside the file and puts it in place when it is whole."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if path.suffix == ".parquet":
            table.to_parquet(temporary, index=False)
        else:
            texts = table.select_dtypes(exclude=["number", "bool"]).columns
            safe = {name: table[name].map(safe_for_spreadsheets) for name in texts}
            table.assign(**safe).to_csv(temporary, index=False)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def _say_loading() -> None:
    say("Loading", "TensorFlow")
