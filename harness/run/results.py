"""What a stored run holds, read once: outputs, histories, truth, and the baseline's predictions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import unpack
from harness.metrics import Metric, Predictions
from harness.seeds import FoldKey
from harness.store import StoredRun
from harness.targets import TargetCodec

_HISTORY = "history/"


@dataclass(frozen=True)
class FoldResult:
    """What one fold left.

    Attributes:
        rows: (n_test,) numbers of its test rows in the data set.
        predictions: What the model said of them, beside the truth.
        history: Metric name to its value after each epoch.
        seconds: Wall time of its training.
    """

    rows: NDArray[np.int64]
    predictions: Predictions
    history: Mapping[str, list[float]]
    seconds: float


class Results:
    """The arrays of a stored run, each file verified as it is read.

    Args:
        stored: The run in its store.
    """

    def __init__(self, stored: StoredRun) -> None:
        self._stored = stored
        self._scores: dict[str, dict[FoldKey, float]] = {}
        manifest = stored.manifest
        self.classes = tuple(manifest["classes"])
        self._codec = TargetCodec(**{**manifest["codec"], "classes": self.classes})

    @cached_property
    def folds(self) -> dict[FoldKey, FoldResult]:
        """Every finished fold, in repeat, fold and seed order."""
        return {FoldKey(*fold.key): self._fold(fold) for fold in sorted(self._stored.folds, key=lambda f: f.key)}

    @cached_property
    def baseline(self) -> list[Predictions]:
        """The baseline's predictions of every split, in repeat and fold order."""
        splits = unpack(self._stored.attachment("splits.npz"))
        guesses = unpack(self._stored.attachment("baseline.npz"))
        return [self._judged(splits[f"test/{i}"], guesses[str(i)]) for i in range(len(guesses))]

    def scores(self, metric: Metric) -> Mapping[FoldKey, float]:
        """The score of every finished fold, NaN where undefined; computed once."""
        if metric.name not in self._scores:
            self._scores[metric.name] = {key: metric.score(fold.predictions) for key, fold in self.folds.items()}
        return self._scores[metric.name]

    def _fold(self, fold: Any) -> FoldResult:
        arrays = unpack(fold.read("result.npz"))
        history = {
            name.removeprefix(_HISTORY): values.tolist()
            for name, values in arrays.items()
            if name.startswith(_HISTORY)
        }
        predictions = self._judged(arrays["rows"], self._codec.decode(arrays["outputs"]))
        return FoldResult(arrays["rows"], predictions, history, float(fold.record["seconds"]))

    @cached_property
    def _truth(self) -> NDArray[Any]:
        return unpack(self._stored.attachment("targets.npz"))["truth"]

    def _judged(self, rows: NDArray[Any], values: NDArray[np.float64]) -> Predictions:
        return Predictions(self._codec.task, self._truth[rows], values, self.classes)
