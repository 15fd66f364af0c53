"""The inner validation part: who needs one, how large it is, and what the reader is told of it."""

from __future__ import annotations

import numpy as np

from harness.callback_factory import as_factory, sample_callbacks, watches_validation
from harness.data.dataset import Dataset
from harness.errors import UsageError
from harness.resampling import Splits
from harness.settings import Settings
from harness.thresholds import describe_threshold, is_chosen

DEFAULT_INNER_VAL = 0.2


def has_validation_part(dataset: Dataset, splits: Splits, settings: Settings) -> bool:
    """Whether the data come with a validation part, and no other was asked for."""
    if splits.scheme != "predefined" or dataset.parts is None or settings.inner_val is not None:
        return False
    return {"train", "val"} <= set(np.unique(dataset.parts).tolist())


def inner_share(settings: Settings, epochs: int, given: bool) -> tuple[float, tuple[str, ...]]:
    """Share of a fold's training rows that validate, and notes on who watches them.

    Args:
        settings: What was asked for.
        epochs: Epochs at most.
        given: Whether the data come with a validation part.

    Returns:
        The share asked for, else 0.2 where callbacks or a threshold need one, else 0.

    Raises:
        UsageError: There is to be none, though one is needed.
    """
    watched = _watches_validation(settings, epochs)
    if settings.inner_val is None:
        if not watched:
            return DEFAULT_INNER_VAL if is_chosen(settings.threshold) else 0.0, ()
        share = validation_part(DEFAULT_INNER_VAL, given)
        note = f"Callbacks watch {share}, never {'the' if given else 'its'} test rows."
        return DEFAULT_INNER_VAL, (note,)
    if is_chosen(settings.threshold) and settings.inner_val == 0:
        raise UsageError(
            f"threshold='{settings.threshold}' is chosen on an inner validation part, for it may not be chosen on "
            "the test fold. Received: inner_val=0; leave it out for 0.2, or give threshold a number"
        )
    if watched and settings.inner_val == 0:
        raise UsageError(
            "Early stopping, the best checkpoint and callbacks that monitor val_… need an inner validation "
            "part, for they may not watch the test fold. Received: inner_val=0"
        )
    return settings.inner_val, ()


def threshold_notes(settings: Settings, dataset: Dataset, validation: str) -> tuple[str, ...]:
    """What the reader must know of how rows get their labels.

    Args:
        settings: What was asked for.
        dataset: The data.
        validation: Which rows a threshold is chosen on.

    Raises:
        UsageError: A threshold for anything but two classes.
    """
    if settings.threshold is None:
        return ()
    if dataset.task != "binary":
        raise UsageError(
            f"threshold is for two classes. Received: threshold={settings.threshold!r} for '{dataset.name}', "
            f"a {dataset.task} data set"
        )
    return (describe_threshold(settings.threshold, dataset.classes[-1], validation),)


def validation_part(inner_val: float, given: bool) -> str:
    """Names the rows of the inner validation part in a few words."""
    return "the data's own validation part" if given else f"{inner_val:.0%} of each fold's training rows"


def _watches_validation(settings: Settings, epochs: int) -> bool:
    if settings.early_stopping is not None or settings.checkpoint in {"best", "both"}:
        return True
    if settings.callbacks is None:
        return False
    return watches_validation(sample_callbacks(as_factory(settings.callbacks), epochs, has_validation=True))
