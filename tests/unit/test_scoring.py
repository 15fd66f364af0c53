from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

from harness.metrics import METRICS, Metric, Predictions, resolve_metrics
from harness.run.records import variance_records
from harness.scoring import summarize, summary_dict

SCORES = np.array([[[0.8, 0.9], [0.7, 0.7]], [[0.6, 0.8], [0.9, 0.7]]])
ACCURACY, LOG_LOSS, ROC_AUC = METRICS["accuracy"], METRICS["log_loss"], METRICS["roc_auc"]


def _binary(truth: list[int], positive: list[float]) -> Predictions:
    values = np.array(positive)
    return Predictions("binary", np.array(truth), np.column_stack([1 - values, values]), ("M", "R"))


FOLD = _binary([0, 1, 1, 0], [0.2, 0.9, 0.4, 0.1])


def test_seeds_are_averaged_within_the_fold() -> None:
    assert summarize(ACCURACY, SCORES, 1.0, 0.95, list).scores == pytest.approx((0.85, 0.7, 0.7, 0.8))


def test_the_spread_is_over_folds() -> None:
    summary = summarize(ACCURACY, SCORES, 1.0, 0.95, list)
    assert summary.fold_sd == pytest.approx(np.std([0.85, 0.7, 0.7, 0.8], ddof=1))


def test_the_spread_over_seeds_is_pooled() -> None:
    # Variances of two seeds: half of the squared difference.
    pooled = np.mean([0.1**2 / 2, 0, 0.2**2 / 2, 0.2**2 / 2])
    assert summarize(ACCURACY, SCORES, 1.0, 0.95, list).seed_sd == pytest.approx(np.sqrt(pooled))


def test_the_error_over_repeats_is_of_their_means() -> None:
    expected = stats.sem([0.775, 0.75])
    assert summarize(ACCURACY, SCORES, 1.0, 0.95, list).repeat_se == pytest.approx(expected)


def test_the_interval_is_corrected_for_overlap() -> None:
    scores = np.array([0.02, 0.01, 0.03, 0.0, 0.04])
    interval = summarize(ACCURACY, scores[None, :, None], 0.25, 0.95, list).interval
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((-0.009448647, 0.049448647))


@pytest.mark.parametrize("scores", [np.full((1, 4, 1), 0.75), np.full((1, 1, 1), 0.75)])
def test_folds_that_are_alike_or_alone_leave_the_interval_to_examples(scores: np.ndarray) -> None:
    summary = summarize(ACCURACY, scores, 0.25, 0.95, lambda: [[FOLD]])
    expected = stats.binomtest(3, 4).proportion_ci(0.95, method="wilson")
    assert summary.interval is not None
    assert (summary.interval.low, summary.interval.high) == pytest.approx((expected.low, expected.high))


def test_folds_that_are_alike_but_for_rounding_leave_the_interval_to_examples() -> None:
    noisy = np.array([0.7, 0.1 * 7, 1 - 0.3]).reshape(1, 3, 1)
    interval = summarize(ACCURACY, noisy, 0.25, 0.95, lambda: [[FOLD]]).interval
    assert interval is not None
    assert interval.method == "Wilson, per example"


def test_the_interval_may_be_conservative() -> None:
    low, high = stats.t.interval(0.9, 1, 0.7625, np.std([0.85, 0.7, 0.7, 0.8], ddof=1) * np.sqrt(1 / 4 + 1))
    interval = summarize(ACCURACY, SCORES, 1.0, 0.9, list, "conservative").interval
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((low, high))


@pytest.mark.parametrize(
    ("shape", "parts"),
    [
        ((1, 1, 2), ["seed"]),
        ((3, 1, 1), None),
        ((3, 1, 2), ["seed", "split"]),
        ((1, 3, 2), ["seed", "fold"]),
        ((2, 3, 1), ["fold", "repeat"]),
        ((1, 3, 1), None),
    ],
)
def test_variance_is_divided_among_what_was_varied(shape: tuple[int, ...], parts: list[str] | None) -> None:
    scores = np.random.default_rng(0).normal(0.8, 0.1, shape)
    summary = summarize(ACCURACY, scores, 1.0, 0.95, list)
    assert (summary.variance and list(summary.variance.named)) == parts
    shares = [record["share"] for record in variance_records(summary)]
    assert shares == [None] if parts == ["seed"] else sum(shares) == pytest.approx(1 if parts else 0)


