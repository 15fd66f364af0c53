"""What is said of a run beyond its scores, as records of plain JSON values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.metrics import METRICS, Predictions
from harness.run.out_of_fold import OutOfFold
from harness.scoring import Summary
from harness.statistics.calibration import brier_parts
from harness.statistics.intervals import Interval, wald, wilson
from harness.statistics.per_class import class_scores, confusion_matrix
from harness.statistics.per_output import output_errors
from harness.store import StoredFold
from harness.thresholds import Threshold, applied_threshold

Record = dict[str, Any]


def confusion(once: OutOfFold, classes: Sequence[Any]) -> list[list[int]]:
    """Rows by true class (down) and predicted class (across)."""
    assert once.codes is not None
    counts: list[list[int]] = confusion_matrix(once.truth, once.codes, len(classes)).tolist()
    return counts


def class_records(once: OutOfFold, classes: Sequence[Any], level: float) -> list[Record]:
    """For each class: its rows, recall and precision with Wilson's intervals."""
    return [
        {
            "class": score.label,
            "support": score.support,
            "predicted": score.predicted,
            "recall": score.recall,
            **_limits("recall", score.recall_interval),
            "precision": score.precision,
            **_limits("precision", score.precision_interval),
        }
        for score in class_scores(confusion(once, classes), classes, level)
    ]


def output_records(once: OutOfFold, names: Sequence[str], level: float) -> list[Record]:
    """For each output: bias, mean absolute and root mean squared error with their intervals."""
    return [
        {
            "output": error.name,
            "n": error.n,
            "bias": error.bias,
            **_limits("bias", error.bias_interval),
            "mae": error.mae,
            **_limits("mae", error.mae_interval),
            "rmse": error.rmse,
            **_limits("rmse", error.rmse_interval),
        }
        for error in output_errors(once.truth, once.values, names, level)
    ]


def row_records(once: OutOfFold, classes: Sequence[Any], level: float) -> list[Record]:
    """Scores that are means over rows, with Wilson's interval of the accuracy and Wald's of the others."""
    assert once.codes is not None
    judged = Predictions("multiclass" if len(classes) > 2 else "binary", once.truth, once.values, tuple(classes))
    hits = int((once.codes == once.truth).sum())
    found: dict[str, tuple[float, Interval | None]] = {
        "accuracy": (hits / len(once), wilson(hits, len(once), level))
    }
    for metric in (METRICS["brier"], METRICS["log_loss"]):
        assert metric.per_example is not None
        losses = metric.per_example(judged)
        found[metric.name] = float(losses.mean()), wald(losses, level)
    return [
        {"metric": name, "mean": mean, "n": len(once), **_bounds(interval)}
        for name, (mean, interval) in found.items()
    ]


def calibration_records(
    once: OutOfFold, classes: Sequence[Any], bins: int = 10, level: float = 0.95
) -> list[Record]:
    """Parts of the Brier score: of the positive class of two, of each class against the rest otherwise."""
    codes = [1] if len(classes) == 2 else range(len(classes))
    found = [(code, brier_parts(once.truth == code, once.values[:, code], bins)) for code in codes]
    squares = {code: (once.values[:, code] - (once.truth == code)) ** 2 for code in codes}
    return [
        {
            "class": classes[code],
            "n": len(once),
            "brier": parts.score,
            **_limits("brier", wald(squares[code], level)),
            "calibration_error": parts.calibration_error,
            "reliability": parts.reliability,
            "resolution": parts.resolution,
            "uncertainty": parts.uncertainty,
            "within_bins": parts.within_bins,
        }
        for code, parts in found
    ]


def threshold_records(folds: Sequence[StoredFold], asked: Threshold) -> list[Record]:
    """For each fold the threshold in use, and what it was worth where it was chosen; [] without one."""
    if asked is None:
        return []
    return [_threshold_record(fold, asked) for fold in sorted(folds, key=lambda fold: fold.key)]


def _threshold_record(fold: StoredFold, asked: str | float) -> Record:
    found = fold.record.get("thresholds")
    key = dict(zip(("repeat", "fold", "init"), fold.key, strict=True))
    chosen = found[asked] if found and isinstance(asked, str) else {}
    return {
        **key,
        "threshold": applied_threshold(asked, found),
        "criterion": chosen.get("criterion"),
        "value": chosen.get("value"),
        "n": chosen.get("n"),
    }


def variance_records(summary: Summary) -> list[Record]:
    """Where the variance of a metric comes from: seed, fold and repeat, or split; [] where nothing is divided."""
    parts = summary.variance
    if parts is None:
        return []
    total = sum(parts.named.values())
    return [
        {
            "metric": summary.name,
            "source": name,
            "variance": variance,
            "sd": variance**0.5,
            "share": variance / total if total and len(parts.named) > 1 else None,
            "truncated": name in parts.truncated,
        }
        for name, variance in parts.named.items()
    ]


def _limits(name: str, interval: Interval | None) -> Record:
    return {f"{name}_{bound}": limit for bound, limit in _bounds(interval).items()}


def _bounds(interval: Interval | None) -> Record:
    low, high = (None, None) if interval is None else (interval.low, interval.high)
    return {"low": low, "high": high}
