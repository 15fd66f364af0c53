"""Nothing with a memory is shared between the layers of a model, or between models."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from zoo import _parts


def test_two_classes_get_a_sigmoid_unit() -> None:
    assert _parts.classifier_head(2) == (1, "sigmoid", "binary_crossentropy")


def test_more_classes_get_a_softmax() -> None:
    assert _parts.classifier_head(4) == (4, "softmax", "sparse_categorical_crossentropy")


def test_initializer_object_draws_other_numbers_each_time() -> None:
    shared = keras.initializers.RandomNormal(stddev=0.1)
    first, second = (np.asarray(_parts.fresh_initializer(shared)((3, 3))) for _ in range(2))
    assert not np.array_equal(first, second)


def test_initializer_object_keeps_its_settings() -> None:
    assert _parts.fresh_initializer(keras.initializers.RandomNormal(stddev=0.1)).stddev == 0.1


def test_initializer_with_a_seed_draws_the_same_numbers() -> None:
    seeded = keras.initializers.RandomNormal(seed=1)
    first, second = (np.asarray(_parts.fresh_initializer(seeded)((3, 3))) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_initializer_function_is_taken_as_it_is() -> None:
    def function(shape: tuple[int, ...], dtype: str | None = None) -> np.ndarray:
        return np.ones(shape, dtype)

    assert _parts.fresh_initializer(function) is function


def test_unknown_initializer_is_refused() -> None:
    with pytest.raises(ValueError, match="no_such"):
        _parts.fresh_initializer("no_such")


def test_optimizer_is_new_each_time() -> None:
    assert _parts.fresh_optimizer("adam", 0.1) is not _parts.fresh_optimizer("adam", 0.1)


@pytest.mark.parametrize("name", ["adam", "Adam", "rmsprop", "SGD"])
def test_optimizer_is_found_by_name(name: str) -> None:
    assert type(_parts.fresh_optimizer(name, 0.1)).__name__.lower() == name.lower()


def test_optimizer_object_is_refused() -> None:
    with pytest.raises(ValueError, match=r"`optimizer` must be a name .* Received: optimizer="):
        _parts.fresh_optimizer(keras.optimizers.Adam(), 0.1)


def test_unknown_optimizer_is_refused() -> None:
    with pytest.raises(ValueError, match="no_such"):
        _parts.fresh_optimizer("no_such", 0.1)


@pytest.mark.parametrize("metrics", ["mae", ("mae",), ["mae"]], ids=repr)
def test_one_metric_or_several_are_listed(metrics: str | tuple[str, ...] | list[str]) -> None:
    assert _parts.as_metrics(metrics) == ["mae"]