def test_every_seed_of_a_fold_has_its_score() -> None:
    entry = summary_dict(summarize(ACCURACY, SCORES, 1.0, 0.95, list))
    assert entry["seed_scores"] == [[0.8, 0.9], [0.7, 0.7], [0.6, 0.8], [0.9, 0.7]]


def test_pooled_scores_are_averaged_where_none_is_missing() -> None:
    found = [
        summarize(ACCURACY, SCORES, 1.0, 0.95, list, pooled=pooled).pooled
        for pooled in ([0.6, 0.7, 0.8, 0.7], [0.6, 0.7, 0.8], [0.6, 0.7, 0.8, np.nan])
    ]
    assert found == [pytest.approx(0.7), None, None]


def test_a_loss_of_examples_has_students_interval() -> None:
    losses = -np.log([0.8, 0.9, 0.4, 0.9])
    low, high = stats.t.interval(0.9, 3, losses.mean(), stats.sem(losses))
    interval = summarize(LOG_LOSS, np.full((1, 1, 1), losses.mean()), 0.5, 0.9, lambda: [[FOLD]]).interval
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((low, high))


def test_a_metric_without_examples_has_no_interval_of_one_fold() -> None:
    assert summarize(ROC_AUC, np.full((1, 1, 1), 0.9), 0.5, 0.95, lambda: [[FOLD]]).interval is None


@pytest.mark.parametrize("missing", [np.nan, np.inf])
def test_a_fold_without_a_score_leaves_no_mean(missing: float) -> None:
    scores = SCORES.copy()
    scores[1, 0, 0] = missing
    summary = summarize(ACCURACY, scores, 1.0, 0.95, lambda: [[FOLD]])
    assert (summary.mean, summary.fold_sd, summary.seed_sd, summary.interval) == (None, None, None, None)


@pytest.mark.parametrize(
    ("metric", "told"),
    [
        (METRICS["mcc"], [-1.0, 1.0]),
        (METRICS["rmse"], [0.0, None]),
        (METRICS["r2"], [None, 1.0]),
        # A function of the caller's own is no proportion because it is named as one of ours.
        (resolve_metrics({"accuracy": lambda truth, predicted: 7.0}, "binary", ["y"])[0], [None, None]),
        (Metric("own", lambda predictions: 3.0, range=(1.0, 5.0)), [1.0, 5.0]),
    ],
)
def test_the_range_is_the_one_that_the_metric_declares(metric: Metric, told: list[float | None]) -> None:
    entry = summary_dict(summarize(metric, SCORES, 1.0, 0.95, list))
    assert json.loads(json.dumps(entry, allow_nan=False))["range"] == told


def test_missing_scores_are_null_in_json() -> None:
    scores = SCORES.copy()
    scores[0, 0, 0] = np.nan
    entry = summary_dict(summarize(ACCURACY, scores, 1.0, 0.95, list))
    assert json.loads(json.dumps(entry, allow_nan=False))["scores"][0] is None


def test_one_fold_has_no_spread() -> None:
    assert summarize(ACCURACY, np.full((1, 1, 1), 0.5), 0.5, 0.95, list).fold_sd is None


def test_seeds_are_averaged_in_the_interval_over_rows() -> None:
    other = _binary([0, 1, 1, 0], [0.7, 0.9, 0.4, 0.1])
    scores = np.array([[[ACCURACY.score(FOLD), ACCURACY.score(other)]]])
    interval = summarize(ACCURACY, scores, 0.5, 0.95, lambda: [[FOLD, other]]).interval
    hits = [0.5, 1.0, 0.0, 1.0]
    expected = stats.t.interval(0.95, 3, np.mean(hits), stats.sem(hits))
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx(expected)
