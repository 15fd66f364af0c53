"""Models built from seeds, and nothing else: what makes a fold's model the same wherever it is built."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from harness.backend import tensorflow_spared
from harness.engines.base import Shape
from harness.errors import FoldError, UsageError

if TYPE_CHECKING:
    import keras


class Origin(NamedTuple):
    """What a builder's model follows from: the shape of one example, and a seed."""

    shape: Shape
    seed: int


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seeds Python, NumPy, Keras and its backend; gives Python's and NumPy's global states back afterwards."""
    import keras

    with global_states_kept():
        with tensorflow_spared():
            keras.utils.set_random_seed(seed)
        yield


@contextmanager
def global_states_kept() -> Iterator[None]:
    """Gives the states of Python's and NumPy's global generators back afterwards."""
    python, numpy = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


@contextmanager
def _names_unspent() -> Iterator[None]:
    """Takes back the numbers that Keras gives to names, or the "auc" of one fold were the "auc_1" of the next."""
    from keras.src.backend.common import global_state

    numbers = global_state.get_global_attribute("object_name_uids", defaultdict(int), set_to_default=True)
    before = dict(numbers)
    try:
        yield
    finally:
        global_state.set_global_attribute("object_name_uids", defaultdict(int, before))


def build_seeded(build: Callable[[Shape], keras.Model], shape: Shape, seed: int) -> keras.Model:
    """Builds a model, its weights drawn from `seed`.

    Raises:
        FoldError: The builder returned no Keras model.
    """
    import keras

    with seeded(seed), _names_unspent():
        model = build(shape)
        if not isinstance(model, keras.Model):
            raise FoldError(f"The builder must return a keras.Model. Received: {type(model).__name__}")
        if not model.built:
            _build(model, shape)
    return model


def _build(model: keras.Model, shape: Shape) -> None:
    import keras

    if isinstance(model, keras.Sequential):
        model.build((None, *shape))
    else:  # a subclassed model makes its variables when it is called
        model(np.zeros((1, *shape), dtype=np.float32))


def check_made_anew(model: keras.Model, other: keras.Model) -> None:
    """Refuses two models of a builder that share weights: what one fold learned, the next would start with.

    Raises:
        UsageError: Naming the first shared weight.
    """
    ids = {id(variable) for variable in other.trainable_variables}
    for variable in model.trainable_variables:
        if id(variable) in ids:
            raise UsageError(
                "The builder must make all layers anew each time, or folds would start with what others learned. "
                f"Received: models that share '{variable.path}'"
            )


def state_variables(model: keras.Model) -> list[Any]:
    """Weights, statistics and random seeds of a model: all that a fresh build would set, but for the optimizer."""
    return [*model.trainable_variables, *model.non_trainable_variables]
