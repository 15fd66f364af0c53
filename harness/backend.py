"""Keeps Keras from loading TensorFlow where another backend computes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_spared: ContextVar[bool] = ContextVar("_spared", default=False)


@contextmanager
def tensorflow_spared() -> Iterator[None]:
    """Has Keras take TensorFlow for not installed in this thread, unless it is loaded.

    Where it is installed, Keras loads it on every backend, which takes seconds, to seed it and to tell its types
    from others: but what is not loaded needs no seed and has given nobody an object. On the TensorFlow backend,
    where it is loaded, nothing changes.

    Example:
        >>> import keras
        >>> with tensorflow_spared():
        ...     keras.utils.set_random_seed(1)
    """
    _watch()
    token = _spared.set(True)
    try:
        yield
    finally:
        _spared.reset(token)


def _watch() -> None:
    """Has Keras' stand-in for the module ask us whether it is there."""
    try:
        from keras.src.utils import module_utils
    except ImportError:  # another version of Keras: it loads TensorFlow, and all is as right, only later
        return

    class Watched(module_utils.LazyModule):  # type: ignore[misc]
        @property
        def available(self) -> bool:
            if _spared.get() and self.name not in sys.modules:
                return False
            return bool(super().available)

    if type(module_utils.tensorflow) is module_utils.LazyModule:
        module_utils.tensorflow.__class__ = Watched
