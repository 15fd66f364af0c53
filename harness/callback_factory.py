"""The caller's callback factory: called once a fold, asked once beforehand what it makes."""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.engines.base import CallbackFactory, FoldContext
from harness.errors import UsageError
from harness.fingerprint import describe_function, describe_value, source
from harness.seeds import FoldKey


def as_factory(callbacks: Callable[..., Sequence[Any]]) -> CallbackFactory:
    """Lets a factory without parameters be called with a fold's context too.

    Example:
        >>> as_factory(lambda: ["a"])(None)
        ['a']
    """
    if _takes_context(callbacks):
        return lambda context: list(callbacks(context))
    return lambda context: list(callbacks())


def sample_callbacks(factory: CallbackFactory, epochs: int, has_validation: bool) -> list[Any]:
    """Makes one set of callbacks to look at, in a folder that is thrown away.

    Raises:
        UsageError: The factory made something that is no Keras callback, or the same callback twice.
    """
    import keras

    with tempfile.TemporaryDirectory() as directory:
        context = FoldContext(FoldKey(0, 0), Path(directory), has_validation, epochs, steps_per_epoch=1)
        callbacks, others = list(factory(context)), list(factory(context))
    for callback in callbacks:
        if not isinstance(callback, keras.callbacks.Callback):
            raise UsageError(
                f"callbacks must make Keras callbacks. Received: {type(callback).__name__} among them"
            )
        if any(callback is other for other in others):
            raise UsageError(
                "callbacks must make new callbacks each time, for they remember what they saw. "
                f"Received: the same {type(callback).__name__} twice; make it inside the function"
            )
    return callbacks


def watches_validation(callbacks: Sequence[Any]) -> bool:
    """Whether any of them monitors a validation quantity."""
    return any(str(getattr(callback, "monitor", "")).startswith("val_") for callback in callbacks)


def describe_callbacks(callbacks: Sequence[Any]) -> list[list[str]]:
    """Class, settings and, of functions and of classes that are not Keras' own, the source, as text."""
    return [_describe(callback) for callback in callbacks]


def _describe(callback: Any) -> list[str]:
    kind = type(callback)
    described = {
        name: describe_function(value) if inspect.isroutine(value) else describe_value(value)
        for name, value in sorted(vars(callback).items())
    }
    # The folder of a probe is a new one each time.
    settings = {name: text for name, text in described.items() if tempfile.gettempdir() not in text}
    return [
        f"{kind.__module__}.{kind.__qualname__}",
        repr(settings),
        "" if kind.__module__.startswith("keras.") else source(kind),
    ]


def _takes_context(function: Callable[..., Any]) -> bool:
    parameters: Mapping[str, inspect.Parameter] = inspect.signature(function).parameters
    return any(
        p.kind in {p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.VAR_POSITIONAL} for p in parameters.values()
    )
