"""A finished evaluation: scores, histories, predictions and models, read from the run store."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harness.data.dataset import Task
from harness.errors import UnknownNameError
from harness.metrics import Metric, default_metrics, resolve_metrics
from harness.report.summary import repeats_sentence, summary_line
from harness.run.details import Details, check_level
from harness.run.histories import keras_history
from harness.run.kept_scores import pack_scores
from harness.run.results import Results
from harness.run.saved_models import SavedModels
from harness.run.summaries import (
    baseline_score,
    baseline_scores,
    constant_predictions,
    score_array,
    summarize_all,
    without_mean,
)
from harness.run.tables import history_table, prediction_table, score_table
from harness.scoring import Summary, summary_dict
from harness.seeds import FoldKey
from harness.statistics.intervals import IntervalKind, check_kind
from harness.store import StoredRun

if TYPE_CHECKING:
    import keras
    import pandas as pd


class Run(Details):
    """One evaluation, as `evaluate` returns it and `load_run` reads it.

    Everything but the scores was stored when the folds were trained; scores are computed from the predictions,
    so any metric can be asked for afterwards without training again.

    Args:
        stored: The run in its store.
        metrics: What to score with; the metrics that the run was made with by default.
        scores: Scores of folds that are known already.

    Attributes:
        warnings: What the reader should worry about, with what to do.
    """

    def __init__(
        self,
        stored: StoredRun,
        metrics: Sequence[Metric] | None = None,
        scores: Mapping[Metric, Mapping[FoldKey, float]] | None = None,
    ) -> None:
        self._stored = stored
        self._results = Results(stored, scores or {})
        self._manifest: Mapping[str, Any] = stored.manifest
        self.warnings: list[str] = [*self._manifest["warnings"], *stored.warnings]
        self.metrics: tuple[Metric, ...] = tuple(metrics) if metrics else self._stored_metrics()

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Long table of scores: repeat, fold, init, metric, value; NaN where a metric is undefined."""
        return score_table(self._results, self.metrics)

    def scores_by(self, metric: Metric) -> NDArray[np.float64]:
        """(repeats, folds, seeds) scores by any metric; NaN where it is undefined, or where a fold failed."""
        return score_array(self._results, metric, (self.repeats, self.folds, self.seeds))

    def baseline_by(self, metric: Metric) -> dict[str, float | None]:
        """Mean and standard deviation ("sd") of the baseline's scores by any metric; None where undefined."""
        return baseline_score(self._results, metric)

    def packed_scores(self) -> bytes:
        """The scores by the run's metrics, to be kept with it; see `harness.run.kept_scores`."""
        scores = {metric: self._results.scores(metric) for metric in self.metrics}
        return pack_scores(self._stored, scores, self._results.constant)

    @cached_property
    def history(self) -> pd.DataFrame:
        """Long table of what Keras logged: run, repeat, fold, init, epoch (from 0), metric, value."""
        return history_table(self._results.folds, self.id)

    @cached_property
    def predictions(self) -> pd.DataFrame:
        """Long table of out-of-fold predictions.

        Columns repeat, fold, init, row (number in the data set), then for classification y_true, y_pred
        (original labels) and one p[label] a class; for regression target, y_true, y_pred.
        """
        return prediction_table(self._results.folds, self._manifest["target_names"])

    @cached_property
    def histories(self) -> dict[FoldKey, keras.callbacks.History]:
        """A Keras `History` for each trained fold."""
        return {
            key: keras_history(result.history, self._manifest["epochs"])
            for key, result in self._results.folds.items()
        }

    @property
    def models(self) -> SavedModels:
        """The saved model of each fold, loaded when asked for: the one that predicted, where it was kept."""
        return SavedModels({FoldKey(*fold.key): fold for fold in self._stored.folds})

    def summary(self, ci: float = 0.95, interval: IntervalKind = "corrected") -> pd.DataFrame:
        """One row a metric: mean, fold SD, interval, baseline, and of F1 its other form, pooled over folds.

        Args:
            ci: Nominal coverage of the intervals, in (0, 1).
            interval: "corrected", or "conservative" for one with the degrees of freedom of a single repeat: wider,
                for learners such as the nearest neighbour, whose errors on neighbouring rows go together.
        """
        import pandas as pd

        report = self.to_dict(ci, interval)
        rows = [
            {
                "metric": name,
                "mean": entry["mean"],
                "fold_sd": entry["fold_sd"],
                "ci_low": entry["ci"][0] if entry["ci"] else None,
                "ci_high": entry["ci"][1] if entry["ci"] else None,
                "ci_method": entry["ci_method"],
                "pooled": entry["pooled"],
                "baseline": report["baseline"]["metrics"][name]["mean"],
            }
            for name, entry in report["metrics"].items()
        ]
        return pd.DataFrame(rows).set_index("metric")

    def to_dict(self, ci: float = 0.95, interval: IntervalKind = "corrected") -> dict[str, Any]:
        """The run as JSON values; what `--format json` prints.

        Args:
            ci: Nominal coverage of the intervals, in (0, 1).
            interval: As of `summary`.

        Raises:
            UsageError: `ci` is out of its range.
            UnknownNameError: There is no such interval.
        """
        check_level(ci)
        check_kind(interval)
        shape = (self.repeats, self.folds, self.seeds)
        ratio = self._manifest["test_ratio"]
        summaries = summarize_all(self._results, self.metrics, shape, ratio, ci, interval)
        report = {
            "run": self.id,
            "model": self.model,
            "dataset": self.dataset,
            "task": self.task,
            "n": self.n,
            "test_ratio": ratio,
            "train_rows": self.train_rows,
            "test_rows": self.test_rows,
            "scheme": self._manifest["scheme"],
            "folds": self.folds,
            "repeats": self.repeats,
            "seeds": self.seeds,
            "seed": self.seed,
            "engine": self.engine,
            "n_failed": self.n_failed,
            "seconds": self.seconds,
            "memory": self.memory,
            "baseline": {
                "strategy": self._manifest["baseline"],
                "metrics": baseline_scores(self._results, self.metrics),
            },
            "metrics": {summary.name: summary_dict(summary) for summary in summaries},
            "threshold": self.threshold,
            "enough_repeats": self._repeats_record(ci),
            "notes": self.notes,
            "warnings": [*self.warnings, *self._about_scores(summaries)],
            "failures": [{"fold": str(key), "error": error} for key, error in self.failures.items()],
        }
        sentence = repeats_sentence(report)
        return report if sentence is None else {**report, "notes": [*self.notes, sentence]}

    def to_sklearn(self) -> dict[str, NDArray[np.float64]]:
        """Scores in the shape of `sklearn.model_selection.cross_validate`: one entry a training.

        Returns:
            `fit_time` in seconds, and `test_<metric>` with errors as they are, not negated.
        """
        seconds = [result.seconds for result in self._results.folds.values()]
        scores = self.scores.astype({"value": np.float64}).set_index("metric")["value"]
        tests = {f"test_{m.name}": scores[scores.index == m.name].to_numpy() for m in self.metrics}
        return {"fit_time": np.asarray(seconds, dtype=np.float64), **tests}

    def artifacts(self, repeat: int = 0, fold: int = 0, init: int = 0) -> dict[str, Path]:
        """Files that a fold left: checkpoints and what its callbacks wrote.

        Raises:
            UnknownNameError: No such fold.
        """
        by_key = {stored.key: stored for stored in self._stored.folds}
        if (repeat, fold, init) not in by_key:
            known = [str(FoldKey(*key)) for key in by_key]
            raise UnknownNameError("fold", str(FoldKey(repeat, fold, init)), known)
        return dict(by_key[repeat, fold, init].artifacts)

    def __repr__(self) -> str:
        return f"<Run {self.id}: {self.model} on {self.dataset} | {summary_line(self.to_dict())}>"

    def _repr_html_(self) -> str:
        title = html.escape(f"{self.model} on {self.dataset}")
        line = html.escape(summary_line(self.to_dict()))
        summary = self.summary().dropna(axis="columns", how="all")
        table = summary.to_html(float_format="{:.4g}".format, na_rep="–", escape=True)
        return f"<p><strong>{title}</strong> ({html.escape(self.id)})<br>{line}</p>{table}"

    def _about_scores(self, summaries: Sequence[Summary]) -> list[str]:
        """Why there is no mean, where no fold has failed, and what hides behind scores of 0."""
        asked = self.repeats * self.folds * self.seeds
        missing = [] if self.n_failed else without_mean(summaries, self._results, asked)
        return [*missing, *constant_predictions(self._results, self.metrics)]

    def _stored_metrics(self) -> tuple[Metric, ...]:
        """The metrics by their names; a function of the caller's own cannot be found again by its name."""
        task: Task = self._manifest["task"]
        custom = self._manifest.get("custom_metrics", [])
        self.warnings += [
            f"custom_metric: '{name}' is a function of your own; pass metrics to load_run to score with it."
            for name in custom
        ]
        names = [name for name in self._manifest["metrics"] if name not in custom]
        return resolve_metrics(names or default_metrics(task), task, self._manifest["target_names"])
