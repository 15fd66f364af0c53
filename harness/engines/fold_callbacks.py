"""The callbacks of one fold, whatever engine calls them, and what they found to be best."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import keras
import numpy as np

from harness.callbacks.early_stopping import ContinuedEarlyStopping
from harness.callbacks.geometric_patience import PATIENCE, GeometricPatience, GeometricPatienceByEpoch, Monitor
from harness.callbacks.save_best import SaveBest
from harness.callbacks.save_last import SaveLast
from harness.engines.base import FoldContext, FoldData, FoldTask, GrowingPatience, Recipe

_MONITORED: dict[GrowingPatience, Monitor] = {"geometric": "val_loss", "geometric-error": "val_zero_one_loss"}


def fold_context(task: FoldTask, data: FoldData, recipe: Recipe) -> FoldContext:
    """What the callback factory is told of this fold."""
    steps = math.ceil(len(data.x_train) / recipe.batch_size)
    epochs = recipe.epochs + (recipe.fine_tune_epochs or 0)
    return FoldContext(task.key, task.directory, data.x_val is not None, epochs, steps)


def fold_callbacks(context: FoldContext, recipe: Recipe) -> list[keras.callbacks.Callback]:
    """The callbacks of one fold, for all its phases: checkpoints, then early stopping, then the caller's own."""
    callbacks: list[keras.callbacks.Callback] = []
    geometric, saves_best = isinstance(recipe.early_stopping, str), recipe.checkpoint in {"best", "both"}
    if saves_best and not geometric:
        callbacks.append(SaveBest(context.directory / "best.keras"))
    if recipe.checkpoint in {"last", "both"}:
        callbacks.append(SaveLast(context.directory / "last.keras"))
    if recipe.early_stopping is not None:
        callbacks.append(_early_stopping(recipe.early_stopping, context, recipe))
    if saves_best and geometric:
        # Called after it, when the best weights, those of some batch within an epoch, are back.
        callbacks.append(SaveLast(context.directory / "best.keras"))
    return [*callbacks, *(recipe.callbacks(context) if recipe.callbacks else ())]


def _early_stopping(
    patience: int | GrowingPatience, context: FoldContext, recipe: Recipe
) -> keras.callbacks.Callback:
    if not isinstance(patience, int):
        monitor, report = _MONITORED[patience], context.directory / "geometric_patience.json"
        if context.steps_per_epoch <= PATIENCE // 2:  # then the rule validates after each epoch, as `fit` does
            return GeometricPatienceByEpoch(context.steps_per_epoch, monitor=monitor, report=report)
        return GeometricPatience(context.validation_data, monitor=monitor, report=report)
    if recipe.fine_tune_epochs is not None:
        return ContinuedEarlyStopping(patience)
    return keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)


def best_epoch(
    history: Mapping[str, Sequence[float]], callbacks: Sequence[keras.callbacks.Callback] = ()
) -> int | None:
    """The epoch (from 0) of the lowest validation loss, or the one in which geometric patience found its best."""
    for callback in callbacks:
        if isinstance(callback, GeometricPatience | GeometricPatienceByEpoch):
            return callback.best_epoch
    return int(np.argmin(history["val_loss"])) if history.get("val_loss") else None
