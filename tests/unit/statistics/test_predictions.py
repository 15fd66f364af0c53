"""What is said of predictions: classes, outputs, thresholds, calibration."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from harness.errors import DataError, UnknownNameError
from harness.statistics.calibration import brier_parts, reliability_bins
from harness.statistics.cautions import APPROXIMATE, REPEATS, interval_cautions, procedure_caution
from harness.statistics.intervals import wilson
from harness.statistics.per_class import class_scores, confusion_matrix
from harness.statistics.per_output import output_errors
from harness.statistics.thresholds import CRITERIA, choose_threshold

RNG = np.random.default_rng(4)
TRUTH = RNG.integers(0, 3, 90)
PREDICTED = np.where(RNG.uniform(size=90) < 0.6, TRUTH, RNG.integers(0, 3, 90))
OUTCOME = RNG.integers(0, 2, 80)
PROBABILITY = np.clip(0.35 * OUTCOME + RNG.uniform(0, 0.65, 80), 0, 1)


def test_confusion_matrix_is_scikit_learns() -> None:
    assert (confusion_matrix(TRUTH, PREDICTED, 3) == metrics.confusion_matrix(TRUTH, PREDICTED)).all()


def test_confusion_matrix_keeps_room_for_a_class_that_never_occurs() -> None:
    assert confusion_matrix([0, 0], [0, 0], 3).shape == (3, 3)


def test_precision_recall_and_support_are_scikit_learns() -> None:
    scores = class_scores(confusion_matrix(TRUTH, PREDICTED, 3), ["a", "b", "c"])
    precision, recall, _, support = metrics.precision_recall_fscore_support(TRUTH, PREDICTED)

    assert [score.precision for score in scores] == pytest.approx(precision.tolist())
    assert [score.recall for score in scores] == pytest.approx(recall.tolist())
    assert [score.support for score in scores] == support.tolist()


def test_intervals_of_a_class_count_its_rows() -> None:
    score = class_scores([[8, 2], [1, 9]], ["a", "b"])[0]

    assert score.recall_interval == wilson(8, 10)
    assert score.precision_interval == wilson(8, 9)


def test_class_that_was_never_predicted_has_no_precision() -> None:
    score = class_scores([[5, 0], [5, 0]], ["a", "b"])[1]

    assert (score.recall, score.precision, score.precision_interval) == (0.0, None, None)


def test_errors_of_each_output_are_scikit_learns() -> None:
    truth, predicted = RNG.normal(size=(30, 2)), RNG.normal(size=(30, 2))
    errors = output_errors(truth, predicted, ["width", "height"])

    mae = metrics.mean_absolute_error(truth, predicted, multioutput="raw_values")
    rmse = metrics.root_mean_squared_error(truth, predicted, multioutput="raw_values")
    assert [(error.mae, error.rmse) for error in errors] == [
        pytest.approx(pair) for pair in zip(mae, rmse, strict=True)
    ]


def test_error_intervals_hold_the_errors() -> None:
    error = output_errors(RNG.normal(size=(30, 1)), np.zeros((30, 1)), ["x"])[0]

    assert error.mae_interval is not None
    assert error.rmse_interval is not None
    assert error.mae_interval.low < error.mae < error.mae_interval.high
    assert error.rmse_interval.low < error.rmse < error.rmse_interval.high


def test_constant_error_has_no_interval() -> None:
    error = output_errors([[1.0], [2.0]], [[2.0], [3.0]], ["x"])[0]

    assert (error.bias, error.bias_interval) == (1.0, None)


@pytest.mark.parametrize(
    ("criterion", "score"),
    [
        ("f1", metrics.f1_score),
        ("mcc", metrics.matthews_corrcoef),
        ("accuracy", metrics.accuracy_score),
        ("balanced_accuracy", metrics.balanced_accuracy_score),
        ("youden", lambda truth, codes: 2 * metrics.balanced_accuracy_score(truth, codes) - 1),
    ],
)
def test_no_other_threshold_is_better(criterion: str, score: object) -> None:
    choice = choose_threshold(OUTCOME, PROBABILITY, criterion)
    values = [score(OUTCOME, threshold <= PROBABILITY) for threshold in np.append(np.unique(PROBABILITY), 2.0)]  # type: ignore[operator]

    assert choice.value == pytest.approx(max(values))
    assert choice.value == pytest.approx(score(OUTCOME, choice.threshold <= PROBABILITY))  # type: ignore[operator]


def test_every_criterion_without_costs_is_tested() -> None:
    assert set(CRITERIA) == {"f1", "mcc", "accuracy", "balanced_accuracy", "youden"}


def test_dear_misses_lower_the_threshold() -> None:
    cheap = choose_threshold(OUTCOME, PROBABILITY, "cost")
    dear = choose_threshold(OUTCOME, PROBABILITY, "cost", miss_cost=20)

    assert dear.threshold < cheap.threshold


def test_cost_is_the_mean_cost_of_a_row() -> None:
    choice = choose_threshold([0, 0, 1, 1], [0.1, 0.9, 0.2, 0.8], "cost", miss_cost=4, alarm_cost=1)

    assert (choice.threshold, choice.value) == pytest.approx((0.15, 0.25))


def test_of_equally_good_thresholds_the_one_nearest_to_a_half_is_taken() -> None:
    # Above 0.1 and above 0.9 one row each is wrong, as it is above 0.45.
    assert choose_threshold([0, 1, 0, 1], [0.1, 0.4, 0.5, 0.9], "accuracy").threshold == pytest.approx(0.7)


def test_threshold_needs_two_classes() -> None:
    with pytest.raises(DataError, match="one class only"):
        choose_threshold([1, 1], [0.2, 0.3])


def test_unknown_criterion_is_named() -> None:
    with pytest.raises(UnknownNameError, match="youden"):
        choose_threshold([0, 1], [0.2, 0.3], "yuoden")


@pytest.mark.parametrize("binning", ["uniform", "quantile"])
def test_brier_parts_add_up_to_scikit_learns_score(binning: str) -> None:
    parts = brier_parts(OUTCOME, PROBABILITY, binning=binning)  # type: ignore[arg-type]

    assert parts.score == pytest.approx(metrics.brier_score_loss(OUTCOME, PROBABILITY))
    assert parts.score == pytest.approx(
        parts.reliability - parts.resolution + parts.uncertainty + parts.within_bins
    )


def test_forecast_of_the_overall_share_is_reliable_and_without_resolution() -> None:
    parts = brier_parts([0, 0, 0, 1], [0.25] * 4)

    assert (parts.reliability, parts.resolution, parts.score) == pytest.approx((0, 0, parts.uncertainty))


def test_bins_hold_every_row_once() -> None:
    bins = reliability_bins(OUTCOME, PROBABILITY)

    assert sum(each.count for each in bins) == len(OUTCOME)


def test_a_probability_on_an_edge_belongs_to_the_upper_bin() -> None:
    assert [each.low for each in reliability_bins([0, 1], [0.25, 0.5], bins=2)] == [0.25, 0.5]


def test_quantile_bins_are_about_equally_full() -> None:
    counts = [each.count for each in reliability_bins(OUTCOME, PROBABILITY, 4, "quantile")]

    assert counts == [20, 20, 20, 20]


def test_calibrated_forecasts_lie_near_the_diagonal() -> None:
    probability = np.random.default_rng(8).uniform(size=20_000)
    outcome = np.random.default_rng(9).uniform(size=20_000) < probability

    assert brier_parts(outcome, probability).calibration_error < 0.02


@pytest.mark.parametrize(
    ("n", "test_rows", "repeats", "smallest", "expected"),
    [
        (199, 39.8, 1, 90, [APPROXIMATE]),
        (500, 50, 1, 99, [APPROXIMATE]),
        (500, 50, 1, 100, []),
        (500, 50, 3, None, [REPEATS]),
        # Half of the rows held out: of 260 rare ones 130 are tested, though there is a single fold.
        (11_183, 5_592, 1, 260, []),
        # A tenth held out once: of 60 rare ones about 6 are tested.
        (1_000, 100, 1, 60, [APPROXIMATE]),
        # A fifth of 50 is 10, though 50 · 128.2 / 641 falls short of it by its last bit.
        (641, 128.2, 1, 50, []),
    ],
)
def test_cautions_that_apply(
    n: int, test_rows: float, repeats: int, smallest: int | None, expected: list[str]
) -> None:
    assert interval_cautions(n, test_rows, repeats, smallest) == expected


def test_the_procedure_is_that_of_the_mean_training_part() -> None:
    assert "at 67 examples" in procedure_caution(np.mean([50, 67, 84]))
