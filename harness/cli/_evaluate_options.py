"""The options of `evaluate`, under the headings of its help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from harness.cli._options import OptionSettings, add_options, option
from harness.cli._settings import parse_arguments, parse_image_size, parse_memory, parse_patience, parse_threshold

F = TypeVar("F", bound=Callable[..., Any])

_RATE = click.FloatRange(min=0, min_open=True)

SCHEMES = ("stratified", "kfold", "group", "stratified_group", "holdout", "leave_one_out")
INTERVALS = ("corrected", "conservative")


def data_options(command: F) -> F:
    """Adds the options that say what to evaluate on."""
    return add_options(
        command,
        "Data",
        option("-d", "--dataset", metavar="NAME", help="Data set, or folder with a dataset.toml."),
        option("--data", metavar="FILE|FOLDER", help="Your own table (CSV, Parquet), or images in class folders."),
        option("--image-size", metavar="HxW", callback=parse_image_size, help="Pixels to resize images to."),
        option("--target", "targets", multiple=True, metavar="COLUMN", help="Column to predict; repeatable."),
        option("--leave-out", multiple=True, metavar="COLUMN", help="Column that is no feature; repeatable."),
        _choice("--task", "binary", "multiclass", "regression", help="What the table is about; inferred."),
    )


def protocol_options(command: F) -> F:
    """Adds the options that say how to judge; what is not given stands on the data set's card."""
    return add_options(
        command,
        "Protocol (by default, what the data set's card says)",
        _choice("--cv", *SCHEMES, help="How to split the rows."),
        _count("-k", "--folds", least=2, help="Folds in a repeat."),
        _count("-r", "--repeats", help="How often to split anew."),
        _share("--test-size", help="Share of test rows of a hold-out."),
        option("--shuffle/--no-shuffle", default=True, help="Shuffle before splitting, or not."),
        option("--groups", metavar="COL|duplicates", help="Keep rows that are equal in COL, or equal, together."),
        option("--metrics", metavar="A,B", help="Metrics; the first is the headline."),
        option("--threshold", metavar="NAME|P", callback=parse_threshold, help=_THRESHOLD),
        _count("--seed", least=0, help="Root of all randomness."),
        _count("--init-seeds", default=1, help="Train each fold from so many initial weights."),
        _share("--ci", "LEVEL", default=0.95, help="Level of the interval."),
        _choice("--interval", *INTERVALS, default="corrected", help=_INTERVAL),
    )


def training_options(command: F) -> F:
    """Adds the options that say how to train; what is not given stands in the model's recipe."""
    arguments: dict[str, Any] = {"multiple": True, "metavar": "KEY=VALUE", "callback": parse_arguments}
    return add_options(
        command,
        "Training (by default, the model's recipe)",
        option("-a", "--argument", "arguments", **arguments, help="Argument of the builder; repeatable."),
        _count("--epochs", help="Epochs at most."),
        _count("-b", "--batch-size", help="Rows in a batch."),
        option("--preprocessing", metavar="A,B|none", help="Transformers fitted inside each fold."),
        option("--early-stopping", metavar="N|WORD", callback=parse_patience, help=_PATIENCE),
        _count("--fine-tune-epochs", help="Then train N more epochs with the frozen layers, too."),
        option("--fine-tune-learning-rate", type=_RATE, metavar="RATE", help=_TUNE_RATE),
        _count("--fine-tune-frozen-layers", least=0, help="Leave the first N layers of the base frozen."),
        option("--inner-val", type=click.FloatRange(0, 1, max_open=True), metavar="SHARE", help=_INNER_VAL),
        _choice("--checkpoint", "none", "best", "last", "both", help=_CHECKPOINT),
        _choice("--class-weight", "balanced", help="Weigh rare classes as much as frequent ones."),
        _choice("--engine", "auto", "fit", "vectorized", "frozen", default="auto", help="What trains the folds."),
        _count("--augment-copies", help="Keep N augmented versions of each image before a frozen base."),
        option("--tensorboard", metavar="[FOLDER]", is_flag=False, flag_value=_LOGS, help=_TENSORBOARD),
    )


_LOGS = "runs/tensorboard"
_TENSORBOARD = f"Log every fold for TensorBoard; to {_LOGS} if no FOLDER follows."


_INTERVAL = "Conservative: a wider one, for learners such as the nearest neighbour."
_THRESHOLD = (
    "Call a row positive from probability P on, or from where accuracy, balanced_accuracy, f1, mcc or youden is "
    "best on the inner validation part."
)
_PATIENCE = (
    "Stop after N epochs without a better inner validation loss; 'geometric': by a growing patience in batches, "
    "'geometric-error': by the same on the share of wrong answers; 'none': never."
)
_TUNE_RATE = "Learning rate of these epochs; a tenth of the model's own."
_INNER_VAL = "Share of a fold's training rows that early stopping may watch."
_CHECKPOINT = "Weights to keep: the best with early stopping, else the last."


def run_options(command: F) -> F:
    """Adds the options that say what to do about folds that fail or are there already."""
    return add_options(
        command,
        "Run",
        option("--resume/--no-resume", default=True, help="Take over finished folds, or train anew."),
        _choice("--on-error", "continue", "raise", default="continue", help="What to do when a fold fails."),
        option("--memory", metavar="SIZE", callback=parse_memory, help="Train side by side what fits, as in 2GB."),
        option("--dry-run", is_flag=True, help="Show splits, class counts and findings; train nothing."),
        option("--details", is_flag=True, help="Show classes or outputs, calibration, sources of spread, too."),
        option("-q", "--quiet", is_flag=True, help="Write nothing to standard error but errors."),
    )


def _choice(name: str, *choices: str, **settings: Any) -> OptionSettings:
    return option(name, type=click.Choice(choices), show_default=True, **settings)


def _count(*names: str, least: int = 1, **settings: Any) -> OptionSettings:
    return option(*names, type=click.IntRange(min=least), metavar="N", show_default=True, **settings)


def _share(name: str, metavar: str = "SHARE", **settings: Any) -> OptionSettings:
    between = click.FloatRange(0, 1, min_open=True, max_open=True)
    return option(name, type=between, metavar=metavar, show_default=True, **settings)
