"""Every splitting scheme: what all of them promise, and what each one is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import model_selection as ms

from harness.errors import ResamplingError
from harness.resampling import SCHEMES, Resampling, Splits

N = 48
LABELS = np.tile(["a", "a", "b"], N // 3)
NUMBERS = np.random.default_rng(0).normal(size=N)
GROUPS = np.array([f"g{i}" for i in np.repeat(np.arange(12), 4)])
GROUPED = ("group", "stratified_group")
ONCE = ("holdout", "leave_one_out")
REPEATABLE = [scheme for scheme in SCHEMES if scheme != "leave_one_out"]
SHA = "0" * 64


def _split(scheme: str, seed: int = 3, grouped: bool | None = None, **settings: Any) -> Splits:
    groups = GROUPS if (scheme in GROUPED if grouped is None else grouped) else None
    return Resampling(scheme, folds=4, seed=seed, **settings).split(LABELS, "multiclass", groups)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_row_is_on_both_sides(scheme: str) -> None:
    assert not any(np.intersect1d(split.train, split.test).size for split in _split(scheme))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_row_is_on_one_side(scheme: str) -> None:
    for split in _split(scheme):
        assert sorted([*split.train, *split.test]) == list(range(N))


@pytest.mark.parametrize("repeat", [0, 1, 2])
@pytest.mark.parametrize("scheme", [scheme for scheme in SCHEMES if scheme not in ONCE])
def test_the_test_parts_of_a_repeat_cover_every_row_once(scheme: str, repeat: int) -> None:
    tests = [split.test for split in _split(scheme, repeats=3) if split.repeat == repeat]
    assert sorted(np.concatenate(tests)) == list(range(N))


@pytest.mark.parametrize("scheme", REPEATABLE)
def test_repeats_differ(scheme: str) -> None:
    splits = _split(scheme, repeats=3)
    tests = {repeat: [tuple(split.test) for split in splits if split.repeat == repeat] for repeat in range(3)}
    assert (splits.repeats, len(set(map(tuple, tests.values())))) == (3, 3)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_folds_are_numbered_in_order(scheme: str) -> None:
    splits = _split(scheme)
    assert [(split.repeat, split.fold) for split in splits] == [(0, i) for i in range(splits.folds)]


@pytest.mark.parametrize("scheme", REPEATABLE)
def test_another_seed_splits_otherwise(scheme: str) -> None:
    assert _split(scheme).fingerprint(SHA) != _split(scheme, seed=4).fingerprint(SHA)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_same_seed_splits_the_same(scheme: str) -> None:
    assert _split(scheme).fingerprint(SHA) == _split(scheme).fingerprint(SHA)


@pytest.mark.parametrize("scheme", [*GROUPED, "holdout"])
def test_a_group_is_never_divided(scheme: str) -> None:
    for split in _split(scheme, grouped=True, repeats=3):
        assert not set(GROUPS[split.train]) & set(GROUPS[split.test])


@pytest.mark.parametrize("scheme", ["stratified", "stratified_group", "holdout"])
def test_classes_keep_their_proportion(scheme: str) -> None:
    for split in _split(scheme):
        assert np.mean(LABELS[split.test] == "b") == pytest.approx(1 / 3, abs=0.07)


@pytest.mark.parametrize("scheme", [scheme for scheme in SCHEMES if scheme not in (*GROUPED, "holdout")])
def test_a_scheme_that_would_divide_groups_refuses_them(scheme: str) -> None:
    with pytest.raises(ResamplingError, match="would split groups"):
        _split(scheme, grouped=True)


@pytest.mark.parametrize("scheme", GROUPED)
def test_a_grouped_scheme_needs_groups(scheme: str) -> None:
    with pytest.raises(ResamplingError, match="needs groups"):
        _split(scheme, grouped=False)


@pytest.mark.parametrize("scheme", [scheme for scheme in SCHEMES if scheme not in GROUPED])
def test_regression_is_split_by_every_scheme(scheme: str) -> None:
    assert len(Resampling(scheme, folds=4).split(NUMBERS, "regression")) >= 1


def _oracles() -> Iterator[tuple[str, dict[str, Any], Any]]:
    yield "kfold", {}, ms.KFold(4, shuffle=True, random_state=3)
    yield "kfold", {"shuffle": False}, ms.KFold(4)
    yield "kfold", {"repeats": 3}, ms.RepeatedKFold(n_splits=4, n_repeats=3, random_state=3)
    yield "stratified", {}, ms.StratifiedKFold(4, shuffle=True, random_state=3)
    yield "stratified", {"shuffle": False}, ms.StratifiedKFold(4)
    yield "stratified", {"repeats": 3}, ms.RepeatedStratifiedKFold(n_splits=4, n_repeats=3, random_state=3)
    yield "stratified_group", {}, ms.StratifiedGroupKFold(4, shuffle=True, random_state=3)
    yield "group", {}, ms.GroupKFold(4, shuffle=True, random_state=3)
    yield "group", {"shuffle": False}, ms.GroupKFold(4)
    yield "leave_one_out", {}, ms.LeaveOneOut()
    yield "holdout", {"test_size": 0.25}, ms.StratifiedShuffleSplit(n_splits=1, test_size=0.25, random_state=3)


@pytest.mark.parametrize(("scheme", "asked", "oracle"), list(_oracles()))
def test_the_splits_are_scikit_learns(scheme: str, asked: dict[str, Any], oracle: Any) -> None:
    ours = _split(scheme, **asked)
    theirs = list(oracle.split(np.zeros((N, 1)), LABELS, GROUPS if scheme in GROUPED else None))
    assert len(ours) == len(theirs)
    for split, (train, test) in zip(ours, theirs, strict=True):
        assert (split.train.tolist(), split.test.tolist()) == (train.tolist(), test.tolist())


@settings(max_examples=40, deadline=None)
@given(st.integers(20, 90), st.integers(2, 5), st.integers(1, 3), st.integers(0, 2**31))
def test_stratified_folds_are_as_even_as_can_be(n: int, folds: int, repeats: int, seed: int) -> None:
    y = np.arange(n) % 2
    for split in Resampling("stratified", folds, repeats, seed=seed).split(y, "binary"):
        for label in (0, 1):
            share = np.sum(y == label) / folds
            assert abs(np.sum(y[split.test] == label) - share) < 1


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 9), min_size=20, max_size=60),
    st.integers(0, 2**31),
    st.sampled_from(["group", "holdout"]),
)
def test_groups_of_any_sizes_stay_whole(numbers: list[int], seed: int, scheme: str) -> None:
    groups = np.array(numbers)
    y = np.zeros(len(groups))
    if len(np.unique(groups)) < 3:
        return
    for split in Resampling(scheme, folds=3, seed=seed).split(y, "regression", groups):
        assert not np.intersect1d(groups[split.train], groups[split.test]).size
