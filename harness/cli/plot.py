"""`harness plot`: one figure of finished runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from harness.cli._errors import say
from harness.cli._finished import comparison_options, find_runs, runs_option, write_file
from harness.cli._options import debug_option, examples


@click.command(
    "plot",
    epilog=examples(
        "python -m harness plot sonar_dropout-4ee68bba learning_curves -o curves.svg",
        "python -m harness plot sonar_dropout-4ee68bba fold_scores --metric roc_auc -o scores.png",
        "python -m harness plot 'sonar_*' fold_scores -o models.svg",
        "python -m harness plot 'sonar_*' paired_differences --rope 0.01 --ci 0.9 -o differences.svg",
        "python -m harness plot '*' critical_difference -o ranks.svg",
    ),
)
@click.argument("names", nargs=-1, required=True, metavar="RUN...")
@click.argument("figure")
@click.option(
    "-o",
    "--output",
    "target",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="File to write: .svg, .png or .pdf.",
)
@comparison_options
@runs_option
@debug_option
def command(names: Sequence[str], figure: str, target: Path, store: str, **asked: Any) -> None:
    """Draw one figure of a finished run, or of several where the figure shows several.

    \b
    FIGURE is one of
      fold_scores, training_time (of one run or several),
      paired_differences (of two runs or more),
      critical_difference (of several models on six data sets or more),
      learning_curves, score_distribution, repeats_error, variance_shares,
      confusion_matrix, roc, precision_recall, reliability (classification),
      predicted_true, residuals (regression).
    """
    from harness.report.figures.render import figure_format, render
    from harness.reporting import draw_figure

    kind = figure_format(target)
    drawn = draw_figure(figure.replace("-", "_"), find_runs(names, store), **asked)
    write_file(target, render(drawn, kind))
    say("Figure", str(target))
