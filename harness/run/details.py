"""What can be asked of a run beyond its scores: classes, outputs, probabilities, thresholds, sources of spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import UnknownNameError, UsageError
from harness.metrics import Metric
from harness.run import records
from harness.run.facts import Facts
from harness.run.out_of_fold import OutOfFold, out_of_fold
from harness.run.summaries import first_repeat
from harness.scoring import Summary, rows_interval, summarize
from harness.statistics.intervals import Interval
from harness.statistics.repeats import EnoughRepeats, enough_repeats
from harness.thresholds import Threshold

if TYPE_CHECKING:
    import pandas as pd


class Details(Facts):
    """The part of `Run` that looks into predictions and spread.

    What is said of classes, outputs and probabilities is computed from the first repeat and seed, in which each
    row of the data counts once. Its intervals describe these rows, each judged by a model that has not seen it;
    they do not include what other training rows would change.
    """

    metrics: tuple[Metric, ...]

    @property
    def threshold(self) -> Threshold:
        """From which probability on a row is called positive, or what chose it; None: the most probable class."""
        threshold: Threshold = self._manifest.get("threshold")
        return threshold

    @cached_property
    def thresholds(self) -> pd.DataFrame:
        """Threshold of each fold: repeat, fold, init, threshold, and where it was chosen criterion, value and n.

        Value is that of the criterion on the n rows of the inner validation part, where it was made as good as it
        can be: it is no estimate of what the threshold is worth on other rows.
        """
        columns = ["repeat", "fold", "init", "threshold", "criterion", "value", "n"]
        return _frame(records.threshold_records(self._stored.folds, self.threshold), columns)

    def per_class(self, ci: float = 0.95) -> pd.DataFrame:
        """One row a class: support, predicted, recall and precision with Wilson's intervals.

        Args:
            ci: Nominal coverage of the intervals, in (0, 1).

        Raises:
            UsageError: A regression, no finished fold, or a coverage out of its range.
        """
        check_level(ci)
        once = self._once("per_class", "classification")
        return _frame(records.class_records(once, self._results.classes, ci)).set_index("class")

    def confusion_matrix(self) -> pd.DataFrame:
        """Rows of the data by true class (down) and predicted class (across).

        Raises:
            UsageError: A regression, or no finished fold.
        """
        counts = records.confusion(self._once("confusion_matrix", "classification"), self._results.classes)
        frame = _frame(counts)
        frame.index = frame.columns = _labels(self._results.classes)
        return frame.rename_axis(index="true", columns="predicted")

    def per_output(self, ci: float = 0.95) -> pd.DataFrame:
        """One row an output: bias, mean absolute and root mean squared error with their intervals, in its units.

        Args:
            ci: Nominal coverage of the intervals, in (0, 1).

        Raises:
            UsageError: A classification, no finished fold, or a coverage out of its range.
        """
        check_level(ci)
        once = self._once("per_output", "regression")
        return _frame(records.output_records(once, self._manifest["target_names"], ci)).set_index("output")

    def calibration(self, bins: int = 10, ci: float = 0.95) -> pd.DataFrame:
        """Whether probabilities come true: Brier score, calibration error (ECE), and the parts of the Brier score.

        One row for the positive class of two; of more classes one for each against the rest, and their Brier
        scores add up to that of all.

        Args:
            bins: Bins of equal width over [0, 1], at least 1.
            ci: Nominal coverage of the Brier score's interval over rows, Wald's, in (0, 1).

        Raises:
            UsageError: A regression, no finished fold, or a coverage out of its range.
        """
        check_level(ci)
        once = self._once("calibration", "classification")
        return _frame(records.calibration_records(once, self._results.classes, bins, ci)).set_index("class")

    def per_row(self, ci: float = 0.95) -> pd.DataFrame:
        """Scores that are means over rows, each with its interval over the rows of one repeat: mean, n, low, high.

        Accuracy has Wilson's interval, the Brier score and the log-loss Wald's.

        Args:
            ci: Nominal coverage of the intervals, in (0, 1).

        Raises:
            UsageError: A regression, no finished fold, or a coverage out of its range.
        """
        check_level(ci)
        once = self._once("per_row", "classification")
        return _frame(records.row_records(once, self._results.classes, ci)).set_index("metric")

    def variance(self) -> pd.DataFrame:
        """Where the variance of each metric comes from: metric, source, variance, sd, share.

        Sources are seed, fold and repeat, of hold-outs seed and split. Empty where there is nothing to divide it
        among. Truncated: the estimate was negative and is given as 0.
        """
        columns = ["metric", "source", "variance", "sd", "share", "truncated"]
        return _frame(self._variance_records(), columns).set_index(["metric", "source"])

    def enough_repeats(self, metric: str | None = None, ci: float = 0.95) -> EnoughRepeats | None:
        """Whether more repeats would still move the mean; None for one repeat or incomplete scores.

        Args:
            metric: Name of a metric of the run; the first by default.
            ci: Level of the interval that says how small is small enough.

        Raises:
            UnknownNameError: The run has no such metric.
        """
        by_name = {each.name: each for each in self.metrics}
        if metric is not None and metric not in by_name:
            raise UnknownNameError("metric", metric, by_name)
        scores = self.scores_by(by_name[metric] if metric is not None else self.metrics[0])
        if not np.isfinite(scores).all():
            return None
        return enough_repeats(scores.mean(axis=2), self._manifest["test_ratio"], ci)

    def _repeats_record(self, ci: float) -> dict[str, Any] | None:
        found = self.enough_repeats(ci=ci)
        return None if found is None else {"metric": self.metrics[0].name, **asdict(found)}

    def details(self, ci: float = 0.95) -> dict[str, Any]:
        """All of it as JSON values; what `evaluate --details` shows. {} while folds are missing or failed.

        Args:
            ci: Nominal coverage of the intervals, in (0, 1).
        """
        check_level(ci)
        asked = self._manifest["repeats"] * self._manifest["folds"] * self._manifest["seeds"]
        once = out_of_fold(self._results)
        if len(self._results.keys) < asked or once is None:
            return {}
        general = {"rows": len(once), "level": ci, "variance": self._variance_records()}
        if once.codes is None:
            names = self._manifest["target_names"]
            return {**general, "per_output": records.output_records(once, names, ci)}
        classes = self._results.classes
        return {
            **general,
            "threshold": self.threshold,
            "thresholds": records.threshold_records(self._stored.folds, self.threshold),
            "per_row": records.row_records(once, classes, ci),
            "per_class": records.class_records(once, classes, ci),
            "confusion": records.confusion(once, classes),
            "calibration": records.calibration_records(once, classes, level=ci),
        }

    def scores_by(self, metric: Metric) -> NDArray[np.float64]:
        """(repeats, folds, seeds) scores by any metric."""
        raise NotImplementedError

    def rows_interval(self, metric: Metric, ci: float = 0.95) -> Interval | None:
        """Interval over the rows of the first repeat, of a metric that is a mean over rows; None of others.

        It takes the place of the interval over folds where their scores have no spread.

        Args:
            metric: The metric.
            ci: Nominal coverage, in (0, 1).
        """
        return rows_interval(metric, partial(first_repeat, self._results), ci)

    def hits(self) -> NDArray[np.bool_] | None:
        """(m,) whether each row of the first repeat and seed got its class, in the order of rows.

        None of a regression, and where none of these folds is finished.
        """
        once = out_of_fold(self._results)
        return None if once is None or once.codes is None else np.asarray(once.codes == once.truth)

    @property
    def constant_folds(self) -> int:
        """On how many folds the model predicts one class only though their test rows are of several."""
        return len(self._results.constant)

    def _variance_records(self) -> list[dict[str, Any]]:
        return [record for metric in self.metrics for record in records.variance_records(self._summary(metric))]

    def _summary(self, metric: Metric) -> Summary:
        return summarize(metric, self.scores_by(metric), self._manifest["test_ratio"], 0.95, list)

    def _once(self, asked: str, task: str) -> OutOfFold:
        found = "regression" if self._manifest["task"] == "regression" else "classification"
        if found != task:
            raise UsageError(f"{asked} is for {task}. Received: run {self._stored.run_id}, a {found}")
        once = out_of_fold(self._results)
        if once is None:
            raise UsageError(f"No fold of the first repeat of run {self._stored.run_id} is finished; run it again")
        return once


def check_level(ci: float) -> None:
    """Refuses what is no level of an interval.

    Raises:
        UsageError: It is not in (0, 1).
    """
    if not 0 < ci < 1:
        raise UsageError(f"ci is a coverage between 0 and 1. Received: {ci}; pass 0.95 for 95 %")


def _frame(rows: Sequence[Any], columns: list[str] | None = None) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, columns=columns)


def _labels(classes: Sequence[Any]) -> Any:
    import pandas as pd

    return pd.Index(classes)
