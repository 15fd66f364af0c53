from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.errors import ResamplingError
from harness.resampling import inner_split

ROWS = np.arange(10, 70)
Y = np.repeat(["a", "b"], [45, 35])
GROUPS = np.arange(80) // 4


def _inner(**changes: Any) -> tuple[Any, Any]:
    asked: dict[str, Any] = {"y": Y, "task": "binary", "groups": None, "share": 0.2, "seed": 0, **changes}
    return inner_split(asked.pop("rows", ROWS), **asked)


@pytest.mark.parametrize("groups", [None, GROUPS, GROUPS.astype(str)], ids=["plain", "numbers", "text"])
def test_the_two_parts_are_the_training_rows(groups: Any) -> None:
    fit, val = _inner(groups=groups)
    assert sorted([*fit, *val]) == ROWS.tolist()


@pytest.mark.parametrize("share", [0.1, 0.2, 0.5])
def test_the_share_is_kept(share: float) -> None:
    assert len(_inner(share=share)[1]) == pytest.approx(share * len(ROWS), abs=1)


def test_classes_keep_their_proportion_though_rows_are_sorted() -> None:
    fit, val = _inner()
    assert np.mean(Y[val] == "a") == pytest.approx(np.mean(Y[fit] == "a"), abs=0.05)


def test_a_group_is_never_divided() -> None:
    fit, val = _inner(groups=GROUPS)
    assert not set(GROUPS[fit]) & set(GROUPS[val])


def test_labels_of_other_rows_are_not_looked_at() -> None:
    poisoned = Y.copy()
    poisoned[:10] = "b"
    poisoned[70:] = "a"
    assert _inner()[1].tolist() == _inner(y=poisoned)[1].tolist()


def test_the_seed_decides() -> None:
    assert _inner()[1].tolist() == _inner()[1].tolist() != _inner(seed=1)[1].tolist()


@pytest.mark.parametrize("n", [6, 15, 20, 30, 49, 200])
@pytest.mark.parametrize("share", [0.1, 0.2, 0.4])
@pytest.mark.parametrize("targets", [1, 3])
def test_a_regression_of_any_size_has_an_inner_part(n: int, share: float, targets: int) -> None:
    y = np.random.default_rng(0).normal(size=(n, targets))
    fit, val = _inner(rows=np.arange(n), y=y, task="regression", share=share)
    assert min(len(fit), len(val)) > 0


@pytest.mark.parametrize(
    "changes",
    [{"y": np.r_[["c"], Y[1:]], "rows": np.arange(20)}, {"groups": np.zeros(80)}, {"rows": np.array([3])}],
    ids=["one row of a class", "one group", "one row"],
)
def test_what_cannot_be_divided_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ResamplingError, match=r"No inner validation part of 0\.2 of \d+ rows: "):
        _inner(**changes)
