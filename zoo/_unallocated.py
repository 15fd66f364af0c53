"""Models as shapes only, without the memory that their weights would take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras
from keras.src.backend.common import global_state

_WAITING = "uninitialized_variables"


@contextmanager
def unallocated() -> Iterator[None]:
    """Variables of models that are built inside have a shape and no value.

    Keras keeps a list of variables that are still to get one, and the next stateless scope of the process would
    give it to them: those made inside are taken off the list again.

    Example:
        >>> with unallocated():
        ...     model = keras.Sequential([keras.Input((1_000_000,)), keras.layers.Dense(1_000_000)])
        >>> model.count_params()
        1000001000000
    """
    waiting = list(global_state.get_global_attribute(_WAITING, []))
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        global_state.set_global_attribute(_WAITING, waiting)
