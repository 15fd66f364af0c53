"""The caller's callback factory: called once a fold, asked once beforehand what it makes."""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.engines.base import CallbackFactory, FoldContext
from harness.errors import UsageError
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
        UsageError: The factory made something that is no Keras callback.
    """
    import keras

    with tempfile.TemporaryDirectory() as directory:
        context = FoldContext(FoldKey(0, 0), Path(directory), has_validation, epochs, steps_per_epoch=1)
        callbacks = list(factory(context))
    for callback in callbacks:
        if not isinstance(callback, keras.callbacks.Callback):
            raise UsageError(
                f"callbacks must make Keras callbacks. Received: {type(callback).__name__} among them"
            )
    return callbacks


def watches_validation(callbacks: Sequence[Any]) -> bool:
    """Whether any of them monitors a validation quantity."""
    return any(str(getattr(callback, "monitor", "")).startswith("val_") for callback in callbacks)


def describe_callbacks(callbacks: Sequence[Any]) -> list[list[str]]:
    """Class, settings and, of a class that is not Keras' own, the source of each callback, as text."""
    return [_describe(callback) for callback in callbacks]


def _describe(callback: Any) -> list[str]:
    kind = type(callback)
    simple = {
        name: value for name, value in sorted(vars(callback).items()) if isinstance(value, (int, float, str, bool))
    }
    # The folder of a probe is a new one each time.
    settings = {name: value for name, value in simple.items() if tempfile.gettempdir() not in str(value)}
    return [
        f"{kind.__module__}.{kind.__qualname__}",
        repr(settings),
        "" if _is_keras(kind) else _source(kind),
    ]


def _is_keras(kind: type) -> bool:
    return kind.__module__.startswith("keras.")


def _source(kind: type) -> str:
    try:
        return inspect.getsource(kind)
    except (OSError, TypeError):
        return ""


def _takes_context(function: Callable[..., Any]) -> bool:
    parameters: Mapping[str, inspect.Parameter] = inspect.signature(function).parameters
    return any(
        p.kind in {p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.VAR_POSITIONAL} for p in parameters.values()
    )
