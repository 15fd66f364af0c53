"""The frozen engine: what never changes is computed once for each image, the rest is trained on that.

Where a model begins with a part whose weights are frozen and which does the same in training as in prediction, the
outputs of that part are features of the images: they are computed once over all folds, epochs and runs, and kept
on disk. The rest of the model, the head, is trained on them by another engine, from the initial weights that it
would have had within the whole model. What is saved is the whole model.

Where something else needs the whole model, fine-tuning or a callback that looks at it, the fit engine trains one
whole model a fold, and the head within it until fine-tuning begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from harness.callbacks.tensorboard_logs import TensorBoardLogs
from harness.engines.base import (
    Engine,
    Features,
    FoldData,
    FoldFailure,
    FoldOutcome,
    FoldTask,
    Recipe,
    Shape,
)
from harness.engines.fit import FitEngine
from harness.engines.frozen.augmentation import AugmentedCopies
from harness.engines.frozen.bases import FrozenBases
from harness.engines.frozen.cut import NoFrozenPart
from harness.engines.frozen.features import FeatureExtractor
from harness.engines.frozen.model import SplitModel
from harness.engines.vectorized import expressible
from harness.engines.vectorized.worth import multiplications
from harness.errors import EngineError
from harness.progress import Progress

Builder = Callable[[Shape], keras.Model]

_FEWEST_WEIGHTS = 10_000
_LEAST_SPARED = 0.1
_MOST_BYTES = 2 * 2**30
_MOST_BYTES_OF_SEVERAL = 256 * 2**20


def why_not(model: keras.Model, recipe: Recipe, callbacks: Iterable[Any]) -> str | None:
    """Tells why features cannot be computed once for a model.

    Args:
        model: A compiled, built model.
        recipe: How it is to be trained.
        callbacks: The caller's callbacks for one fold.

    Returns:
        The reason in one line, or None.
    """
    if recipe.fine_tune_epochs is not None and recipe.augment_copies is not None:
        return "fine-tuning goes on with the images themselves, not with copies"
    if recipe.preprocessed:
        return "the preprocessing is fitted on each fold's training rows, so that images differ from fold to fold"
    if (reason := _why_not_split(model, recipe)) is not None:
        return reason
    unknown = (callback for callback in callbacks if not expressible.is_known(callback) and not _watches(callback))
    names = (type(callback).__name__ for callback in unknown)
    return next((f"the callback {name} may do anything to the whole model" for name in names), None)


def needs_whole(recipe: Recipe, callbacks: Iterable[Any]) -> bool:
    """Whether the head must be trained within a whole model."""
    return recipe.fine_tune_epochs is not None or any(map(_watches, callbacks))


def _watches(callback: Any) -> bool:
    """Whether a callback looks at the whole model, and does nothing else."""
    return type(callback) is TensorBoardLogs


def why_not_worth_it(model: keras.Model, recipe: Recipe) -> str | None:
    """Tells why computing the frozen part once would spare too little of the time, or None where it spares enough.

    An epoch takes the trained convolutions three times as long as the frozen ones: once forwards, and backwards to
    their inputs and to their weights.

    Args:
        model: A model that can be split.
        recipe: How it is to be trained.
    """
    split = splitted(model, recipe)
    if len(split.base.input_shape) != 4 and split.base.count_params() < _FEWEST_WEIGHTS:
        return "it is so small that to look up what it gives takes as long"
    frozen, trained = (sum(map(multiplications, part._flatten_layers())) for part in (split.base, split.head))
    spared = frozen / (frozen + 3 * trained) if frozen else 1.0
    return None if spared >= _LEAST_SPARED else f"it is {spared:.0%} of the work only"


def splitted(model: keras.Model, recipe: Recipe) -> SplitModel:
    """A model in the two parts in which it is trained.

    Raises:
        NoFrozenPart: It cannot be split.
    """
    return SplitModel(model, augmentation=recipe.augment_copies is not None)


def fits_in_a_program(split: SplitModel, recipe: Recipe, rows: int) -> bool:
    """Whether the features are few enough for several folds' to be in memory at a time."""
    return _bytes(split, rows * (recipe.augment_copies or 1)) <= _MOST_BYTES_OF_SEVERAL


def _bytes(split: SplitModel, rows: int) -> int:
    return 4 * rows * int(np.prod(split.feature_shape))


def _why_not_split(model: keras.Model, recipe: Recipe) -> str | None:
    if model.run_eagerly:
        return "the model is compiled with run_eagerly=True"
    if not model.trainable_variables:
        return "the model has nothing to train"
    try:
        split = splitted(model, recipe)
    except NoFrozenPart as reason:
        return str(reason)
    if recipe.augment_copies is not None and split.augmentation is None:
        return "the model does not begin with random changes of images, of which it keeps copies"
    return None


