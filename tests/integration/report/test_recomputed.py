"""The numbers of the JSON report, computed again from its own fold scores by scipy alone."""

from __future__ import annotations

import json
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from scipy import stats

from harness.reporting import render_report

approx = pytest.approx


@pytest.fixture
def told(make_run) -> dict[str, Any]:
    runs = [
        make_run(name, skill=skill, folds=3) for name, skill in (("net_a", 0.5), ("net_b", 1.2), ("net_c", 0.6))
    ]
    report: dict[str, Any] = json.loads(render_report(runs, "json", rope=0.02))
    return report


def _interval(scores: np.ndarray[Any, Any], level: float) -> tuple[float, float]:
    """Nadeau and Bengio's, for three folds: a test part has half as many rows as a training part."""
    error = stats.tstd(scores) * np.sqrt(1 / len(scores) + 1 / 2)
    low, high = stats.t.interval(level, len(scores) - 1, scores.mean(), error)
    return float(low), float(high)


def test_every_metric_of_every_run(told: dict[str, Any]) -> None:
    entries = [(run, entry) for run in told["runs"] for entry in run["metrics"].values()]
    assert len(entries) == 3 * 5
    for run, entry in entries:
        scores = np.array(entry["scores"])
        assert entry["mean"] == approx(scores.mean())
        assert entry["fold_sd"] == approx(stats.tstd(scores))
        assert entry["ci"] == approx(_interval(scores, entry["ci_level"]))
        repeats = scores.reshape(run["repeats"], -1).mean(axis=1)
        assert entry["repeat_se"] == approx(repeats.std(ddof=1) / np.sqrt(len(repeats)), abs=1e-12)


def test_every_pair_of_the_comparison(told: dict[str, Any]) -> None:
    comparison = told["comparison"]
    scores = {each["model"]: np.array(each["scores"]) for each in comparison["models"]}
    assert scores == {
        run["model"]: approx(np.array(run["metrics"][comparison["metric"]]["scores"])) for run in told["runs"]
    }
    assert len(comparison["pairs"]) == len(list(combinations(scores, 2)))
    for pair in comparison["pairs"]:
        gains = scores[pair["first"]] - scores[pair["second"]]
        t = gains.mean() / (stats.tstd(gains) * np.sqrt(1 / len(gains) + 1 / 2))
        assert pair["difference"] == approx(gains.mean())
        assert pair["ci"] == approx(_interval(gains, comparison["level"]))
        assert pair["p"] == approx(2 * stats.t.sf(abs(t), len(gains) - 1))
