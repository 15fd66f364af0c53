from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import auc, f1_score, make_scorer, precision_recall_curve, precision_score

from harness.metrics import METRICS, Metric, Predictions, resolve_metrics


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
    # scikit-learn's own example.
    truth, positive = [0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]
    precision, recall, _ = precision_recall_curve(truth, positive)
    assert METRICS["average_precision"].score(_binary(truth, positive)) == pytest.approx(0.8333, abs=5e-5)
    assert auc(recall, precision) == pytest.approx(0.7917, abs=5e-5)


def test_constant_predictions_have_no_correlation() -> None:
    assert METRICS["mcc"].score(_binary([0, 1, 1], [0.9, 0.9, 0.9])) == 0


def test_a_sure_and_wrong_prediction_costs_finitely_much() -> None:
    assert METRICS["log_loss"].score(_binary([1], [0.0])) == pytest.approx(-np.log(np.finfo(np.float64).eps))


def test_balanced_accuracy_is_over_the_classes_that_are_there() -> None:
    values = np.eye(3)[[0, 1, 0]]
    predictions = Predictions("multiclass", np.array([0, 1, 1]), values, ("a", "b", "c"))
    assert METRICS["balanced_accuracy"].score(predictions) == 0.75


@pytest.mark.parametrize(
    ("name", "truth", "positive"),
    [
        # Rows of one class: scikit-learn gives 1 or 0, and warns.
        ("balanced_accuracy", [1, 1], [0.9, 0.9]),
        ("recall", [0, 0], [0.1, 0.1]),
        ("f1", [0, 0], [0.1, 0.9]),
        # Nothing called positive: 0 of 0 were right.
        ("precision", [0, 1], [0.1, 0.1]),
    ],
)
def test_a_score_that_is_not_defined_is_none(name: str, truth: list[int], positive: list[float]) -> None:
    assert np.isnan(METRICS[name].score(_binary(truth, positive)))


@pytest.mark.parametrize("name", ["precision", "recall", "f1"])
def test_a_class_that_is_not_there_leaves_no_mean_over_classes(name: str) -> None:
    values = np.eye(3)[[0, 1, 1]]
    assert np.isnan(METRICS[name].score(Predictions("multiclass", np.array([0, 1, 1]), values, ("a", "b", "c"))))


def test_f1_of_positives_that_are_all_missed_is_0() -> None:
    assert METRICS["f1"].score(_binary([0, 1], [0.1, 0.1])) == 0


@pytest.mark.parametrize("asked", ["precision_macro", {"mine": precision_score}, make_scorer(precision_score)])
def test_what_scikit_learn_puts_0_for_is_undefined(asked: object) -> None:
    (metric,) = resolve_metrics(asked, "binary", ["y"])  # type: ignore[arg-type]
    predictions = Predictions("binary", np.array([0, 1]), np.array([[0.9, 0.1], [0.9, 0.1]]), (0, 1))
    assert np.isnan(metric.score(predictions))


@pytest.mark.parametrize(
    ("truth", "positive", "constant"),
    [
        ([0, 1], [0.1, 0.2], True),
        ([0, 1], [0.1, 0.9], False),
        ([1, 1], [0.9, 0.9], False),
    ],
)
def test_predictions_of_one_class_are_constant(truth: list[int], positive: list[float], constant: bool) -> None:
    assert _binary(truth, positive).is_constant is constant


@pytest.mark.parametrize("asked", ["f1", "f1_macro", "f1_weighted", {"mine": f1_score}, make_scorer(f1_score)])
def test_f1_pools_the_labels_of_folds(asked: object) -> None:
    (metric,) = resolve_metrics(asked, "binary", ["y"])  # type: ignore[arg-type]
    folds = [
        Predictions("binary", np.array(truth), np.column_stack([1 - np.array(p), p]), (0, 1), threshold)
        for truth, p, threshold in (
            ([0, 1, 1, 1], [0.1, 0.9, 0.4, 0.8], None),
            ([0, 0, 0, 1], [0.1, 0.4, 0.6, 0.7], 0.3),
        )
    ]
    truth, said = [0, 1, 1, 1, 0, 0, 0, 1], [0, 1, 0, 1, 0, 1, 1, 1]
    average = asked[3:] if isinstance(asked, str) and "_" in asked else "binary"
    assert metric.pools
    assert metric.pooled_score(folds) == pytest.approx(f1_score(truth, said, average=average))
    assert metric.pooled_score(folds) != pytest.approx(np.mean([metric.score(fold) for fold in folds]))


@pytest.mark.parametrize("asked", ["accuracy", "precision", "roc_auc", make_scorer(precision_score)])
def test_other_metrics_do_not_pool(asked: object) -> None:
    assert not resolve_metrics(asked, "binary", ["y"])[0].pools  # type: ignore[arg-type]


def test_r2_of_one_row_is_undefined() -> None:
    assert np.isnan(METRICS["r2"].score(Predictions("regression", np.zeros((1, 1)), np.zeros((1, 1)))))


def test_other_errors_than_refusals_are_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        Metric("odd", lambda p: 1 / 0).score(_binary([0, 1], [0.1, 0.9]))
