from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from harness.data import from_arrays
from harness.data.group_column import take_group_column
from harness.errors import UnknownNameError
from harness.plan import make_plan
from harness.settings import Settings

Y = np.tile(["a", "b"], 15)
NUMBERS = pd.DataFrame({"width": np.arange(30.0), "patient": np.repeat([7.0, 8.0, 9.0], 10), "height": 1.0})
TEXT = NUMBERS.assign(patient=np.repeat(["p", "q", "r"], 10), colour=np.tile(["red", "blue", "red"], 10))


@pytest.mark.parametrize("frame", [NUMBERS, TEXT])
def test_the_column_is_no_feature_any_more(frame: pd.DataFrame) -> None:
    data = take_group_column(from_arrays(frame, Y), "patient")
    plain = from_arrays(frame.drop(columns="patient"), Y)
    assert (data.feature_names, data.sha256) == (plain.feature_names, plain.sha256)
    assert data.groups is not None
    assert data.groups.tolist() == np.repeat([0, 1, 2], 10).tolist()


@pytest.mark.parametrize("frame", [NUMBERS, TEXT])
def test_nor_is_it_in_an_evaluation(frame: pd.DataFrame) -> None:
    plan = make_plan("sonar_baseline", settings=Settings(dataset=from_arrays(frame, Y), groups="patient", folds=3))
    assert "patient" not in plan.dataset.feature_names
    assert plan.dataset.X.shape[1] == len(plan.dataset.feature_names) == frame.shape[1] - 1
    assert plan.groups is not None
    for split in plan.splits:
        assert not set(plan.groups[split.train]) & set(plan.groups[split.test])


def test_an_unknown_column_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown group column 'patint'. Did you mean 'patient'\?"):
        take_group_column(from_arrays(NUMBERS, Y), "patint")
