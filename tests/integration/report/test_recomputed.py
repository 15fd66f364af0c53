"""The numbers of the JSON report, computed again from its own fold scores by scipy alone."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.text import Text
from scipy import stats
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression

import harness
from harness.errors import UsageError
from harness.reporting import draw_figure, render_report

approx = pytest.approx
UNEVEN = [
    (np.arange(0, 50), np.arange(50, 60)),
    (np.arange(10, 60), np.arange(0, 8)),
    (np.r_[0:20, 40:60], np.arange(20, 40)),
]


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


def _evaluated(store: Path, model: Any, y: Any, **settings: Any) -> dict[str, Any]:
    x = np.random.default_rng(0).normal(size=(60, 3)) + (np.arange(60) % 2)[:, None]
    run = harness.evaluate(model, x, y, store=store, seed=1, on_error="raise", **settings)
    (told,) = json.loads(render_report([run], "json"))["runs"]
    return {**told, "predictions": run.predictions}


def _check(told: dict[str, Any], metric: str) -> dict[str, Any]:
    """Recomputes what is said of the spread from the scores of each seed and the ratio of rows."""
    entry = told["metrics"][metric]
    by_seed = np.array(entry["seed_scores"]).reshape(told["repeats"], told["folds"], told["seeds"])
    folds = by_seed.mean(axis=2)
    assert entry["scores"] == approx(folds.ravel())
    assert entry["mean"] == approx(folds.mean())
    assert entry["fold_sd"] == approx(stats.tstd(folds.ravel()))
    error = stats.tstd(folds.ravel()) * np.sqrt(1 / folds.size + told["test_ratio"])
    assert entry["ci"] == approx(stats.t.interval(0.95, folds.size - 1, folds.mean(), error))
    if told["seeds"] > 1:
        assert entry["seed_sd"] == approx(np.sqrt(by_seed.var(axis=2, ddof=1).mean()))
    if told["repeats"] > 1:
        assert entry["repeat_se"] == approx(stats.sem(folds.mean(axis=1)))
    return entry


def test_uneven_hold_outs_of_two_seeds(tmp_path: Path) -> None:
    labels, forest = np.arange(60) % 2, RandomForestClassifier(n_estimators=3)
    told = _evaluated(tmp_path, forest, labels, cv=UNEVEN, init_seeds=2, metrics="accuracy,log_loss")
    assert told["test_ratio"] == approx(np.mean([len(test) / len(train) for train, test in UNEVEN]))
    assert told["train_rows"] == approx(np.mean([len(train) for train, _ in UNEVEN]))
    entry = _check(told, "accuracy")
    by_seed = np.array(entry["seed_scores"])
    within = by_seed.var(axis=1, ddof=1).mean()
    between = stats.f_oneway(*by_seed).statistic * within
    assert entry["variance"]["seed"] == approx(within)
    assert entry["variance"]["fold"] == approx(max((between - within) / 2, 0))


def test_repeated_hold_outs_of_two_seeds(tmp_path: Path) -> None:
    labels, forest = np.arange(60) % 2, RandomForestClassifier(n_estimators=3)
    settings = {"cv": "holdout", "repeats": 4, "test_size": 0.25, "init_seeds": 2, "metrics": "accuracy"}
    told = _evaluated(tmp_path, forest, labels, **settings)
    assert told["test_ratio"] == approx(15 / 45)
    entry = _check(told, "accuracy")
    by_seed = np.array(entry["seed_scores"])
    within = by_seed.var(axis=1, ddof=1).mean()
    between = stats.f_oneway(*by_seed).statistic * within
    parts = {name: value for name, value in entry["variance"].items() if name != "truncated" and value is not None}
    assert parts == {"seed": approx(within), "split": approx(max((between - within) / 2, 0))}
    means = np.array(entry["scores"])
    error = stats.sem(means)
    half = stats.t.ppf(0.975, 3) * stats.tstd(means) * np.sqrt(1 / 4 + told["test_ratio"])
    enough = told["enough_repeats"]
    assert (enough["error"], enough["limit"]) == approx((error, 0.1 * half))
    assert enough["enough"] is bool(error < 0.1 * half)


def test_the_figure_of_the_variance_tells_splits_from_seeds(tmp_path: Path) -> None:
    x, labels = np.random.default_rng(0).normal(size=(60, 3)), np.arange(60) % 2
    settings = {"cv": "holdout", "init_seeds": 2, "metrics": "log_loss", "store": tmp_path}
    run, single = (
        harness.evaluate(RandomForestClassifier(n_estimators=3), x, labels, repeats=repeats, **settings)
        for repeats in (3, 1)
    )
    texts = [text.get_text() for text in draw_figure("variance_shares", [run]).findobj(Text)]
    assert any(text.startswith("split ") for text in texts)
    assert not any(text.startswith("fold ") for text in texts)
    with pytest.raises(UsageError, match="needs two splits"):
        draw_figure("variance_shares", [single])


def test_the_interval_of_a_single_hold_out_counts_its_rows(tmp_path: Path) -> None:
    told = _evaluated(tmp_path, LogisticRegression(), np.arange(60) % 2, cv="holdout", metrics="accuracy")
    entry = told["metrics"]["accuracy"]
    n = entry["ci_rows"]
    expected = stats.binomtest(round(entry["mean"] * n), n).proportion_ci(0.95, method="wilson")
    assert n == told["test_rows"] == len(told["predictions"])
    assert (entry["ci"], entry["ci_method"]) == (approx([expected.low, expected.high]), "Wilson, per example")


def test_the_interval_of_an_error_over_rows_is_students(tmp_path: Path) -> None:
    y = np.random.default_rng(1).normal(size=60)
    told = _evaluated(tmp_path, LinearRegression(), y, cv="holdout", metrics="mae")
    entry = told["metrics"]["mae"]
    errors = (told["predictions"]["y_true"] - told["predictions"]["y_pred"]).abs()
    assert (entry["ci_rows"], entry["ci_rows_sd"]) == (len(errors), approx(stats.tstd(errors)))
    error = entry["ci_rows_sd"] / np.sqrt(entry["ci_rows"])
    assert entry["ci"] == approx(stats.t.interval(0.95, entry["ci_rows"] - 1, entry["mean"], error))


def test_a_conservative_report_has_the_degrees_of_freedom_of_one_repeat(make_run) -> None:
    runs = [make_run(name, skill=skill, folds=3) for name, skill in (("net_a", 0.5), ("net_b", 1.2))]
    told = json.loads(render_report(runs, "json", interval="conservative"))
    entry, pair = told["runs"][0]["metrics"]["accuracy"], told["comparison"]["pairs"][0]
    scores = np.array(entry["scores"])
    error = stats.tstd(scores) * np.sqrt(1 / len(scores) + 1 / 2)
    assert entry["ci"] == approx(stats.t.interval(0.95, 3 - 1, scores.mean(), error))
    assert (entry["ci_method"], pair["test"]) == ("conservative resampled t",) * 2
