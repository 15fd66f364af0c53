from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import f1_score, make_scorer

from harness.errors import UnknownNameError, UsageError
from harness.metrics import METRICS, Metric, Predictions, check_metric, default_metrics, resolve_metrics

SURE = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]])
PREDICTIONS = Predictions("binary", np.array([0, 1, 0]), SURE, ("no", "yes"))


def _agreement(truth: Any, predicted: Any) -> float:
    return float(np.mean(truth == predicted))


def _names(metrics: Any, task: Any = "binary", targets: tuple[str, ...] = ("y",)) -> list[str]:
    return [metric.name for metric in resolve_metrics(metrics, task, targets)]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("accuracy, f1 ,", ["accuracy", "f1"]),
        (["accuracy", "accuracy"], ["accuracy"]),
        (_agreement, ["_agreement"]),
        ([_agreement, "mcc"], ["_agreement", "mcc"]),
        ({"same": _agreement}, ["same"]),
        (METRICS["mcc"], ["mcc"]),
        ("jaccard", ["jaccard"]),
    ],
)
def test_metrics_may_be_asked_for_in_many_ways(asked: Any, names: list[str]) -> None:
    assert _names(asked) == names


def test_per_output_metrics_come_in_the_order_of_targets() -> None:
    assert _names("mae_per_output", "regression", ("u", "v")) == ["mae[u]", "mae[v]"]


def test_the_name_of_a_per_output_metric_is_understood_again() -> None:
    assert _names(["rmse[v]"], "regression", ("u", "v")) == ["rmse[v]"]


@pytest.mark.parametrize("name", ["acuracy", "mae[w]", "nothing_like_it"])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(UnknownNameError, match="Unknown metric"):
        _names([name], "regression" if "[" in name else "binary")


def test_two_functions_of_one_name_are_refused() -> None:
    with pytest.raises(UsageError, match=r"Two metrics are named '<lambda>'"):
        resolve_metrics([lambda t, p: 0.0, lambda t, p: 1.0], "binary", ["y"])


@pytest.mark.parametrize("nothing", ["", [], {}])
def test_no_metric_at_all_is_refused(nothing: Any) -> None:
    with pytest.raises(UsageError, match="At least one metric"):
        resolve_metrics(nothing, "binary", ["y"])


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_default_metrics_are_of_the_task(task: Any) -> None:
    assert _names(default_metrics(task), task) == list(default_metrics(task))


def test_a_function_sees_original_labels() -> None:
    seen: dict[str, Any] = {}
    (metric,) = resolve_metrics({"m": lambda truth, said: seen.update(t=truth, p=said) or 0.0}, "binary", ["y"])
    metric.score(PREDICTIONS)
    assert (seen["t"].tolist(), seen["p"].tolist()) == (["no", "yes", "no"], ["no", "yes", "yes"])


def test_a_function_sees_one_target_without_a_second_axis() -> None:
    shapes: list[Any] = []

    def look(truth: Any, said: Any) -> float:
        shapes.append((truth.shape, said.shape))
        return 0.0

    (metric,) = resolve_metrics({"m": look}, "regression", ["y"])
    metric.score(Predictions("regression", np.zeros((3, 1)), np.zeros((3, 1))))
    assert shapes == [((3,), (3,))]


@pytest.mark.parametrize(("positive", "score"), [("yes", 2 / 3), ("no", 2 / 3)])
def test_a_scorer_may_name_a_positive_label(positive: str, score: float) -> None:
    (metric,) = resolve_metrics({"f": make_scorer(f1_score, pos_label=positive)}, "binary", ["y"])
    assert metric.score(PREDICTIONS) == pytest.approx(score)


def test_a_scorer_that_needs_probabilities_gets_them() -> None:
    def first_row(truth: Any, probability: Any) -> float:
        return float(probability[0])

    scorer = make_scorer(first_row, response_method="predict_proba")
    (metric,) = resolve_metrics({"p": scorer}, "binary", ["y"])
    assert metric.score(PREDICTIONS) == pytest.approx(0.1)


def test_a_metric_that_refuses_rows_of_one_class_is_undefined_on_them() -> None:
    (metric,) = resolve_metrics("neg_log_loss", "binary", ["y"])
    assert np.isnan(metric.score(Predictions("binary", np.array([1]), SURE[1:2], ("no", "yes"))))


@pytest.mark.parametrize(
    ("metric", "custom"),
    [
        ("accuracy", False),
        ("f1_macro", False),
        (METRICS["f1"], False),
        (_agreement, True),
        (make_scorer(f1_score), True),
    ],
)
def test_only_a_callers_own_metric_is_custom(metric: Any, custom: bool) -> None:
    assert resolve_metrics([metric], "binary", ["y"])[0].custom is custom


@pytest.mark.parametrize("function", [lambda p: 1 / 0, lambda p: [1.0, 2.0], lambda p: float("x")])
def test_a_metric_that_cannot_be_computed_is_found_before_training(function: Any) -> None:
    with pytest.raises(UsageError, match=r"^The metric 'odd' cannot be computed on this data: \w+: .+$"):
        check_metric(Metric("odd", function), "binary", np.array([0, 1]), ("no", "yes"))


def test_a_scorer_that_says_nothing_of_this_data_is_found_before_training() -> None:
    (metric,) = resolve_metrics("top_k_accuracy", "binary", ["y"])  # the best two of two classes
    with pytest.raises(UsageError, match=r"'top_k_accuracy' cannot be computed on this data: .*meaningless"):
        check_metric(metric, "binary", np.array([0, 1]), ("no", "yes"))


@pytest.mark.parametrize(("task", "truth"), [("multiclass", np.arange(3)), ("regression", np.ones((4, 2)))])
def test_a_sound_metric_passes_the_check(task: Any, truth: Any) -> None:
    classes = ("a", "b", "c") if task == "multiclass" else ()
    for name in default_metrics(task):
        check_metric(METRICS[name], task, truth, classes)


def test_a_metric_named_anew_goes_by_that_name() -> None:
    (metric,) = resolve_metrics({"mine": "f1_macro"}, "binary", ["label"])
    assert metric.name == "mine"
