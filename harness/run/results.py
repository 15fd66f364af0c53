"""What a stored run holds, read once: outputs, histories, truth, and the baseline's predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import unpack
from harness.metrics import Metric, Predictions
from harness.run.kept_scores import Scores, constant_in, read_scores, scores_in
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
        self._read: dict[FoldKey, FoldResult] = {}
        manifest = stored.manifest
        self.classes = tuple(manifest["classes"])
        self._threshold: Threshold = manifest.get("threshold")
        self.unit = "folds" if manifest["seeds"] == 1 else "trainings"
        self._codec = TargetCodec(**{**manifest["codec"], "classes": self.classes})

    @cached_property
    def folds(self) -> dict[FoldKey, FoldResult]:
        """Every finished fold, in repeat, fold and seed order."""
        return {key: self.fold(key) for key in self.keys}

    def fold(self, key: FoldKey) -> FoldResult:
        """A finished fold, read once."""
        if key not in self._read:
            self._read[key] = self._fold(next(fold for fold in self._stored.folds if fold.key == key))
        return self._read[key]

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
    def constant(self) -> list[FoldKey]:
        """The folds on whose test rows, of several classes, the model predicts one class only."""
        if not self.classes:
            return []
        if (found := constant_in(self._kept)) is not None:
            return found
        return [key for key, fold in self.folds.items() if fold.predictions.is_constant]

    @cached_property
    def one_class(self) -> list[FoldKey]:
        """The finished folds whose test rows are of one class only; [] for regression."""
        if not self.classes:
            return []
        single = [len(np.unique(predictions.truth)) == 1 for predictions in self.baseline]
        per_repeat = self._stored.manifest["folds"]
        return [key for key in self.keys if single[key.repeat * per_repeat + key.fold]]

    @cached_property
    def _kept(self) -> Mapping[str, Any]:
        return read_scores(self._stored)

    def _computed(self, metric: Metric) -> Scores:
        known = self._known.get(metric, {})
        folds = {
            key: known[key] if key in known else metric.score(self.folds[key].predictions) for key in self.keys
        }
        pooled = [metric.pooled_score(repeat) for repeat in self._repeats()] if metric.pools else []
        return Scores(folds, [metric.score(predictions) for predictions in self.baseline], pooled)

    def _repeats(self) -> list[Sequence[Predictions]]:
        """The folds of each repeat and seed of which none is missing."""
        found: dict[tuple[int, int], list[Predictions]] = {}
        for key in self.keys:
            found.setdefault((key.repeat, key.init), []).append(self.fold(key).predictions)
        return [folds for folds in found.values() if len(folds) == self._stored.manifest["folds"]]

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
