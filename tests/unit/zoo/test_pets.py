"""The network for pets is the source's, weight by weight."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from zoo.pets import pets_cnn

SMALL = (32, 32, 3)


def test_weights_are_as_many_as_in_the_source() -> None:
    assert pets_cnn().count_params() == 102_827_554


def test_layers_are_those_of_the_source() -> None:
    assert [layer.name for layer in pets_cnn(SMALL).layers] == [
        "pixels", "block1_conv1", "block1_conv2", "block1_pool", "block1_dropout",
        "block2_conv1", "block2_conv2", "block2_pool", "block2_dropout",
        "flatten", "hidden", "dropout", "output",
    ]  # fmt: skip


def test_most_units_are_dropped() -> None:
    rates = [layer.rate for layer in pets_cnn(SMALL).layers if isinstance(layer, keras.layers.Dropout)]
    assert rates == [0.8, 0.8, 0.5]


def test_rates_are_arguments() -> None:
    layers = pets_cnn(SMALL, conv_dropout=0, dense_dropout=0.25).layers
    assert [layer.rate for layer in layers if isinstance(layer, keras.layers.Dropout)] == [0, 0, 0.25]


def test_weights_begin_truncated_normal() -> None:
    keras.utils.set_random_seed(0)
    kernel = pets_cnn(SMALL).get_layer("hidden").kernel.numpy()
    # A normal distribution cut at two standard deviations has 0.8796 of the standard deviation.
    assert kernel.std() == pytest.approx(0.08796, rel=0.01)
    assert np.abs(kernel).max() <= 0.2


@pytest.mark.parametrize(
    ("layer", "value"), [("block1_conv1", 0), ("block2_conv2", 0), ("hidden", 1), ("output", 0)]
)
def test_biases_begin_as_in_the_source(layer: str, value: float) -> None:
    np.testing.assert_array_equal(pets_cnn(SMALL).get_layer(layer).bias, value)


def test_layers_do_not_begin_alike() -> None:
    first, second = (pets_cnn(SMALL, filters=(3, 3)).get_layer(f"block1_conv{n}").kernel for n in (1, 2))
    assert not np.array_equal(first, second)


def test_optimizer_is_adam_at_a_small_rate() -> None:
    optimizer = pets_cnn(SMALL).optimizer
    assert isinstance(optimizer, keras.optimizers.Adam)
    assert float(optimizer.learning_rate) == pytest.approx(1e-5)


@pytest.mark.parametrize(
    "arguments",
    [{"conv_dropout": 1}, {"dense_dropout": -0.1}, {"units": 0}, {"filters": ()}, {"stddev": 0}],
    ids=str,
)
def test_bad_argument_is_named(arguments: dict[str, Any]) -> None:
    (name,) = arguments
    with pytest.raises(ValueError, match=rf"`{name}` must be|`units` must be"):
        pets_cnn(SMALL, **arguments)
