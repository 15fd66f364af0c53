"""The three sonar nets are the recipe's, layer by layer."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from zoo.sonar import sonar_baseline, sonar_dropout, sonar_dropout_hidden

DENSE = ["hidden_1", "hidden_2", "output"]


def layer_names(model: keras.Model) -> list[str]:
    return [layer.name for layer in model.layers[1:]]


def rates(model: keras.Model) -> set[float]:
    return {layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)}


def norm_bounds(model: keras.Model) -> list[float | None]:
    constraints = [model.get_layer(name).kernel_constraint for name in DENSE]
    return [constraint and constraint.max_value for constraint in constraints]


@pytest.mark.parametrize(
    ("model", "layers"),
    [
        (sonar_baseline, DENSE),
        (sonar_dropout, ["dropout_visible", *DENSE]),
        (sonar_dropout_hidden, ["hidden_1", "dropout_1", "hidden_2", "dropout_2", "output"]),
    ],
)
def test_layers_are_those_of_the_recipe(model: Any, layers: list[str]) -> None:
    assert layer_names(model()) == layers


@pytest.mark.parametrize(
    ("placement", "layers"),
    [
        (None, DENSE),
        ("visible", ["dropout_visible", *DENSE]),
        ("hidden", ["hidden_1", "dropout_1", "hidden_2", "dropout_2", "output"]),
        ("both", ["dropout_visible", "hidden_1", "dropout_1", "hidden_2", "dropout_2", "output"]),
    ],
)
def test_placement_says_where_units_are_dropped(placement: Any, layers: list[str]) -> None:
    assert layer_names(sonar_dropout(placement=placement)) == layers


@pytest.mark.parametrize("builder", [sonar_dropout, sonar_dropout_hidden])
def test_a_fifth_of_the_units_is_dropped(builder: Any) -> None:
    assert rates(builder()) == {0.2}


@pytest.mark.parametrize("builder", [sonar_dropout, sonar_dropout_hidden])
def test_rate_is_that_of_the_argument(builder: Any) -> None:
    assert rates(builder(rate=0.5)) == {0.5}


@pytest.mark.parametrize("builder", [sonar_dropout, sonar_dropout_hidden])
def test_norms_are_bounded_by_three_in_hidden_layers_only(builder: Any) -> None:
    assert norm_bounds(builder()) == [3.0, 3.0, None]


def test_baseline_has_no_bound() -> None:
    assert norm_bounds(sonar_baseline()) == [None, None, None]


@pytest.mark.parametrize("builder", [sonar_dropout, sonar_dropout_hidden])
def test_bound_can_be_lifted(builder: Any) -> None:
    assert norm_bounds(builder(max_norm=None)) == [None, None, None]


def test_bound_holds_after_a_large_step() -> None:
    keras.utils.set_random_seed(0)
    model = sonar_dropout(max_norm=0.5, learning_rate=100)
    rng = np.random.default_rng(0)
    model.train_on_batch(rng.normal(size=(16, 60)), rng.integers(2, size=16))
    norms = np.linalg.norm(model.get_layer("hidden_1").kernel.numpy(), axis=0)
    assert norms.max() <= 0.5 + 1e-6


@pytest.mark.parametrize(
    ("builder", "learning_rate", "momentum"),
    [(sonar_baseline, 0.01, 0.8), (sonar_dropout, 0.1, 0.9), (sonar_dropout_hidden, 0.1, 0.9)],
)
def test_optimizer_is_that_of_the_recipe(builder: Any, learning_rate: float, momentum: float) -> None:
    optimizer = builder().optimizer
    assert isinstance(optimizer, keras.optimizers.SGD)
    assert float(optimizer.learning_rate) == pytest.approx(learning_rate)
    assert (optimizer.momentum, optimizer.nesterov) == (momentum, False)


@pytest.mark.parametrize("builder", [sonar_baseline, sonar_dropout, sonar_dropout_hidden])
def test_momentum_reaches_the_optimizer(builder: Any) -> None:
    optimizer = builder(momentum=0.95, nesterov=True).optimizer
    assert (optimizer.momentum, optimizer.nesterov) == (0.95, True)


@pytest.mark.parametrize("builder", [sonar_baseline, sonar_dropout, sonar_dropout_hidden])
@pytest.mark.parametrize("layer", DENSE)
def test_initial_weights_are_normal_with_deviation_005(builder: Any, layer: str) -> None:
    initializer = builder().get_layer(layer).kernel_initializer
    assert isinstance(initializer, keras.initializers.RandomNormal)
    assert (initializer.mean, initializer.stddev) == (0.0, 0.05)


@pytest.mark.parametrize("builder", [sonar_baseline, sonar_dropout, sonar_dropout_hidden])
def test_settings_reach_every_hidden_layer(builder: Any) -> None:
    model = builder(units=(8, 4, 2), activation="tanh", kernel_initializer="he_normal")
    hidden = [model.get_layer(f"hidden_{number}").get_config() for number in (1, 2, 3)]
    assert [layer["units"] for layer in hidden] == [8, 4, 2]
    assert {layer["activation"] for layer in hidden} == {"tanh"}
    assert {layer["kernel_initializer"]["class_name"] for layer in hidden} == {"HeNormal"}


@pytest.mark.parametrize("builder", [sonar_baseline, sonar_dropout, sonar_dropout_hidden])
def test_loss_and_metrics_are_arguments(builder: Any) -> None:
    model = builder(loss="hinge", metrics=("mse", "mae"))
    reported = model.train_on_batch(np.ones((2, 60)), np.array([[0.0], [1.0]]), return_dict=True)
    assert set(reported) == {"loss", "mse", "mae"}
    assert model.loss == "hinge"


def test_same_initializer_object_draws_other_weights_for_every_model() -> None:
    initializer = keras.initializers.RandomNormal(stddev=0.1)
    first, second = (sonar_dropout(kernel_initializer=initializer).get_weights()[0] for _ in range(2))
    assert not np.array_equal(first, second)


def test_another_seed_gives_other_weights() -> None:
    keras.utils.set_random_seed(1)
    first = sonar_dropout().get_weights()[0]
    keras.utils.set_random_seed(2)
    assert not np.array_equal(first, sonar_dropout().get_weights()[0])


@pytest.mark.parametrize(
    ("argument", "bad"),
    [
        ("rate", 1.5),
        ("rate", -0.1),
        ("max_norm", 0),
        ("max_norm", "3"),
        ("momentum", 1.0),
        ("units", ()),
        ("units", (60, 0)),
    ],
)
@pytest.mark.parametrize("builder", [sonar_dropout, sonar_dropout_hidden])
def test_bad_argument_is_named(builder: Any, argument: str, bad: Any) -> None:
    with pytest.raises(ValueError, match=rf"`{argument}` must be .* Received: {argument}="):
        builder(**{argument: bad})


def test_unknown_placement_is_refused() -> None:
    with pytest.raises(ValueError, match=r"`placement` must be one of .* Received: placement='input'"):
        sonar_dropout(placement="input")  # type: ignore[arg-type]


def test_bad_rate_is_refused_where_nothing_is_dropped() -> None:
    with pytest.raises(ValueError, match=r"Received: rate=2"):
        sonar_dropout(placement=None, rate=2)
