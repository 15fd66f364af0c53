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
from harness.run.kept_scores import Scores, read_scores, scores_in
from harness.seeds import FoldKey
from harness.store import StoredRun
from harness.targets import TargetCodec
from harness.thresholds import Threshold, applied_threshold

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
        known: Scores of folds that need not be computed again.
    """

    def __init__(self, stored: StoredRun, known: Mapping[Metric, Mapping[FoldKey, float]]) -> None:
        self._stored = stored
        self._known = known
        self._scores: dict[Metric, Scores] = {}
        manifest = stored.manifest
        self.classes = tuple(manifest["classes"])
        self._threshold: Threshold = manifest.get("threshold")
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

    @cached_property
    def keys(self) -> list[FoldKey]:
        """The finished folds, in repeat, fold and seed order."""
        return [FoldKey(*key) for key in sorted(fold.key for fold in self._stored.folds)]

    def scores(self, metric: Metric) -> Scores:
        """What a metric says of the folds and of the baseline: as it was kept, else computed once."""
        if metric not in self._scores:
            self._scores[metric] = scores_in(self._kept, metric) or self._computed(metric)
        return self._scores[metric]

    @cached_property
    def _kept(self) -> Mapping[str, Any]:
        return read_scores(self._stored)

    def _computed(self, metric: Metric) -> Scores:
        known = self._known.get(metric, {})
        folds = {
            key: known[key] if key in known else metric.score(self.folds[key].predictions) for key in self.keys
        }
        return Scores(folds, [metric.score(predictions) for predictions in self.baseline])

    def _fold(self, fold: Any) -> FoldResult:
        arrays = unpack(fold.read("result.npz"))
        history = {
            name.removeprefix(_HISTORY): values.tolist()
            for name, values in arrays.items()
            if name.startswith(_HISTORY)
        }
        threshold = applied_threshold(self._threshold, fold.record.get("thresholds"))
        predictions = self._judged(arrays["rows"], self._codec.decode(arrays["outputs"]), threshold)
        return FoldResult(arrays["rows"], predictions, history, float(fold.record["seconds"]))

    @cached_property
    def _truth(self) -> NDArray[Any]:
        return unpack(self._stored.attachment("targets.npz"))["truth"]

    def _judged(
        self, rows: NDArray[Any], values: NDArray[np.float64], threshold: float | None = None
    ) -> Predictions:
        return Predictions(self._codec.task, self._truth[rows], values, self.classes, threshold)
