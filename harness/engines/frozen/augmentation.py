"""Random changes of images that are the same whenever they are made again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import keras
import numpy as np

from harness.engines.base import Features
from harness.engines.frozen.feature_cache import Rows
from harness.engines.frozen.features import BATCH, FeatureExtractor, Job, row_keys
from harness.engines.frozen.model import SplitModel


class AugmentedCopies:
    """Several randomly changed versions of each image.

    What chance does to an image depends on the image, the run's seed and the number of the copy alone, not on the
    fold, nor on the other images.

    Args:
        split: The model; its base begins with random layers.
        copies: Versions of each image.
        seed: The run's seed.
    """

    def __init__(self, split: SplitModel, copies: int, seed: int) -> None:
        assert split.augmentation is not None
        self._change = split.augmentation
        self._rest = split.after_augmentation
        self._copies = copies
        self._seed = seed
        layers = self._change._flatten_layers(include_self=False)
        self._generators = [generator for layer in layers for generator in layer._seed_generators]

    def features(self, extractor: FeatureExtractor, x: Features) -> Rows:
        """The features of all copies, (copies · n, …): first those of the first copy of each image."""
        originals = row_keys(x)
        keys = [self._key(original, copy) for copy in range(self._copies) for original in originals]
        self._compute(extractor, x, keys)
        try:
            return extractor.at(keys)
        except KeyError:  # some went to make room for others
            self._compute(extractor, x, keys)
            return extractor.at(keys)

    def _compute(self, extractor: FeatureExtractor, x: Features, keys: Sequence[str]) -> None:
        missing = extractor.missing(keys, set())
        new = [keys[place] for place in missing]
        images = self._versions(x, [place % len(x) for place in missing], new)
        extractor.carry_out([Job(new, images, self._rest)])

    def _key(self, original: str, copy: int) -> str:
        return hashlib.sha256(f"{original} {self._seed} {copy}".encode()).hexdigest()

    def _versions(self, x: Features, rows: Sequence[int], keys: Sequence[str]) -> Iterator[Rows]:
        for start in range(0, len(rows), BATCH):
            images = np.asarray(x[rows[start : start + BATCH]])
            pairs = zip(images, keys[start : start + BATCH], strict=True)
            yield np.stack([self._changed(image, key) for image, key in pairs])

    def _changed(self, image: Rows, key: str) -> Rows:
        """One image by itself: its random numbers come from its key."""
        seeds = np.random.SeedSequence(int(key, 16)).generate_state(len(self._generators))
        for generator, seed in zip(self._generators, seeds, strict=True):
            # Below 2³¹, which the random states of every backend can hold.
            generator.state.assign(np.array([seed >> 1, 0], dtype=generator.state.dtype))
        return np.asarray(keras.ops.convert_to_numpy(self._change(image[None], training=True))[0])
