"""The recipes of the mammography, Pima and multi-output nets, and what can be changed in all three."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from zoo.mammography import mammography_mlp
from zoo.multi_output import multi_output_mlp
from zoo.pima import pima_mlp

every_perceptron = pytest.mark.parametrize("builder", [mammography_mlp, multi_output_mlp, pima_mlp])


def initializers(model: keras.Model) -> list[str]:
    return [type(layer.kernel_initializer).__name__ for layer in model.layers[1:]]


@pytest.mark.parametrize(
    ("builder", "units"), [(mammography_mlp, [50, 1]), (multi_output_mlp, [20, 3]), (pima_mlp, [12, 8, 1])]
)
def test_layers_are_those_of_the_recipe(builder: Any, units: list[int]) -> None:
    assert [layer.units for layer in builder().layers[1:]] == units


@every_perceptron
def test_hidden_layers_are_rectified(builder: Any) -> None:
    assert {layer.activation.__name__ for layer in builder().layers[1:-1]} == {"relu"}


@pytest.mark.parametrize(
    ("builder", "activation"),
    [(mammography_mlp, "sigmoid"), (multi_output_mlp, "linear"), (pima_mlp, "sigmoid")],
)
def test_output_is_that_of_the_recipe(builder: Any, activation: str) -> None:
    assert builder().layers[-1].activation.__name__ == activation


@pytest.mark.parametrize(
    ("builder", "expected"),
    [
        (mammography_mlp, ["HeNormal", "GlorotUniform"]),
        (multi_output_mlp, ["HeUniform", "GlorotUniform"]),
        (pima_mlp, ["GlorotUniform", "GlorotUniform", "GlorotUniform"]),
    ],
)
def test_initializers_are_those_of_the_recipe(builder: Any, expected: list[str]) -> None:
    assert initializers(builder()) == expected


@pytest.mark.parametrize(
    ("builder", "loss"),
    [
        (mammography_mlp, "binary_crossentropy"),
        (multi_output_mlp, "mae"),
        (pima_mlp, "binary_crossentropy"),
    ],
)
def test_loss_is_that_of_the_recipe(builder: Any, loss: str) -> None:
    assert builder().loss == loss


@every_perceptron
def test_optimizer_is_adam_at_its_usual_rate(builder: Any) -> None:
    optimizer = builder().optimizer
    assert isinstance(optimizer, keras.optimizers.Adam)
    assert float(optimizer.learning_rate) == pytest.approx(0.001)


@every_perceptron
def test_optimizer_is_an_argument(builder: Any) -> None:
    assert isinstance(builder(optimizer="rmsprop").optimizer, keras.optimizers.RMSprop)


@every_perceptron
def test_hidden_layers_are_an_argument(builder: Any) -> None:
    model = builder(units=(7, 5), activation="tanh", kernel_initializer="lecun_normal")
    hidden = [model.get_layer(name) for name in ("hidden_1", "hidden_2")]
    assert [layer.units for layer in hidden] == [7, 5]
    assert {layer.activation.__name__ for layer in hidden} == {"tanh"}
    assert initializers(model)[:2] == ["LecunNormal", "LecunNormal"]


@pytest.mark.parametrize("builder", [mammography_mlp, multi_output_mlp])
def test_initializer_of_the_output_is_an_argument(builder: Any) -> None:
    assert initializers(builder(output_kernel_initializer="zeros"))[-1] == "Zeros"


@every_perceptron
def test_loss_and_metrics_are_arguments(builder: Any) -> None:
    model = builder(loss="mse", metrics="mae")
    X = np.ones((2, model.input_shape[-1]))
    reported = model.train_on_batch(X, np.ones((2, model.output_shape[-1])), return_dict=True)
    assert set(reported) == {"loss", "mae"}
    assert model.loss == "mse"


def test_final_fit_of_several_outputs_begins_he_uniform_throughout() -> None:
    assert initializers(multi_output_mlp(output_kernel_initializer="he_uniform")) == ["HeUniform", "HeUniform"]


def test_uniform_variant_draws_all_layers_between_minus_and_plus_005() -> None:
    weights = pima_mlp(kernel_initializer="random_uniform").layers
    kernels = np.concatenate([layer.kernel.numpy().ravel() for layer in weights[1:]])
    assert 0.04 < np.abs(kernels).max() <= 0.05


@every_perceptron
def test_optimizer_object_is_refused(builder: Any) -> None:
    with pytest.raises(ValueError, match=r"`optimizer` must be a name such as 'adam'"):
        builder(optimizer=keras.optimizers.Adam())


@every_perceptron
def test_table_of_two_axes_a_row_is_refused(builder: Any) -> None:
    with pytest.raises(ValueError, match=r"`input_shape` must be `\(features,\)`"):
        builder(input_shape=(8, 8))
