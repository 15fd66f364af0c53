from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold

from harness.data import from_arrays, load_dataset
from harness.errors import DataError, HarnessError, UnknownNameError, UsageError
from harness.plan import Plan, make_plan
from harness.settings import Settings

RNG = np.random.default_rng(0)
X = RNG.normal(size=(30, 3))
Y = np.tile(["a", "b"], 15)
NUMBERS = RNG.normal(size=30)
FRAME = pd.DataFrame(X, columns=["u", "v", "w"]).assign(patient=np.repeat(["p", "q", "r"], 10))


def _builder() -> None:
    """Never called: a plan builds no model."""


def _plan(X: Any = X, y: Any = Y, model: Any = _builder, **settings: Any) -> Plan:
    return make_plan(model, X, y, Settings(**{"epochs": 1, **settings}))


def _zoo(**settings: Any) -> Plan:
    return make_plan("sonar_dropout", settings=Settings(**settings))


def test_a_criterion_needs_an_inner_validation_part_and_gets_one() -> None:
    plan = _plan(threshold="f1")
    assert plan.inner_val == 0.2
    assert any("best by f1 on 20% of each fold's training rows, never on test rows" in note for note in plan.notes)


def test_a_criterion_without_an_inner_validation_part_is_refused() -> None:
    with pytest.raises(UsageError, match=r"threshold='f1' is chosen on an inner validation part.*inner_val=0"):
        _plan(threshold="f1", inner_val=0.0)


def test_a_number_needs_no_inner_validation_part() -> None:
    plan = _plan(threshold=0.3)
    assert plan.inner_val == 0
    assert "Rows are called 'b' from a probability of 0.3 on." in plan.notes


@pytest.mark.parametrize("y", [NUMBERS, np.tile(["a", "b", "c"], 10)], ids=["regression", "multiclass"])
def test_a_threshold_is_for_two_classes(y: Any) -> None:
    with pytest.raises(UsageError, match=r"threshold is for two classes. Received: threshold=0\.3"):
        _plan(y=y, threshold=0.3)


def test_what_is_left_open_is_the_cards_and_the_recipes() -> None:
    plan = _zoo()
    told = (plan.dataset.name, plan.splits.scheme, len(plan.splits), plan.seed, plan.epochs, plan.batch_size)
    assert told == ("sonar", "stratified", 10, 7, 300, 16)


@pytest.mark.parametrize(
    ("settings", "attribute", "value"),
    [({"epochs": 3}, "epochs", 3), ({"batch_size": 5}, "batch_size", 5), ({"seed": 1}, "seed", 1)],
)
def test_what_is_asked_for_comes_first(settings: Any, attribute: str, value: int) -> None:
    assert getattr(_zoo(**settings), attribute) == value


def test_a_model_without_a_recipe_needs_epochs() -> None:
    with pytest.raises(UsageError, match="'_builder' has no recipe; say how long to train it: epochs"):
        _plan(epochs=None)


def test_trainings_are_folds_times_seeds() -> None:
    assert _plan(folds=3, repeats=2, init_seeds=4).trainings == 24


