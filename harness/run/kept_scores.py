"""Fold scores kept with a run, so that a report need not compute them again.

The predictions remain the truth: kept scores are believed only where the predictions, the definition of the metric
and the versions that computed them are still the same; otherwise they are computed anew.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from harness.errors import CorruptArtifactError
from harness.metrics import Metric
from harness.seeds import FoldKey
from harness.store import StoredRun

SCORES = "scores.json"
"""Name of the attachment that holds them."""

_PREDICTIONS = ("targets.npz", "splits.npz", "baseline.npz")
_SOURCES = (
    *("metrics/metric.py", "metrics/classification.py", "metrics/regression.py", "metrics/scorers.py"),
    *("targets.py", "thresholds.py"),
)
_PACKAGES = ("numpy", "scikit-learn")


@dataclass(frozen=True)
class Scores:
    """What a metric says of a run.

    Attributes:
        folds: The score of every finished fold, NaN where undefined.
        baseline: The baseline's score on every split, in repeat and fold order, NaN where undefined.
        pooled: Of a metric that pools: the score of every repeat and seed of which no fold is missing; NaN where
            undefined.
    """

    folds: Mapping[FoldKey, float]
    baseline: Sequence[float]
    pooled: Sequence[float] = ()


def pack_scores(stored: StoredRun, scores: Mapping[Metric, Scores], constant: Sequence[FoldKey]) -> bytes:
    """Writes scores as the content of the attachment.

    Args:
        stored: The run that they are of.
        scores: What each metric says. A caller's own metrics are left out, for nothing says whether such a
            function is still the same.
        constant: The folds on which the model predicts one class only.
    """
    kept = {metric.name: _entry(metric, found) for metric, found in scores.items() if not metric.custom}
    document = {"predictions": _predictions(stored), "metrics": kept, "constant": [list(key) for key in constant]}
    return json.dumps(document, allow_nan=False).encode()


def read_scores(stored: StoredRun) -> Mapping[str, Any]:
    """Reads the attachment, for `scores_in`; empty where it is missing, damaged, or of other predictions."""
    if SCORES not in stored.files:
        return {}
    try:
        document: dict[str, Any] = json.loads(stored.attachment(SCORES))
    except CorruptArtifactError:
        return {}
    return document if document["predictions"] == _predictions(stored) else {}


def scores_in(kept: Mapping[str, Any], metric: Metric) -> Scores | None:
    """What was kept of a metric, or None where nothing was, or of another definition of it."""
    entry = None if metric.custom else kept.get("metrics", {}).get(metric.name)
    if entry is None or entry["definition"] != _definition(metric.name):
        return None
    folds = {FoldKey(*key): _number(score) for *key, score in entry["folds"]}
    return Scores(folds, _numbers(entry["baseline"]), _numbers(entry["pooled"]))


def constant_in(kept: Mapping[str, Any]) -> list[FoldKey] | None:
    """What was kept of folds on which the model predicts one class only, or None where nothing was."""
    return [FoldKey(*key) for key in kept["constant"]] if "constant" in kept else None


def _entry(metric: Metric, scores: Scores) -> dict[str, Any]:
    return {
        "definition": _definition(metric.name),
        "folds": [[*key, _storable(score)] for key, score in scores.folds.items()],
        "baseline": [_storable(score) for score in scores.baseline],
        "pooled": [_storable(score) for score in scores.pooled],
    }


def _predictions(stored: StoredRun) -> str:
    """A digest of all that is judged: outputs and how they are read, true targets, splits, baseline's guesses."""
    folds = {fold.key: fold for fold in stored.folds}
    outputs = [
        [*key, folds[key].files["result.npz"].sha256, folds[key].record.get("thresholds")] for key in sorted(folds)
    ]
    judged = [stored.files[name].sha256 for name in _PREDICTIONS]
    read = [stored.manifest["codec"], stored.manifest.get("threshold")]
    return _digest([json.dumps([outputs, judged, read]).encode()])


@cache
def _definition(name: str) -> str:
    """A digest of what makes a metric what it is: its name, our code that computes it, and that of others."""
    return _digest([name.encode(), *_code()])


@cache
def _code() -> list[bytes]:
    package = files("harness")
    versions = [importlib.metadata.version(each).encode() for each in _PACKAGES]
    return [*versions, *(package.joinpath(*path.split("/")).read_bytes() for path in _SOURCES)]


def _digest(parts: Iterable[bytes]) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()


def _storable(score: float) -> float | None:
    return score if math.isfinite(score) else None


def _number(score: float | None) -> float:
    return math.nan if score is None else score


def _numbers(scores: Sequence[float | None]) -> list[float]:
    return [_number(score) for score in scores]
