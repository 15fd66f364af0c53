"""Features of images: the outputs of a frozen base, computed once for each image and kept."""

from __future__ import annotations

import hashlib
import importlib.metadata
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from harness.backend import arithmetic
from harness.data.dataset import is_images
from harness.data.decoding import decoder_version
from harness.disk_cache import BoundedFolder, cache_folder, limit_of_caches
from harness.engines.base import Features, Shape
from harness.engines.frozen.feature_cache import FeatureCache, Rows
from harness.progress import Progress

BATCH = 16
"""Rows in a batch, always filled up: what a row gives does then not depend on how many are computed with it."""


@dataclass(frozen=True)
class Job:
    """Rows whose features are to be computed.

    Attributes:
        keys: Under which to keep each row's.
        batches: The rows in their order, up to `BATCH` at a time.
        model: What to put them through.
    """

    keys: Sequence[str]
    batches: Iterable[Rows]
    model: keras.Model


class FeatureExtractor:
    """Computes features and remembers them.

    Args:
        base: From images to features; it only ever predicts.
        base_sha256: Hash of all that its outputs depend on besides the images.
        shape: Shape of one image.
        progress: Told of images done.
        folder: Where features are kept, each base's in a folder of its own; None: in the user's cache.
        kept: Whether they are of use to anybody later; if not, they are gone with this object.
    """

    def __init__(
        self,
        base: keras.Model,
        base_sha256: str,
        shape: Shape,
        progress: Progress,
        folder: Path | None = None,
        *,
        kept: bool = True,
    ) -> None:
        self._base = base
        self._progress = progress
        root = folder or cache_folder("features")
        place = root / _name(base_sha256, shape) if kept else None
        room = BoundedFolder(root, limit_of_caches()) if kept else None
        self._cache = FeatureCache(place, base.output_shape[1:], progress.message, room)

    def of(self, x: Features) -> Rows:
        """The features of images, (n, …) float32; what is not known, or not any more, is computed."""
        try:
            return self.at(row_keys(x))
        except KeyError:
            self.compute([x])
            return self.at(row_keys(x))

    def at(self, keys: Sequence[str]) -> Rows:
        """The features under several keys.

        Raises:
            KeyError: Some are not known, or not any more.
        """
        return self._cache.read(keys)

    def compute(self, parts: Iterable[Features]) -> None:
        """Computes what is not known yet of the features of several groups of images."""
        seen: set[str] = set()
        jobs = []
        for x in parts:
            keys = row_keys(x)
            rows = self.missing(keys, seen)
            jobs.append(Job([keys[row] for row in rows], _batches(x, rows), self._base))
        self.carry_out(jobs)

    def missing(self, keys: Sequence[str], seen: set[str]) -> list[int]:
        """The places of keys whose features are neither known nor in `seen`, which they are added to."""
        new = [place for place, key in enumerate(keys) if key not in self._cache and key not in seen]
        first = {keys[place]: place for place in reversed(new)}
        seen.update(first)
        return sorted(first.values())

    def carry_out(self, jobs: Sequence[Job]) -> None:
        """Computes features and keeps them."""
        computed = self._counted(jobs)
        while fresh := dict(itertools.islice(computed, self._cache.rows_a_file)):
            self._cache.add(fresh)

    def _counted(self, jobs: Sequence[Job]) -> Iterator[tuple[str, Rows]]:
        """Each key with its features, one after the other."""
        total = sum(len(job.keys) for job in jobs)
        results = itertools.chain.from_iterable(zip(job.keys, _outputs(job), strict=True) for job in jobs)
        for done, result in enumerate(results, start=1):
            if done % BATCH == 0 or done == total:
                self._progress.features_computed(done, total)
            yield result


def row_keys(x: Features) -> list[str]:
    """What tells each image from all others: SHA-256 of its file as it is decoded, else of its pixels."""
    if not is_images(x):
        return [_sha256(np.ascontiguousarray(row).tobytes()) for row in np.asarray(x)]
    if x.is_mapped:
        return x.content_hashes()
    decoder = decoder_version()
    return [_sha256(f"file {decoder} {digest}".encode()) for digest in x.hashes()]


def _name(base_sha256: str, shape: Shape) -> str:
    """Hash of all that features depend on besides the images, down to their rounding."""
    backend = keras.backend.backend()
    versions = {name: importlib.metadata.version(name) for name in ("keras", backend)}
    settings = [base_sha256, list(shape), versions, keras.config.floatx(), arithmetic()]
    return _sha256(json.dumps(settings).encode())


def _batches(x: Features, rows: Sequence[int]) -> Iterator[NDArray[np.float32]]:
    if is_images(x):
        yield from x[np.array(rows, dtype=np.int64)].batches(BATCH)
        return
    for start in range(0, len(rows), BATCH):
        yield np.asarray(x[rows[start : start + BATCH]])


def _outputs(job: Job) -> Iterator[Rows]:
    """The features of one row after the other."""
    for batch in job.batches:
        filling = [(0, BATCH - len(batch))] + [(0, 0)] * (batch.ndim - 1)
        outputs = job.model.predict_on_batch(np.pad(batch, filling))
        yield from np.asarray(outputs, dtype=np.float32)[: len(batch)]


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