class FrozenEngine:
    """Computes the outputs of a model's frozen part once and trains the rest on them.

    Args:
        heads: Trains the rest; None: the fit engine, within whole models.
        folder: Where features are kept; None: in the user's cache.
    """

    name = "frozen"

    def __init__(self, heads: Engine | None, folder: Path | None = None) -> None:
        self._heads = heads
        self._folder = folder

    def train(
        self, tasks: Sequence[FoldTask], build: Builder, recipe: Recipe, progress: Progress
    ) -> Iterator[FoldOutcome | FoldFailure]:
        """Trains every task; what fails in one is yielded as such.

        Args:
            tasks: The folds.
            build: Makes a new compiled model for the shape of one example.
            recipe: How to train.
            progress: Told of images whose features were computed, and of epochs.

        Yields:
            A `FoldOutcome` or `FoldFailure` for each task, in the order they finish; its files hold whole models.

        Raises:
            EngineError: The model cannot be split, or the features would not fit into memory.
        """
        seeds = {task.key: task.seeds.initial_state for task in tasks}
        run = _Run(build, recipe, progress, self._folder, list(seeds.values()))
        if self._heads is None:
            yield from FitEngine(run.part).train(tasks, build, recipe, progress)
            return
        inner = [replace(task, prepare=partial(run.prepare, task)) for task in tasks]
        for result in self._heads.train(inner, run.build_head, replace(recipe, streamed=False), progress):
            if isinstance(result, FoldOutcome):
                run.complete_files(result.files.values(), seeds[result.key])
            yield result


class _Run:
    """What the folds of one call of `train` have in common."""

    def __init__(
        self, build: Builder, recipe: Recipe, progress: Progress, folder: Path | None, seeds: Sequence[int]
    ) -> None:
        self._build = build
        self._recipe = recipe
        self._progress = progress
        self._folder = folder
        self._seeds = seeds
        self._bases: FrozenBases | None = None
        self._extractors: dict[str, FeatureExtractor] = {}
        self._whole: SplitModel | None = None

    def part(self, model: keras.Model, task: FoldTask, data: FoldData) -> tuple[keras.Model, FoldData]:
        """The head of a model that the fit engine has built for a fold, and the fold's features."""
        if self._whole is None or self._whole.model is not model:
            self._whole = splitted(model, self._recipe)
        return self._whole.head, self._features(task, data)

    def prepare(self, task: FoldTask) -> FoldData:
        """The data of a fold, features in place of images."""
        return self._features(task, task.prepare())

    def _features(self, task: FoldTask, data: FoldData) -> FoldData:
        copies = self._recipe.augment_copies
        bases = self._bases_for(data.input_shape)
        split = bases.of(task.seeds.initial_state)
        _check_size(data, split, copies or 1)
        extractor = self._extractor(split, data.input_shape, kept=bases.are_one)
        if copies is None:
            extractor.compute(_given(data.x_train, data.x_val, data.x_test))
            return _with_features(data, extractor.of(data.x_train), extractor)
        extractor.compute(_given(data.x_val, data.x_test))
        x_train = AugmentedCopies(split, copies, task.seeds.root).features(extractor, data.x_train)
        return _with_features(_repeated(data, copies), x_train, extractor)

    def build_head(self, shape: Shape) -> keras.Model:
        """A head as it would be within a whole model built now."""
        assert self._bases is not None
        return self._bases.build_head()

    def complete_files(self, files: Iterable[Path], seed: int) -> None:
        """Makes whole models of the files that a head was saved to."""
        assert self._bases is not None
        for path in files:
            if path.name.endswith((".keras", ".weights.h5")):
                self._bases.of(seed).complete(path)

    def _bases_for(self, shape: Shape) -> FrozenBases:
        if self._bases is None:
            augmentation = self._recipe.augment_copies is not None
            self._bases = FrozenBases(self._build, shape, self._seeds, augmentation=augmentation)
        return self._bases

    def _extractor(self, split: SplitModel, shape: Shape, *, kept: bool) -> FeatureExtractor:
        """What computes features; those of a base that was drawn for one fold are of no use to any other."""
        if (key := split.base_sha256) not in self._extractors:
            new = FeatureExtractor(split.base, key, shape, self._progress, self._folder, kept=kept)
            self._extractors = {key: new}
        return self._extractors[key]


def _check_size(data: FoldData, split: SplitModel, copies: int) -> None:
    rows = copies * len(data.x_train) + sum(map(len, _given(data.x_val, data.x_test)))
    size = _bytes(split, rows)
    if size > _MOST_BYTES:
        raise EngineError(
            f"The frozen engine keeps a fold's features in memory, at most {_MOST_BYTES / 2**30:.0f} GiB. "
            f"Received: {rows} rows with {size / 2**30:.1f} GiB of features {split.feature_shape} behind "
            f"'{split.cut.name}'; pool them in the model, or use engine='fit'"
        )


def _given(*parts: Features | None) -> list[Features]:
    return [part for part in parts if part is not None]


def _with_features(data: FoldData, x_train: NDArray[np.float32], extractor: FeatureExtractor) -> FoldData:
    x_val = None if data.x_val is None else extractor.of(data.x_val)
    return replace(data, x_train=x_train, x_val=x_val, x_test=extractor.of(data.x_test))


def _repeated(data: FoldData, copies: int) -> FoldData:
    """The targets and weights of several copies of all training rows, one copy after the other."""
    weight = None if data.sample_weight is None else np.concatenate([data.sample_weight] * copies)
    return replace(data, y_train=np.concatenate([data.y_train] * copies), sample_weight=weight)
