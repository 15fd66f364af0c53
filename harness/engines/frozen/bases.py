"""The frozen bases of a run: mostly one, but a base of random weights is drawn anew for each fold."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Iterable
from typing import Any

import keras

from harness.engines.base import Shape
from harness.engines.builds import build_seeded
from harness.engines.frozen.model import SplitModel

Builder = Callable[[Shape], keras.Model]

_LARGE = 1_000_000  # weights; looking for garbage takes as long as building a model of fewer


class FrozenBases:
    """Finds the model whose base is the one that a fold's model begins with.

    Models are built from two seeds; if they begin with the same base, so do all others. If not, each is built.

    Args:
        build: Makes a new compiled model for the shape of one example.
        shape: That shape.
        seeds: From which the folds' models are built.
        augmentation: Whether the base may begin with random changes of images.

    Attributes:
        are_one: Whether all models begin with the same base.
    """

    def __init__(self, build: Builder, shape: Shape, seeds: Iterable[int], *, augmentation: bool) -> None:
        self._build = build
        self._shape = shape
        self._augmentation = augmentation
        first, *others = seeds
        # The last: whatever order an engine takes the folds in, it needs a head of that seed, too.
        second = next((seed for seed in reversed(others) if seed != first), first ^ 1)
        state, other = self._built_from(second)
        _, split = self._built_from(first)
        self._splits = {second: other, first: split}
        self.are_one = split.base_sha256 == other.base_sha256
        # A model that was built to be looked at, by the state of Python's generator, from which Keras draws seeds.
        self._spare = {state: other} if self.are_one and second in others else {}
        if self.are_one:
            del self._splits[second]

    def of(self, seed: int) -> SplitModel:
        """A model with the base of the one that is built from `seed`; its head may be in any state."""
        if self.are_one:
            return next(iter(self._splits.values()))
        if seed not in self._splits:
            self._keep_latest()
            self._splits[seed] = self._built_from(seed)[1]
        return self._splits[seed]

    def _keep_latest(self) -> None:
        """Forgets all models but one; Keras' refer to themselves, so that Python would keep them for long."""
        *_, (seed, split) = self._splits.items()
        self._splits = {seed: split}
        if split.base.count_params() >= _LARGE:
            gc.collect()

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
