"""What figures and pages read of a finished run, each part computed once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

    from harness.run import Run
    from harness.statistics.intervals import IntervalKind


class Source:
    """A run as reports read it.

    Args:
        run: A finished run.
        level: Nominal coverage of the intervals, in (0, 1).
        model: What the report calls the model; the model's own name by default.
        several: Whether the report is on several data sets, so that a name must say which.
        interval: "corrected" or "conservative": which degrees of freedom the intervals take.
    """

    def __init__(
        self,
        run: Run,
        level: float = 0.95,
        model: str | None = None,
        several: bool = False,
        interval: IntervalKind = "corrected",
    ) -> None:
        self.run = run
        self.level = level
        self.interval = interval
        self.model = model or run.model
        self.name = f"{self.model} on {run.dataset}" if several else self.model

    @cached_property
    def report(self) -> dict[str, Any]:
        """The JSON object of the run."""
        return self.run.to_dict(self.level, self.interval)

    @cached_property
    def details(self) -> dict[str, Any]:
        """What is said of it beyond its scores, as a JSON object; {} while folds are missing or failed."""
        return self.run.details(self.level)

    @property
    def manifest(self) -> Mapping[str, Any]:
        """What was asked for, and under which circumstances."""
        return self.run.manifest

    @property
    def units(self) -> Mapping[str, str]:
        """Unit of each target of a regression that has one."""
        units: Mapping[str, str] = self.manifest.get("units", {})
        return units

    @property
    def title(self) -> str:
        """Model and data set in a few words."""
        return f"{self.model} on {self.run.dataset}"

    @property
    def headline(self) -> str:
        """Name of the first metric."""
        return str(next(iter(self.report["metrics"])))

    @property
    def best_epochs(self) -> list[int]:
        """Epoch (from 0) of the lowest validation loss of each training that had validation rows."""
        epochs = [fold.record.get("best_epoch") for fold in self.run.stored.folds]
        return [epoch for epoch in epochs if epoch is not None]

    @property
    def seconds(self) -> list[float]:
        """Wall time of each training."""
        return [float(fold.record["seconds"]) for fold in self.run.stored.folds]

    @cached_property
    def once(self) -> pd.DataFrame:
        """Out-of-fold predictions of the first repeat and seed: each row of the data once."""
        rows = self.run.predictions
        return rows[(rows["repeat"] == 0) & (rows["init"] == 0)]

    @property
    def confusion(self) -> NDArray[np.int64]:
        """(C, C) rows of the first repeat by true and predicted class."""
        from harness.statistics.per_class import confusion_matrix

        codes = {label: code for code, label in enumerate(self.run.classes)}
        truth, predicted = (self.once[side].map(codes) for side in ("y_true", "y_pred"))
        return confusion_matrix(truth, predicted, len(codes))

    def scores(self, metric: str) -> NDArray[np.float64]:
        """(repeats, folds, seeds) scores, NaN where undefined or failed."""
        return self.run.scores_by(next(each for each in self.run.metrics if each.name == metric))
