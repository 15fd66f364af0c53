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
from harness.errors import UnknownNameError, UsageError
from harness.metrics import Metric, default_metrics, resolve_metrics
from harness.report.summary import summary_line
from harness.run.results import Results
from harness.run.saved_models import SavedModels
from harness.run.summaries import baseline_scores, summarize_all
from harness.run.tables import history_table, prediction_table, score_table
from harness.scoring import Summary, summary_dict
from harness.seeds import FoldKey
from harness.store import StoredRun

if TYPE_CHECKING:
    import keras
    import pandas as pd


class Run:
    """One evaluation, as `evaluate` returns it and `load_run` reads it.

    Everything but the scores was stored when the folds were trained; scores are computed from the predictions,
    so any metric can be asked for afterwards without training again.

    Args:
        stored: The run in its store.
        metrics: What to score with; the metrics that the run was made with by default.

    Attributes:
        warnings: What the reader should worry about, with what to do.
    """

    def __init__(self, stored: StoredRun, metrics: Sequence[Metric] | None = None) -> None:
        self._stored = stored
        self._results = Results(stored)
        self._manifest: Mapping[str, Any] = stored.manifest
        self.warnings: list[str] = [*self._manifest["warnings"], *stored.warnings]
        self.metrics: tuple[Metric, ...] = tuple(metrics) if metrics else self._stored_metrics()

    @property
    def manifest(self) -> Mapping[str, Any]:
        """What was stored of the run as a whole: identity, protocol, recipe, environment; plain JSON values."""
        return self._manifest

    @property
    def stored(self) -> StoredRun:
        """The run as its store keeps it: fold records, files, attachments."""
        return self._stored

    @property
    def id(self) -> str:
        """The run's name in its store."""
        return self._stored.run_id

    @property
    def model(self) -> str:
        """Name of the model."""
        return str(self._manifest["model"])

    @property
    def dataset(self) -> str:
        """Name of the data set."""
        return str(self._manifest["dataset"])

    @property
    def task(self) -> str:
        """ "binary", "multiclass" or "regression"."""
        return str(self._manifest["task"])

    @property
    def n(self) -> int:
        """Rows of the data set."""
        return int(self._manifest["n"])

    @property
    def folds(self) -> int:
        """Folds in a repeat."""
        return int(self._manifest["folds"])

    @property
    def repeats(self) -> int:
        """How often the rows were split anew."""
        return int(self._manifest["repeats"])

    @property
    def seeds(self) -> int:
        """Trainings on each split, from different initial weights."""
        return int(self._manifest["seeds"])

    @property
    def seed(self) -> int:
        """Root of all randomness."""
        return int(self._manifest["seed"])

    @property
    def engine(self) -> str:
        """What trained the folds: "fit" or "vectorized"."""
        return str(self._manifest["engine"])

    @property
    def classes(self) -> tuple[Any, ...]:
        """Original labels in scikit-learn's order, () for regression."""
        return self._results.classes

    @property
    def seconds(self) -> float:
        """Wall time of training and evaluation, over every sitting it took."""
        return float(self._stored.seconds or 0.0)

    @property
    def notes(self) -> list[str]:
        """What the reader should know of how the run was made."""
        return list(self._manifest["notes"])

    @property
    def failures(self) -> dict[FoldKey, str]:
        """The folds that could not be trained, and why."""
        return {FoldKey(*key): error for key, error in self._stored.failures.items()}

    @property
    def n_failed(self) -> int:
        """How many trainings failed."""
        return len(self._stored.failures)

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Long table of scores: repeat, fold, init, metric, value; NaN where a metric is undefined."""
        return score_table(self._results, self.metrics)

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
            key: _keras_history(result.history, self._manifest["epochs"])
            for key, result in self._results.folds.items()
        }

    @property
    def models(self) -> SavedModels:
        """The saved model of each fold, loaded when asked for: the one that predicted, where it was kept."""
        return SavedModels({FoldKey(*fold.key): fold for fold in self._stored.folds})

    def summary(self, ci: float = 0.95) -> pd.DataFrame:
        """One row a metric: mean, fold SD, interval, baseline.

        Args:
            ci: Nominal coverage of the intervals, in (0, 1).
        """
        import pandas as pd

        report = self.to_dict(ci)
        rows = [
            {
                "metric": name,
                "mean": entry["mean"],
                "fold_sd": entry["fold_sd"],
                "ci_low": entry["ci"][0] if entry["ci"] else None,
                "ci_high": entry["ci"][1] if entry["ci"] else None,
                "ci_method": entry["ci_method"],
                "baseline": report["baseline"]["metrics"][name]["mean"],
            }
            for name, entry in report["metrics"].items()
        ]
        return pd.DataFrame(rows).set_index("metric")

    def to_dict(self, ci: float = 0.95) -> dict[str, Any]:
        """The run as JSON values; what `--format json` prints.

        Args:
            ci: Nominal coverage of the intervals, in (0, 1).

        Raises:
            UsageError: `ci` is out of its range.
        """
        if not 0 < ci < 1:
            raise UsageError(f"ci is a coverage between 0 and 1. Received: {ci}; pass 0.95 for 95 %")
        shape = (self.repeats, self.folds, self.seeds)
        summaries = summarize_all(self._results, self.metrics, shape, self._manifest["test_ratio"], ci)
        return {
            "run": self.id,
            "model": self.model,
            "dataset": self.dataset,
            "task": self.task,
            "n": self.n,
            "scheme": self._manifest["scheme"],
            "folds": self.folds,
            "repeats": self.repeats,
            "seeds": self.seeds,
            "seed": self.seed,
            "engine": self.engine,
            "n_failed": self.n_failed,
            "seconds": self.seconds,
            "baseline": {
                "strategy": self._manifest["baseline"],
                "metrics": baseline_scores(self._results, self.metrics),
            },
            "metrics": {summary.name: summary_dict(summary) for summary in summaries},
            "notes": self.notes,
            "warnings": [*self.warnings, *self._without_mean(summaries)],
            "failures": [{"fold": str(key), "error": error} for key, error in self.failures.items()],
        }

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
        table = self.summary().to_html(float_format="{:.4g}".format, na_rep="–", escape=True)
        return f"<p><strong>{title}</strong> ({html.escape(self.id)})<br>{line}</p>{table}"

    def _without_mean(self, summaries: Sequence[Summary]) -> list[str]:
        """Why there is no mean, where no fold has failed."""
        trained, asked = len(self._stored.folds), self.repeats * self.folds * self.seeds
        if self.n_failed:
            return []
        if trained < asked:
            return [f"unfinished_run: {trained} of {asked} trainings are done; run the same command again."]
        return [
            f"undefined_metric: {summary.name} is undefined on some test folds (one class only, or one row); "
            "it has no mean. Use fewer folds or another metric."
            for summary in summaries
            if summary.mean is None
        ]

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


def _keras_history(values: Mapping[str, Sequence[float]], epochs: int) -> keras.callbacks.History:
    import keras

    history = keras.callbacks.History()
    history.history = {name: list(series) for name, series in values.items()}
    history.epoch = list(range(max(map(len, values.values()), default=0)))
    history.set_params({"epochs": epochs, "verbose": 0})
    return history
