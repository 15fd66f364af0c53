from __future__ import annotations

import itertools

import numpy as np
import pytest

from harness.seeds import FoldKey, FoldSeeds, grouping_seed

STREAMS = ["initial_state", "inner_split", "transformers"]
KEYS = [FoldKey(0, 0), FoldKey(0, 1), FoldKey(1, 0), FoldKey(1, 1)]


@pytest.mark.parametrize("stream", STREAMS)
def test_a_stream_depends_on_root_and_key_alone(stream: str) -> None:
    assert getattr(FoldSeeds(7, FoldKey(1, 2)), stream) == getattr(FoldSeeds(7, FoldKey(1, 2)), stream)


@pytest.mark.parametrize("stream", STREAMS)
def test_every_fold_has_another_stream(stream: str) -> None:
    assert len({getattr(FoldSeeds(7, key), stream) for key in KEYS}) == len(KEYS)


@pytest.mark.parametrize("stream", STREAMS)
def test_another_root_gives_another_stream(stream: str) -> None:
    assert getattr(FoldSeeds(7, FoldKey(0, 0)), stream) != getattr(FoldSeeds(8, FoldKey(0, 0)), stream)


def test_streams_of_one_fold_differ_from_each_other() -> None:
    seeds = FoldSeeds(7, FoldKey(0, 0))
    assert len({getattr(seeds, stream) for stream in STREAMS}) == len(STREAMS)


def test_initial_state_is_the_one_of_numpy_with_an_explicit_spawn_key() -> None:
    sequence = np.random.SeedSequence(7, spawn_key=(1, 2, 0, 3))
    assert FoldSeeds(7, FoldKey(1, 2, 3)).initial_state == sequence.generate_state(1)[0]


def test_initial_state_depends_on_the_seed_trained_on_the_fold() -> None:
    assert FoldSeeds(7, FoldKey(0, 0, 0)).initial_state != FoldSeeds(7, FoldKey(0, 0, 1)).initial_state


@pytest.mark.parametrize("stream", ["inner_split", "transformers"])
def test_what_is_shared_by_the_seeds_of_a_fold_is_equal(stream: str) -> None:
    assert getattr(FoldSeeds(7, FoldKey(0, 0, 0)), stream) == getattr(FoldSeeds(7, FoldKey(0, 0, 5)), stream)


def test_batch_order_is_a_permutation() -> None:
    assert sorted(next(FoldSeeds(1, FoldKey(0, 0)).batch_orders(50))) == list(range(50))


def test_batch_order_is_new_in_each_epoch() -> None:
    orders = {tuple(order) for order in itertools.islice(FoldSeeds(1, FoldKey(0, 0)).batch_orders(20), 10)}
    assert len(orders) == 10


def test_grouping_seed_differs_between_repeats() -> None:
    assert len({grouping_seed(3, repeat) for repeat in range(5)}) == 5


@pytest.mark.parametrize(
    ("key", "text"), [(FoldKey(1, 2), "repeat 1 fold 2"), (FoldKey(0, 3, 1), "repeat 0 fold 3 seed 1")]
)
def test_a_key_reads_as_text(key: FoldKey, text: str) -> None:
    assert str(key) == text
