from __future__ import annotations

import numpy as np
import pytest

from harness.metrics import METRICS, Metric, Predictions


def _binary(truth: list[int], positive: list[float]) -> Predictions:
    values = np.array(positive)
    return Predictions("binary", np.array(truth), np.column_stack([1 - values, values]), ("M", "R"))


def test_a_tie_of_two_is_the_negative_class() -> None:
    assert _binary([0, 1], [0.5, 0.500001]).codes.tolist() == [0, 1]


@pytest.mark.parametrize(("truth", "complete"), [([0, 1], True), ([1, 1], False)])
def test_a_fold_may_lack_a_class(truth: list[int], complete: bool) -> None:
    assert _binary(truth, [0.1, 0.9]).has_all_classes is complete


@pytest.mark.parametrize("name", ["roc_auc", "average_precision", "mcc"])
def test_a_ranking_of_one_class_is_undefined(name: str) -> None:
    assert np.isnan(METRICS[name].score(_binary([1, 1], [0.1, 0.9])))


def test_average_precision_is_no_trapezoid() -> None:
    # scikit-learn's own example; the trapezoid gives 0.7917.
    predictions = _binary([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    assert METRICS["average_precision"].score(predictions) == pytest.approx(0.8333, abs=1e-4)


def test_constant_predictions_have_no_correlation() -> None:
    assert METRICS["mcc"].score(_binary([0, 1, 1], [0.9, 0.9, 0.9])) == 0


def test_a_sure_and_wrong_prediction_costs_finitely_much() -> None:
    assert METRICS["log_loss"].score(_binary([1], [0.0])) == pytest.approx(-np.log(np.finfo(np.float64).eps))


def test_balanced_accuracy_is_over_the_classes_that_are_there() -> None:
    assert METRICS["balanced_accuracy"].score(_binary([1, 1], [0.9, 0.1])) == 0.5


def test_r2_of_one_row_is_undefined() -> None:
    assert np.isnan(METRICS["r2"].score(Predictions("regression", np.zeros((1, 1)), np.zeros((1, 1)))))


def test_other_errors_than_refusals_are_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        Metric("odd", lambda p: 1 / 0).score(_binary([0, 1], [0.1, 0.9]))
