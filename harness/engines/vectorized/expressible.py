"""Why a model or a callback cannot ride in the compiled program, said in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import keras
import numpy as np

from harness.callbacks.geometric_patience import GeometricPatienceByEpoch
from harness.callbacks.save_best import SaveBest
from harness.callbacks.save_last import SaveLast

_BACKENDS = ("tensorflow", "jax")
# Told of losses and metrics only: they neither read the weights nor end training.
_SPECTATORS = (keras.callbacks.History, keras.callbacks.CSVLogger, keras.callbacks.TerminateOnNaN, SaveLast)
_READERS = (
    keras.callbacks.EarlyStopping,
    keras.callbacks.ModelCheckpoint,
    GeometricPatienceByEpoch,
    SaveBest,
)
# What is inside of them is not Keras': code, or a graph with variables, of the caller's own.
_WRAPPERS = (
    keras.layers.Lambda,
    keras.layers.JaxLayer,
    keras.layers.TFSMLayer,
    keras.layers.TorchModuleWrapper,
)
# What they change takes effect in the very next epoch.
_STEERERS = (keras.callbacks.ReduceLROnPlateau, keras.callbacks.LearningRateScheduler)


def why_not(model: keras.Model, callbacks: Iterable[Any] = ()) -> str | None:
    """Tells why a model and its callbacks cannot be trained by the vectorized engine.

    Args:
        model: A compiled model.
        callbacks: The callbacks of one fold.

    Returns:
        The reason in one line, or None where the engine means exactly what `model.fit` means.

    Example:
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> model.compile(loss="mse", run_eagerly=True)
        >>> why_not(model)
        'the model is compiled with run_eagerly=True'
    """
    if keras.backend.backend() not in _BACKENDS:
        return f"the Keras backend is {keras.backend.backend()}"
    checks: tuple[Callable[[Any], str | None], ...] = (_compilation, _methods, _optimizer, _layers)
    return next(filter(None, (check(model) for check in checks)), None) or why_callbacks_cannot(callbacks)


def why_callbacks_cannot(callbacks: Iterable[Any]) -> str | None:
    """Tells why callbacks cannot ride with the compiled program, or returns None where they can."""
    return next(filter(None, map(_callback, callbacks)), None)


def may_stop(callbacks: Iterable[Any]) -> bool:
    """Whether any callback may end training, or reads the weights during training."""
    return any(type(callback) in _READERS for callback in callbacks)


def steers(callbacks: Iterable[Any]) -> bool:
    """Whether any callback changes how the next epoch is trained."""
    return any(type(callback) in _STEERERS for callback in callbacks)


def is_known(callback: Any) -> bool:
    """Whether it is known what a callback looks at and changes."""
    return type(callback) in (*_SPECTATORS, *_READERS, *_STEERERS)


def _compilation(model: keras.Model) -> str | None:
    if not getattr(model, "compiled", False):
        return "the model is not compiled"
    return "the model is compiled with run_eagerly=True" if model.run_eagerly else None


def _methods(model: keras.Model) -> str | None:
    for name in ("call", "train_step", "test_step", "predict_step", "make_train_function", "fit"):
        if not getattr(type(model), name).__module__.startswith("keras."):
            return f"the model has a {name} of its own"
    return None


def _optimizer(model: keras.Model) -> str | None:
    optimizer = model.optimizer
    if not isinstance(optimizer, keras.optimizers.Optimizer):
        return f"the optimizer is a {type(optimizer).__name__}"
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return "the optimizer scales the loss"
    if type(optimizer).__name__ == "MultiOptimizer":  # which Keras before version 3.15 does not have
        return "the optimizer is made of several"
    if not _starts_alike(optimizer):
        return "the optimizer starts from the weights, which differ between folds"
    if optimizer.gradient_accumulation_steps:
        return "the optimizer accumulates gradients"
    return None


def _starts_alike(optimizer: Any) -> bool:
    """Whether it starts every fold in one state; what is not one number all over may come of the weights."""
    if any(kind.__name__ == "ScheduleFreeAdamW" for kind in type(optimizer).__mro__):
        return False
    values = map(keras.ops.convert_to_numpy, optimizer.variables)
    return all(np.all(value == value.flat[0]) for value in values if value.size)


def _layers(model: keras.Model) -> str | None:
    for layer in model._flatten_layers(include_self=False):
        if not layer.supports_jit:
            return f"the layer '{layer.name}' cannot be compiled"
        if not type(layer).__module__.startswith("keras.") or isinstance(layer, _WRAPPERS):
            return f"the layer '{layer.name}' is not Keras' own and may keep state outside its variables"
        if isinstance(layer, keras.layers.SpectralNormalization):  # of the new ones `fit` takes the gradients
            return f"the layer '{layer.name}' overwrites its own weights while training"
    return None


def _callback(callback: Any) -> str | None:
    if not is_known(callback):
        return f"the callback {type(callback).__name__} is called by model.fit only"
    if isinstance(callback, keras.callbacks.ModelCheckpoint) and callback.save_freq != "epoch":
        return "ModelCheckpoint saves within an epoch"
    return None
