"""Every number of the JSON, computed again from its own fold scores by scipy alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from scipy import stats

from harness.comparison import compare
from harness.run import Run

MakeRun = Callable[..., Run]
MODELS = (("a", 0.95), ("b", 0.7), ("c", 0.72))
ROPE = 0.03
approx = pytest.approx


@pytest.fixture
def told(make_run: MakeRun) -> dict[str, Any]:
    runs = [make_run(name, skill=skill, n=90, folds=3, repeats=2) for name, skill in MODELS]
    told: dict[str, Any] = json.loads(json.dumps(compare(runs, rope=ROPE, store=None).to_dict(), allow_nan=False))
    return told


@pytest.fixture
def over_datasets(make_run: MakeRun) -> dict[str, Any]:
    runs = [
        make_run(name, skill=skill, n=60 + 2 * number, folds=2, dataset=f"rows_{number}", data=f"d{number}")
        for number in range(8)
        for name, skill in MODELS
    ]
    told: dict[str, Any] = json.loads(json.dumps(compare(runs, store=None).to_dict(), allow_nan=False))
    return told


def _standard_error(values: np.ndarray[Any, Any], ratio: float) -> float:
    """Nadeau and Bengio's, of a mean over overlapping folds."""
    return float(stats.tstd(values) * np.sqrt(1 / len(values) + ratio))


def _scores(told: dict[str, Any]) -> dict[str, np.ndarray[Any, Any]]:
    return {each["model"]: np.array(each["scores"]) for each in told["models"]}


def test_means_spreads_and_intervals_of_models(told: dict[str, Any]) -> None:
    for each in told["models"]:
        scores = np.array(each["scores"])
        error = _standard_error(scores, each["test_ratio"])
        assert each["mean"] == approx(scores.mean())
        assert each["fold_sd"] == approx(stats.tstd(scores))
        assert each["ci"] == approx(stats.t.interval(told["level"], len(scores) - 1, scores.mean(), error))


def test_differences_intervals_and_p_values_of_pairs(told: dict[str, Any]) -> None:
    scores, ratio = _scores(told), told["models"][0]["test_ratio"]
    for pair in told["pairs"]:
        gains = scores[pair["first"]] - scores[pair["second"]]
        error, df = _standard_error(gains, ratio), len(gains) - 1
        assert pair["difference"] == approx(gains.mean())
        assert pair["p"] == approx(2 * stats.t.sf(abs(gains.mean()) / error, df))
        assert pair["ci"] == approx(stats.t.interval(told["level"], df, gains.mean(), error))
        posterior = stats.t(df, gains.mean(), error)
        shares = [posterior.cdf(-ROPE), posterior.cdf(ROPE) - posterior.cdf(-ROPE), posterior.sf(ROPE)]
        assert list(pair["rope"].values()) == approx(shares)
        signs = [int((gains > 1e-12).sum()), int((abs(gains) <= 1e-12).sum()), int((gains < -1e-12).sum())]
        assert [pair["wins"], pair["ties"], pair["losses"]] == signs


def test_adjusted_p_values_are_holms(told: dict[str, Any]) -> None:
    _check_holm(told)


def test_the_best_and_those_like_it(told: dict[str, Any]) -> None:
    scores = _scores(told)
    best = max(scores, key=lambda model: scores[model].mean())
    p = {frozenset((pair["first"], pair["second"])): pair["p_holm"] for pair in told["pairs"]}
    alike = {model for model in scores if model == best or p[frozenset((model, best))] > 0.05}
    assert told["best"] == best
    assert set(told["not_distinguishable_from_best"]) == alike


def test_ranks_and_tests_over_data_sets(over_datasets: dict[str, Any]) -> None:
    told, means = over_datasets, _means(over_datasets)
    ranks = stats.rankdata(-np.round(means, 6), axis=1)
    n, k = means.shape
    chi2 = 12 * n / (k * (k + 1)) * ((ranks.mean(axis=0) ** 2).sum() - k * (k + 1) ** 2 / 4)
    f = (n - 1) * chi2 / (n * (k - 1) - chi2)
    ranking = told["ranking"]
    assert list(ranking["ranks"].values()) == approx(ranks.mean(axis=0))
    assert ranking["friedman"]["chi2"] == approx(chi2)
    assert ranking["friedman"]["chi2_p"] == approx(stats.chi2.sf(chi2, k - 1))
    assert ranking["friedman"]["f_p"] == approx(stats.f.sf(f, k - 1, (k - 1) * (n - 1)))
    quantile = stats.studentized_range.isf(0.05, k, np.inf) / np.sqrt(2)
    assert ranking["critical_difference"] == approx(quantile * np.sqrt(k * (k + 1) / (6 * n)), rel=1e-6)


def test_pairs_over_data_sets(over_datasets: dict[str, Any]) -> None:
    means, models = _means(over_datasets), [name for name, _ in MODELS]
    for pair in over_datasets["pairs"]:
        gains = np.round(means[:, models.index(pair["first"])] - means[:, models.index(pair["second"])], 6)
        exact = len(set(abs(gains))) == len(gains) and gains.all()
        method = "exact" if exact else "approx"
        expected = stats.wilcoxon(gains, zero_method="zsplit", correction=False, method=method).pvalue
        assert pair["p"] == approx(expected)
    _check_holm(over_datasets)


def _means(told: dict[str, Any]) -> np.ndarray[Any, Any]:
    """(data sets, models) means of the fold scores."""
    means = {(each["dataset"], each["model"]): np.mean(each["scores"]) for each in told["models"]}
    return np.array([[means[dataset, model] for model, _ in MODELS] for dataset in told["datasets"]])


def _check_holm(told: dict[str, Any]) -> None:
    """Holm's adjustment as he wrote it: step down, each p times the hypotheses that are left, never falling."""
    ordered = sorted(told["pairs"], key=lambda pair: pair["p"])
    assert len(ordered) == len(list(combinations(MODELS, 2)))
    highest = 0.0
    for step, pair in enumerate(ordered):
        highest = max(highest, min(1.0, (len(ordered) - step) * pair["p"]))
        assert pair["p_holm"] == approx(highest)
