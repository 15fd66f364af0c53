"""`harness evaluate`: how good a model is, and how sure one can be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from harness.cli._datasets import ChosenData
from harness.cli._errors import State, report_error, say
from harness.cli._evaluate_options import (
    data_options,
    protocol_options,
    run_options,
    training_options,
)
from harness.cli._models import resolve_models
from harness.cli._native import quiet_import
from harness.cli._options import (
    SectionedCommand,
    debug_option,
    download_options,
    examples,
    format_option,
    store_option,
)
from harness.cli._plan import plan_record, print_plans
from harness.cli._results import print_results, say_failures, say_remarks
from harness.cli._settings import evaluation_settings


@click.command(
    "evaluate",
    cls=SectionedCommand,
    epilog=examples(
        "python -m harness evaluate sonar_dropout",
        "python -m harness evaluate 'sonar_*' -r 3 --format md",
        "python -m harness evaluate sonar_dropout --threshold youden --details",
        "python -m harness evaluate sonar_dropout -a rate=0.5 -a 'units=[120, 60]' --early-stopping 20",
        "python -m harness evaluate my_models:net --data rows.csv --target price --epochs 100",
        "python -m harness evaluate pets_cnn --data photographs --image-size 96x96 --cv stratified -k 5",
    ),
)
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@data_options
@protocol_options
@training_options
@store_option
@run_options
@download_options
@format_option("table", "json", "csv", "md")
@debug_option
@click.pass_context
def command(ctx: click.Context, /, names: Sequence[str], output: str, dry_run: bool, **options: Any) -> None:
    """Train and test models on every fold, and show mean, spread and interval of their scores.

    NAME is a model of the zoo, a glob such as 'sonar_*', or module:function. Folds that an earlier run finished
    are taken over, so that the same command goes on after an interruption.
    """
    models = resolve_models(names)
    data = ChosenData(options)
    notice = None if options["quiet"] else _say_loading
    with quiet_import("tensorflow", show=ctx.obj.debug, notice=notice):
        if dry_run:
            print_plans([_plan(model, data, options) for model in models], output)
            return
        ctx.obj.resumable = options["resume"]
        evaluation = _Evaluation(data, options, ctx.obj, alone=len(models) == 1)
        results = list(evaluation.each(models))
    print_results(results, output, several=len(models) > 1)
    ctx.exit(max([evaluation.exit_code, *(1 for result in results if result["n_failed"])]))


class _Evaluation:
    """Evaluates models one after the other; one that cannot be is no reason to leave out the others."""

    def __init__(self, data: ChosenData, options: Mapping[str, Any], state: State, *, alone: bool) -> None:
        self.exit_code = 0
        self._remarks: set[tuple[str, str]] = set()
        self._data = data
        self._options = options
        self._state = state
        self._stops = alone or options["on_error"] == "raise"

    def each(self, models: Sequence[str]) -> Iterator[dict[str, Any]]:
        for model in models:
            try:
                yield self._evaluate(model)
            except Exception as error:
                if self._stops:
                    raise
                self.exit_code = max(self.exit_code, report_error(error, self._state, f"{model}: "))

    def _evaluate(self, model: str) -> dict[str, Any]:
        import harness
        from harness.cli.progress import make_progress

        quiet, ci = self._options["quiet"], self._options["ci"]
        progress = make_progress(quiet=quiet)
        try:
            run = harness.evaluate(
                model,
                dataset=self._data.for_model(model),
                store=self._options["store"],
                resume=self._options["resume"],
                on_error=self._options["on_error"],
                progress=progress,
                **_settings(model, self._data, self._options),
            )
        finally:
            progress.run_finished()
        result: dict[str, Any] = run.to_dict(ci, self._options["interval"])
        if self._options["details"]:
            result["details"] = run.details(ci=ci)
        if not quiet:
            say_remarks(result, self._remarks)
        say_failures(result)
        return result


def _settings(model: str, data: ChosenData, options: Mapping[str, Any]) -> dict[str, Any]:
    left = {"groups": data.groups, "arguments": data.arguments_for(model)}
    return {**evaluation_settings(options), **left}


def _plan(model: str, data: ChosenData, options: Mapping[str, Any]) -> dict[str, Any]:
    from harness.evaluation import Evaluation
    from harness.plan import make_plan
    from harness.settings import Settings

    plan = make_plan(model, settings=Settings(dataset=data.for_model(model), **_settings(model, data, options)))
    return plan_record(Evaluation.of(plan))


def _say_loading() -> None:
    say("Loading", "TensorFlow")
