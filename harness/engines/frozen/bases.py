"""The frozen bases of a run: mostly one, but a base of random weights is drawn anew for each fold."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import keras

from harness.engines.base import Shape, build_seeded
from harness.engines.frozen.model import SplitModel

Builder = Callable[[Shape], keras.Model]


class FrozenBases:
    """Finds the model whose base is the one that a fold's model begins with.

    Models are built from two seeds; if they begin with the same base, so do all others. If not, each is built.

    Args:
        build: Makes a new compiled model for the shape of one example.
        shape: That shape.
        augmentation: Whether the base may begin with random changes of images.
    """

    def __init__(self, build: Builder, shape: Shape, *, augmentation: bool) -> None:
        self._build = build
        self._shape = shape
        self._augmentation = augmentation
        self._seed = -1
        self._split: SplitModel | None = None
        self._is_constant = False
        # A model that was built to be looked at, by the state of Python's generator, from which Keras draws seeds.
        self._spare: dict[Any, SplitModel] = {}

    def of(self, seed: int) -> SplitModel:
        """A model with the base of the one that is built from `seed`; its head may be in any state."""
        if self._split is not None and (self._is_constant or seed == self._seed):
            return self._split
        state, split = self._built_from(seed)
        if self._split is not None and split.base_sha256 == self._split.base_sha256:
            self._is_constant = True
            self._spare = {state: split}
            return self._split
        self._seed, self._split = seed, split
        return split

    def build_head(self) -> keras.Model:
        """The head of a model built now, from the seed that is set."""
        spare = self._spare.pop(random.getstate(), None)
        return (spare or self._splitted(self._build(self._shape))).head

    def _built_from(self, seed: int) -> tuple[Any, SplitModel]:
        states = []

        def build(shape: Shape) -> keras.Model:
            states.append(random.getstate())
            return self._build(shape)

        model = build_seeded(build, self._shape, seed)
        return states[0], self._splitted(model)

    def _splitted(self, model: keras.Model) -> SplitModel:
        return SplitModel(model, augmentation=self._augmentation)
