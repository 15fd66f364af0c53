"""Scores that are kept with a run, and when they are believed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import harness
from harness.metrics import METRICS
from harness.run import Run, load_run
from harness.run.kept_scores import SCORES
from harness.run.results import Results
from tests.unit.run.conftest import LABELS, evaluate

ACCURACY = METRICS["accuracy"]


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes it an error to read the predictions of a fold."""

    def refuse(*_: Any) -> Any:
        raise AssertionError("predictions were read")

    monkeypatch.setattr(Results, "_fold", refuse)


def _again(run: harness.Run, store: Path) -> Run:
    return load_run(run.id, store)


def _with_kept(run: Run, content: bytes) -> Run:
    """The run as it would be with another attachment."""
    stored = run.stored
    folder = stored.files[SCORES].path.parent
    path = folder / "other.json"
    path.write_bytes(content)

    class Attachment:
        def read(self) -> bytes:
            return path.read_bytes()

    files: dict[str, Any] = {**stored.files, SCORES: Attachment()}
    return Run(replace(stored, files=files), run.metrics)


def _kept(run: Run) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(run.stored.attachment(SCORES))
    return document


def _doctored(run: Run, **changes: Any) -> Run:
    """The run with kept scores that are all 7, and with other changes to what was kept of accuracy."""
    document = _kept(run)
    entry = document["metrics"]["accuracy"]
    entry["folds"] = [[*key, 7.0] for *key, _ in entry["folds"]]
    document["predictions"] = changes.pop("predictions", document["predictions"])
    entry.update(changes)
    return _with_kept(run, json.dumps(document).encode())


def test_a_summary_needs_no_predictions(binary: Run, binary_store: Path, unread: None) -> None:
    assert _again(binary, binary_store).to_dict()["metrics"] == binary.to_dict()["metrics"]


def test_kept_scores_are_those_of_the_predictions(binary: Run, binary_store: Path) -> None:
    again = _again(binary, binary_store)
    for metric in again.metrics:
        computed = [metric.score(fold.predictions) for fold in again._results.folds.values()]
        np.testing.assert_array_equal(again.scores_by(metric).ravel(), computed)


def test_kept_scores_are_used(binary: Run) -> None:
    assert (_doctored(binary).scores_by(ACCURACY) == 7).all()


@pytest.mark.parametrize("changes", [{"definition": "another"}, {"predictions": "others"}])
def test_scores_of_another_definition_or_other_predictions_are_computed_anew(
    binary: Run, changes: dict[str, str]
) -> None:
    np.testing.assert_array_equal(_doctored(binary, **changes).scores_by(ACCURACY), binary.scores_by(ACCURACY))


def test_a_metric_that_was_not_kept_is_computed(binary: Run) -> None:
    assert np.isfinite(binary.scores_by(METRICS["brier"])).all()


def test_a_function_of_the_callers_own_is_not_kept(tmp_path: Path) -> None:
    run = evaluate(tmp_path, metrics={"accuracy": lambda truth, predicted: 0.25}, y=LABELS)
    assert _kept(run)["metrics"] == {}
    assert _again(run, tmp_path).to_dict()["metrics"]["accuracy"]["mean"] != 0.25


def test_damaged_scores_are_computed_anew(tmp_path: Path) -> None:
    run = evaluate(tmp_path)
    run.stored.files[SCORES].path.write_bytes(b"{}")
    assert _again(run, tmp_path).to_dict()["metrics"] == run.to_dict()["metrics"]
