"""`harness compare`: which of several models is better, and how sure one can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from harness.cli._comparison import print_comparison
from harness.cli._datasets import ChosenData
from harness.cli._errors import say
from harness.cli._evaluate_options import data_options, protocol_options, training_options
from harness.cli._finished import write_file
from harness.cli._models import importable_from_here
from harness.cli._native import quiet_import
from harness.cli._options import (
    SectionedCommand,
    add_options,
    debug_option,
    download_options,
    examples,
    format_option,
    option,
    store_option,
)
from harness.cli._settings import evaluation_settings, parse_variants

if TYPE_CHECKING:
    from harness.run import Run

_PAGE = "Write the comparison with its figures to an HTML page, too."

F = TypeVar("F", bound=Callable[..., Any])

_DATASETS = "Data set, or folder with a dataset.toml; repeatable: every model is judged on every one."
_ARGUMENT = "Argument of the builder; repeatable. A key with several values makes a variant of the model of each."
_BASELINE = "Compare the others with this model only; say so before you see the scores."
_ROPE = "How small a difference does not matter, in the metric's units; say so before you see the scores."


def comparison_options(command: F) -> F:
    """Adds the options that say what to compare by."""
    return add_options(
        command,
        "Comparison",
        option("--baseline", metavar="MODEL", help=_BASELINE),
        option("--metric", metavar="NAME", help="What to compare by; the first metric by default."),
        option("--rope", type=click.FloatRange(min=0), metavar="WIDTH", help=_ROPE),
        option("--page", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help=_PAGE),
    )


def datasets_option(command: F) -> F:
    """Adds `-d`, which may be given several times."""
    asked = option("-d", "--dataset", "datasets", multiple=True, metavar="NAME", help=_DATASETS)
    return add_options(command, "Data", asked)


@click.command(
    "compare",
    cls=SectionedCommand,
    epilog=examples(
        "python -m harness compare 'sonar_*' -r 3 --page sonar.html",
        "python -m harness compare sonar_baseline sonar_dropout --rope 0.01",
        "python -m harness compare 'sonar_*' --baseline sonar_baseline --metric roc_auc",
        "python -m harness compare 'sonar_*' -d sonar -d pima -d breast_cancer",
        "python -m harness compare sonar_dropout -a learning_rate=0.01 -a learning_rate=0.1",
        "python -m harness compare sonar_baseline-4ee68bba sonar_dropout-9f0c21aa --format json",
    ),
)
@click.argument("names", nargs=-1, required=True, metavar="RUN|MODEL...")
@comparison_options
@datasets_option
@data_options
@protocol_options
@training_options
@store_option
@click.option("-q", "--quiet", is_flag=True, help="Write nothing to standard error but errors.")
@download_options
@format_option("table", "json", "csv", "md")
@debug_option
@click.pass_context
def command(ctx: click.Context, /, names: Sequence[str], output: str, **options: Any) -> None:
    """Say which of several models is better, and how sure one can be.

    RUN is a finished run; MODEL is a model of the zoo, a glob such as 'sonar_*', or module:function, and is
    evaluated first. All must have been judged on the same folds. On six data sets or more (-d A -d B ...) the
    models are ranked, and tested by Friedman and by Wilcoxon.
    """
    from harness.comparison import compare

    ctx.obj.resumable = True
    with quiet_import("tensorflow", show=ctx.obj.debug, notice=None if options["quiet"] else _say_loading):
        runs, baseline = _runs(names, options)
    asked = {name: options[name] for name in ("metric", "rope", "interval")}
    comparison = compare(runs, baseline=baseline, level=options["ci"], **asked)
    if not options["quiet"]:
        for warning in comparison.warnings:
            say("Warning", warning)
    print_comparison(comparison, output)
    if options["page"]:
        _write_page(runs, baseline, options)


# The metric to compare by is --metric; scores of any other are computed from the kept predictions when asked for.
# The option for a single data set has given way to the one for several.
command.params = [parameter for parameter in command.params if parameter.name not in ("metrics", "dataset")]
for _parameter in command.params:
    if isinstance(_parameter, click.Option) and _parameter.name == "arguments":
        _parameter.callback, _parameter.help = parse_variants, _ARGUMENT


def _write_page(runs: Sequence[Run], baseline: Run | None, options: Mapping[str, Any]) -> None:
    from harness.reporting import render_report

    asked = {"level": options["ci"], **{name: options[name] for name in ("metric", "rope", "interval")}}
    asked["baseline"] = baseline.id if baseline else None
    write_file(options["page"], render_report(runs, "html", **asked).encode())
    if not options["quiet"]:
        say("Page", str(options["page"]))


def _runs(names: Sequence[str], options: Mapping[str, Any]) -> tuple[list[Run], Run | None]:
    """The runs of all models, each once, and the baseline's on one of the data sets."""
    from harness.comparison.gathering import check_one_model, expand, grid

    baseline, store = options["baseline"], options["store"]
    wanted = names if baseline is None else [*names, baseline]
    if any(":" in name for name in wanted):
        importable_from_here()
    subjects = [expand(name, store) for name in wanted]
    if baseline is not None:
        check_one_model(baseline, subjects[-1])
    asked = [
        {**options, "dataset": name, "arguments": arguments}
        for name in options["datasets"] or (None,)
        for arguments in grid(options["arguments"])
    ]
    chosen = [(ChosenData(each), each) for each in asked]
    once = {_key(subject): subject for each in subjects for subject in each}
    found = {key: list(_runs_of(subject, chosen)) for key, subject in once.items()}
    runs = [run for each in found.values() for run in each]
    return runs, None if baseline is None else found[_key(subjects[-1][0])][0]


def _key(subject: Any) -> str:
    """A model by its name, a run by its id."""
    return str(getattr(subject, "id", subject))


def _runs_of(subject: Any, chosen: Sequence[tuple[ChosenData, Mapping[str, Any]]]) -> Iterator[Run]:
    from harness.run import Run

    if isinstance(subject, Run):
        yield subject
    else:
        yield from (_evaluate(subject, data, options) for data, options in chosen)


def _evaluate(model: str, data: ChosenData, options: Mapping[str, Any]) -> Run:
    import harness
    from harness.cli.progress import make_progress

    settings = {**evaluation_settings(options), "groups": data.groups}
    progress = make_progress(quiet=options["quiet"])
    try:
        run = harness.evaluate(
            model, dataset=data.for_model(model), store=options["store"], progress=progress, **settings
        )
    finally:
        progress.run_finished()
    if not options["quiet"]:
        say("Run", run.id)
    return run


def _say_loading() -> None:
    say("Loading", "TensorFlow")
