"""The fit engine: one fold after the other through `model.fit`, for any model and any callback.

One compiled model serves all folds of a shape: before each fold its weights, statistics, random seeds and its
optimizer are set to the state of a model built afresh from the fold's seed. That saves compiling anew for every
fold and the memory that models built in a loop never give back. A model with layers or training steps of the
caller's own is built anew for every fold, for it may keep state outside its variables.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from harness.callbacks.epoch_progress import EpochProgress
from harness.callbacks.shown_model import ShownModel
from harness.engines._batches import Batches, batches_of
from harness.engines.base import (
    FoldContext,
    FoldData,
    FoldFailure,
    FoldOutcome,
    FoldTask,
    Recipe,
    Shape,
    check_finite,
    joined_heads,
)
from harness.engines.builds import build_seeded, seeded, state_variables
from harness.engines.fold_callbacks import best_epoch, fold_callbacks, fold_context
from harness.engines.kept_files import kept_files
from harness.errors import EngineError, FoldError
from harness.progress import Progress
from zoo.fine_tuning import unfreeze

_MOST_STEPS_PER_EXECUTION = 1000
_BATCH_HOOKS = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")
# Keras' own that have batch hooks but do nothing in them unless told to save within an epoch.
_QUIET_WITHIN_EPOCH = (keras.callbacks.ModelCheckpoint, keras.callbacks.ProgbarLogger)

Builder = Callable[[Shape], keras.Model]
Part = Callable[[keras.Model, FoldTask, FoldData], tuple[keras.Model, FoldData]]


class FitEngine:
    """Trains folds one after the other with `keras.Model.fit`.

    Args:
        part: Finds what to train until fine-tuning begins in place of a whole model: a part of it that has all its
            trained weights, compiled with its optimizer, and the data of a fold as that part takes them. Callbacks
            are shown the whole model. None: the model itself.
    """

    name = "fit"

    def __init__(self, part: Part | None = None) -> None:
        self._part = part or _whole

    def train(
        self, tasks: Sequence[FoldTask], build: Builder, recipe: Recipe, progress: Progress
    ) -> Iterator[FoldOutcome | FoldFailure]:
        """Trains every task in turn; a fold that fails is yielded as such and the next one goes on.

        Args:
            tasks: The folds.
            build: Makes a new compiled model for the shape of one example.
            recipe: How to train.
            progress: Told of every epoch.

        Yields:
            A `FoldOutcome` or `FoldFailure` for each task, in their order.
        """
        models = _ReusedModels(build)
        for task in tasks:
            try:
                yield _train_fold(task, models, self._part, recipe, progress)
            except EngineError:
                raise
            except Exception as error:  # a fold may fail in any way; the others go on
                models.forget()
                yield FoldFailure(task.key, error)


class _ReusedModels:
    """One compiled model for each input shape, put back to a fresh state for each fold."""

    def __init__(self, build: Builder) -> None:
        self._build = build
        self._models: dict[Shape, _ReusedModel] = {}

    def fresh(self, shape: Shape, seed: int) -> keras.Model:
        """A model in the very state that building it from `seed` would give."""
        built = build_seeded(self._build, shape, seed)
        built.optimizer.build(built.trainable_variables)
        if (reused := self._models.get(shape)) is not None and reused.is_whole:
            return reused.set_to(built)
        if _keeps_state_in_variables(built):
            self._models[shape] = _ReusedModel(built)
        return built

    def forget(self) -> None:
        """Drops all models: one that failed in the middle of a fold may be in any state."""
        self._models.clear()


class _ReusedModel:
    def __init__(self, model: keras.Model) -> None:
        self._model = model
        self._built_as = _structure(model)

    @property
    def is_whole(self) -> bool:
        """Whether no callback has frozen a layer, compiled the model anew or exchanged its learning rate."""
        return _structure(self._model) == self._built_as

    def set_to(self, built: keras.Model) -> keras.Model:
        """The model, in the state of another one that was just built."""
        _assign(state_variables(self._model), state_variables(built))
        # Not the first model's: an optimizer may start from the weights, as ScheduleFreeAdamW does.
        _assign(self._model.optimizer.variables, built.optimizer.variables)
        return self._model


def _structure(model: keras.Model) -> list[Any]:
    variables = [*state_variables(model), *model.optimizer.variables]
    return [id(model.optimizer), *((id(variable), variable.trainable) for variable in variables)]


def _keeps_state_in_variables(model: keras.Model) -> bool:
    """Whether Keras alone made the model's parts; a caller's own may draw numbers or count in Python."""
    own_steps = (getattr(type(model), step).__module__.startswith("keras.") for step in ("call", "train_step"))
    layers = model._flatten_layers(include_self=False)
    return all(own_steps) and all(
        type(layer).__module__.startswith("keras.") and not isinstance(layer, keras.layers.Lambda)
        for layer in layers
    )


def _assign(variables: Sequence[Any], values: Sequence[Any]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _whole(model: keras.Model, task: FoldTask, data: FoldData) -> tuple[keras.Model, FoldData]:
    return model, data


def _train_fold(
    task: FoldTask, models: _ReusedModels, part: Part, recipe: Recipe, progress: Progress
) -> FoldOutcome:
    # Seeded over all of it: a caller's layer or callback may draw from the global generators while training.
    with seeded(task.seeds.initial_state):
        return _trained(task, models, part, recipe, progress)


def _trained(task: FoldTask, models: _ReusedModels, part: Part, recipe: Recipe, progress: Progress) -> FoldOutcome:
    started = time.perf_counter()
    data = task.prepare()
    model = models.fresh(data.input_shape, task.seeds.initial_state)
    trained, taken = part(model, task, data)
    first = replace(recipe, streamed=recipe.streamed and trained is model)
    whole, batches = batches_of(task, data, recipe), batches_of(task, taken, first)
    with whole.being_read(), batches.being_read():
        context = replace(fold_context(task, taken, recipe), validation_data=whole.validation())
        callbacks = fold_callbacks(context, recipe)
        shown = callbacks if trained is model else [ShownModel(callbacks, model)]
        history = _fit(trained, batches, context, shown, first, progress)
        if recipe.fine_tune_epochs is not None:
            history = _fine_tuned(model, task, data, context, callbacks, recipe, progress, history)
            trained, batches = model, whole
        outputs = _predict(trained, batches, batches.test())
        val_outputs = _predict(trained, batches, batches.held_out()) if recipe.predict_validation else None
    outcome = FoldOutcome(
        key=task.key,
        outputs=outputs,
        val_outputs=val_outputs,
        history=_plain(history),
        best_epoch=best_epoch(history, callbacks),
        seconds=time.perf_counter() - started,
        files=kept_files(task.directory),
    )
    check_finite(outcome, model.get_weights())
    return outcome


def _fine_tuned(
    model: keras.Model,
    task: FoldTask,
    data: FoldData,
    context: FoldContext,
    callbacks: Sequence[keras.callbacks.Callback],
    recipe: Recipe,
    progress: Progress,
    history: Mapping[str, list[Any]],
) -> dict[str, Any]:
    """Trains once more with the frozen layers made trainable; returns the history of both phases.

    The callbacks are those of the first phase: what was best is the best of both.
    """
    rate = recipe.fine_tune_learning_rate
    rate = float(model.optimizer.learning_rate) / 10 if rate is None else rate
    unfreeze(model, rate, frozen_layers=recipe.fine_tune_frozen_layers)
    done = len(history["loss"])
    second = replace(recipe, epochs=recipe.fine_tune_epochs or 0)
    batches = batches_of(task, data, second, first_epoch=done)
    with batches.being_read():
        tuned = _fit(model, batches, context, callbacks, second, progress, done)
    return {name: [*values, *tuned[name]] for name, values in history.items()}


def _fit(
    model: keras.Model,
    batches: Batches,
    context: FoldContext,
    callbacks: Sequence[keras.callbacks.Callback],
    recipe: Recipe,
    progress: Progress,
    done: int = 0,
) -> dict[str, Any]:
    """The history of one phase, after so many epochs of another."""
    total = done + recipe.epochs
    callbacks = [*callbacks, EpochProgress(progress, str(context.key), total)]
    _set_steps_per_execution(model, _steps_at_once(context.steps_per_epoch, callbacks, recipe))
    history: dict[str, Any] = model.fit(
        batches.training(),
        steps_per_epoch=context.steps_per_epoch,
        initial_epoch=done,
        epochs=total,
        validation_data=batches.validation(),
        validation_batch_size=recipe.batch_size,
        shuffle=False,
        callbacks=callbacks,
        verbose=0,
    ).history
    if len(history["loss"]) < recipe.epochs and not model.stop_training:
        raise FoldError(f"Keras ended training after {len(history['loss'])} of {recipe.epochs} epochs")
    return history


def _predict(model: keras.Model, batches: Batches, x: Any) -> Any:
    return joined_heads(model.predict(x, batch_size=batches.prediction_size, verbose=0))


def _plain(history: Mapping[str, Sequence[Any]]) -> dict[str, list[float]]:
    """The history as numbers; a metric with one value a class becomes one entry a class."""
    plain: dict[str, list[float]] = {}
    for name, values in history.items():
        columns = np.asarray([np.ravel(value) for value in values], dtype=np.float64).T
        names = [name] if len(columns) == 1 else [f"{name}[{number}]" for number in range(len(columns))]
        plain.update({each: column.tolist() for each, column in zip(names, columns, strict=True)})
    return plain


def _steps_at_once(steps: int, callbacks: Sequence[keras.callbacks.Callback], recipe: Recipe) -> int:
    """The most batches to run at a time; of images from disk one, for Keras gathers as many before it predicts."""
    return 1 if recipe.streamed else _steps_per_execution(steps, callbacks)


def _steps_per_execution(steps: int, callbacks: Sequence[keras.callbacks.Callback]) -> int:
    """The most batches to run without returning to Python: all of an epoch unless a callback watches batches.

    It must divide the epoch, or Keras would run on into the next one.
    """
    if any(_watches_batches(callback) for callback in callbacks):
        return 1
    return max(d for d in range(1, min(steps, _MOST_STEPS_PER_EXECUTION) + 1) if steps % d == 0)


def _set_steps_per_execution(model: keras.Model, steps: int) -> None:
    """Sets it on a model that may have been traced: what was traced holds the old number of steps."""
    if model.steps_per_execution != steps:
        model.steps_per_execution = steps
        model.train_function = model.test_function = model.predict_function = None


def _watches_batches(callback: keras.callbacks.Callback) -> bool:
    if isinstance(callback, ShownModel):
        return any(map(_watches_batches, callback.callbacks))
    if type(callback) in _QUIET_WITHIN_EPOCH and getattr(callback, "save_freq", "epoch") == "epoch":
        return False
    # Looked up on the callback itself: a LambdaCallback has its hooks as attributes.
    hooks = ((getattr(callback, hook), getattr(keras.callbacks.Callback, hook)) for hook in _BATCH_HOOKS)
    return any(getattr(hook, "__func__", None) is not quiet for hook, quiet in hooks)
