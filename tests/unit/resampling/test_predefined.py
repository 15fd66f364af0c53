from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import PredefinedSplit

from harness.data import from_arrays
from harness.data.cards import EvaluationProtocol
from harness.errors import ResamplingError
from harness.plan import Plan, make_plan
from harness.resampling import predefined_inner_split, predefined_splits
from harness.settings import Settings

PARTS = np.repeat(["train", "val", "test", "train"], 5)


def test_the_split_is_scikit_learns() -> None:
    ((train, test),) = PredefinedSplit(np.where(PARTS == "test", 0, -1)).split()
    (split,) = predefined_splits(PARTS)
    np.testing.assert_array_equal(split.train, train)
    np.testing.assert_array_equal(split.test, test)


def test_the_validation_part_is_cut_from_the_training_rows() -> None:
    (split,) = predefined_splits(PARTS)
    fit, val = predefined_inner_split(split.train, PARTS)
    assert (fit.tolist(), val.tolist()) == ([0, 1, 2, 3, 4, 15, 16, 17, 18, 19], [5, 6, 7, 8, 9])


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        (None, "come without a split of their own"),
        (np.array(["train", "dev", "test"]), "Received: 'dev'"),
        (np.array(["train", "train"]), "2 training and 0 test rows"),
        (np.array(["test", "test"]), "0 training and 2 test rows"),
    ],
)
def test_what_is_no_split_is_refused(parts: Any, reason: str) -> None:
    with pytest.raises(ResamplingError, match=reason):
        predefined_splits(parts)


def _plan(parts: Any = PARTS, **settings: Any) -> Plan:
    data = from_arrays(np.random.default_rng(0).normal(size=(20, 3)), np.tile(["a", "b"], 10))
    given = {"cv": "predefined", **settings}
    return make_plan("sonar_baseline", settings=Settings(dataset=replace(data, parts=parts), **given))


def test_an_evaluation_has_one_fold() -> None:
    plan = _plan()
    assert (plan.splits.scheme, plan.splits.folds, plan.splits.repeats) == ("predefined", 1, 1)
    assert plan.inner_val == 0


def test_callbacks_watch_the_datas_own_validation_part() -> None:
    plan = _plan(early_stopping=3)
    assert plan.has_validation_part
    assert "Callbacks watch the data's own validation part, never the test rows." in plan.notes


@pytest.mark.parametrize(
    ("settings", "parts"),
    [({"inner_val": 0.4}, PARTS), ({}, np.where(PARTS == "val", "train", PARTS)), ({"cv": "stratified"}, PARTS)],
)
def test_they_watch_a_share_where_there_is_none_or_one_is_asked_for(settings: Any, parts: Any) -> None:
    assert not _plan(parts, early_stopping=3, folds=None, **settings).has_validation_part


@pytest.mark.parametrize("settings", [{"folds": 5}, {"repeats": 2}, {"test_size": 0.2}, {"groups": "duplicates"}])
def test_other_settings_of_splits_are_refused(settings: Any) -> None:
    with pytest.raises(ResamplingError, match=f"no room for {next(iter(settings))}; name another scheme"):
        _plan(**settings)


def test_a_card_may_ask_for_it() -> None:
    assert EvaluationProtocol(cv="predefined", metrics="accuracy").folds is None
    with pytest.raises(ValueError, match="folds belongs to the k-fold schemes"):
        EvaluationProtocol(cv="predefined", folds=5, metrics="accuracy")