@pytest.mark.parametrize(
    ("y", "groups", "scheme"),
    [
        (Y, None, "stratified"),
        (NUMBERS, None, "kfold"),
        (Y, np.arange(30) // 3, "stratified_group"),
        (NUMBERS, np.arange(30) // 3, "group"),
    ],
)
def test_the_scheme_suits_task_and_groups(y: Any, groups: Any, scheme: str) -> None:
    assert _plan(y=y, groups=groups, folds=3).splits.scheme == scheme


@pytest.mark.parametrize("cv", ["leave-one-out", "holdout"])
def test_a_scheme_without_repeats_drops_the_cards(cv: str) -> None:
    assert make_plan("multi_output_mlp", settings=Settings(cv=cv)).splits.repeats == 1


def test_a_splitter_is_taken_as_it_is() -> None:
    assert _plan(cv=KFold(3)).splits.scheme == "KFold"


def test_groups_named_by_a_column_are_no_feature() -> None:
    plan = _plan(X=FRAME, groups="patient", folds=3)
    assert plan.dataset.feature_names == ("u", "v", "w")
    assert plan.groups is not None
    assert set(plan.groups) == {"p", "q", "r"}


@pytest.mark.parametrize("groups", [np.repeat(["p", "q", "r"], 10), pd.Series(np.repeat([1, 2, 3], 10))])
def test_groups_of_any_type_are_kept_whole(groups: Any) -> None:
    for split in _plan(groups=groups, folds=3).splits:
        assert not set(np.asarray(groups)[split.train]) & set(np.asarray(groups)[split.test])


def test_duplicates_are_groups() -> None:
    doubled = np.repeat(X[:15], 2, axis=0)
    plan = _plan(X=doubled, groups="duplicates", folds=3)
    assert plan.groups is not None
    assert plan.groups.tolist() == np.repeat(np.arange(15), 2).tolist()


def test_asking_for_duplicates_comes_before_the_groups_of_the_data() -> None:
    dataset = from_arrays(np.repeat(X[:15], 2, axis=0), Y, groups=np.arange(30))
    plan = _plan(None, None, dataset=dataset, groups="duplicates", folds=3)
    assert plan.groups is not None
    assert len(set(plan.groups)) == 15


def test_groups_of_the_data_are_used() -> None:
    plan = _plan(None, None, dataset=from_arrays(X, Y, groups=np.repeat(["p", "q", "r"], 10)), folds=3)
    assert plan.splits.scheme == "stratified_group"


@pytest.mark.parametrize("groups", [np.arange(29), np.zeros((30, 2)), np.r_[np.nan, np.arange(29)]])
def test_groups_that_do_not_fit_the_rows_are_refused(groups: Any) -> None:
    with pytest.raises(DataError, match="group"):
        _plan(groups=groups)


def test_an_unknown_group_column_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="group column 'x99'"):
        _plan(None, None, dataset=from_arrays(X, Y), groups="x99")


@pytest.mark.parametrize(
    ("settings", "share"),
    [
        ({}, 0.0),
        ({"inner_val": 0.3}, 0.3),
        ({"early_stopping": 2}, 0.2),
        ({"checkpoint": "best"}, 0.2),
        ({"checkpoint": "last"}, 0.0),
        ({"early_stopping": 2, "inner_val": 0.4}, 0.4),
    ],
)
def test_an_inner_part_is_cut_where_something_watches_it(settings: Any, share: float) -> None:
    assert _plan(**settings).inner_val == share


def test_the_share_that_nobody_asked_for_is_said() -> None:
    assert any("20% of each fold's training rows" in note for note in _plan(early_stopping=2).notes)


def test_watching_without_an_inner_part_is_refused() -> None:
    with pytest.raises(UsageError, match="Received: inner_val=0"):
        _plan(early_stopping=2, inner_val=0)


@pytest.mark.parametrize(
    ("weight", "y", "message"),
    [
        ({"c": 2.0}, Y, "names 'c', which is no label of 'data'. Labels: 'a', 'b'"),
        ({"1": 2.0}, np.tile([0, 1], 15), "names '1', which is no label of 'data'. Labels: 0, 1"),
        ("balance", Y, "'balanced' or a mapping"),
        ("balanced", NUMBERS, "is for classification"),
    ],
)
def test_class_weights_that_suit_no_label_are_refused(weight: Any, y: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        _plan(y=y, class_weight=weight)


@pytest.mark.parametrize(
    ("y", "weight"), [(Y, {"a": 2.0}), (np.tile([0, 1], 15), {1: 3.0}), (Y == "a", {True: 2}), (Y, "balanced")]
)
def test_class_weights_by_original_labels_are_taken(y: Any, weight: Any) -> None:
    assert _plan(y=y, class_weight=weight).settings.class_weight == weight


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"metrics": {"odd": lambda truth: 0.0}}, "metric 'odd' cannot be computed on this data: TypeError"),
        ({"metrics": "mae"}, "'mae' is for regression"),
        ({"preprocessing": 3}, "Received: int"),
        ({"dataset": "sonar"}, "either X and y or a dataset. Received: both"),
        ({"cv": 5}, "Received: 5; a number of folds is passed as folds"),
    ],
)
def test_what_cannot_be_done_is_refused_before_training(settings: Any, message: str) -> None:
    with pytest.raises(HarnessError, match=message) as caught:
        _plan(**settings)
    assert "\n" not in str(caught.value)


def test_features_and_targets_go_together() -> None:
    with pytest.raises(UsageError, match="X and y go together"):
        _plan(y=None)


def test_a_model_without_a_data_set_needs_one() -> None:
    with pytest.raises(UsageError, match="'_builder' has no data set of its own"):
        _plan(None, None)


def test_a_model_of_another_task_is_refused() -> None:
    with pytest.raises(UsageError, match=r"'linear_regression' is a model for regression. Received: 'sonar'"):
        make_plan("linear_regression", settings=Settings(dataset="sonar"))


def test_the_models_preprocessing_is_the_default() -> None:
    assert [type(t).__name__ for t in make_plan("sonar_baseline").transformers] == ["StandardScaler"]


@pytest.mark.parametrize(("asked", "count"), [(None, 0), ("none", 0), ("minmax", 1)])
def test_preprocessing_can_be_changed(asked: Any, count: int) -> None:
    assert len(_zoo(preprocessing=asked).transformers) == count


def test_findings_of_the_audit_are_warnings() -> None:
    assert any(warning.startswith("duplicate") for warning in _plan(X=np.repeat(X[:15], 2, axis=0)).warnings)


def test_a_data_set_may_be_passed() -> None:
    sonar = load_dataset("sonar")
    assert _zoo(dataset=sonar).dataset is sonar


def test_a_recipes_advice_is_given_with_its_own_arguments_alone() -> None:
    advice = "The base starts from random weights"
    assert any(note.startswith(advice) for note in make_plan("vgg19_transfer").notes)
    pretrained = make_plan("vgg19_transfer", settings=Settings(arguments={"weights": "imagenet"}))
    assert not any(note.startswith(advice) for note in pretrained.notes)
