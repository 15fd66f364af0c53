"""Softmax regression begins at zero, flattens images, and pays for large weights if asked to."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from zoo.mnist import mnist_softmax


def test_weights_begin_at_zero() -> None:
    assert not any(weights.any() for weights in mnist_softmax().get_weights())


def test_untrained_model_gives_every_class_the_same_probability() -> None:
    np.testing.assert_allclose(mnist_softmax().predict_on_batch(np.ones((1, 784))), np.full((1, 10), 0.1))


def test_loss_is_the_negative_log_likelihood() -> None:
    loss = mnist_softmax().test_on_batch(np.ones((2, 784)), np.array([3, 9]), return_dict=True)["loss"]
    assert loss == pytest.approx(np.log(10))


@pytest.mark.parametrize("shape", [(784,), (28, 28), (28, 28, 1)], ids=str)
def test_image_of_any_shape_has_the_same_parameters(shape: tuple[int, ...]) -> None:
    assert mnist_softmax(input_shape=shape).count_params() == 784 * 10 + 10


@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 1)], ids=str)
def test_image_is_flattened_row_by_row(shape: tuple[int, ...]) -> None:
    image = np.arange(784, dtype="float32").reshape(1, *shape)
    flatten = mnist_softmax(input_shape=shape).get_layer("flatten")
    np.testing.assert_array_equal(np.asarray(flatten(image)), image.reshape(1, 784))


@pytest.mark.parametrize(
    ("l1", "l2", "penalty"), [(0.5, 0, 0.5 * 60), (0, 0.25, 0.25 * 120), (0.5, 0.25, 30 + 30)]
)
def test_penalty_is_that_of_the_weights(l1: float, l2: float, penalty: float) -> None:
    model = mnist_softmax(input_shape=(10,), classes=3, l1=l1, l2=l2)
    model.set_weights([np.full((10, 3), -2.0), np.full(3, 100.0)])
    assert sum(float(loss) for loss in model.losses) == pytest.approx(penalty)


def test_no_penalty_is_added_unless_asked_for() -> None:
    assert mnist_softmax().losses == []


def test_optimizer_is_plain_gradient_descent() -> None:
    optimizer = mnist_softmax().optimizer
    assert isinstance(optimizer, keras.optimizers.SGD)
    assert float(optimizer.learning_rate) == pytest.approx(0.13)
    assert optimizer.momentum == 0.0


def test_initial_weights_are_an_argument() -> None:
    assert mnist_softmax(kernel_initializer="glorot_uniform").get_weights()[0].any()


def test_loss_and_metrics_are_arguments() -> None:
    model = mnist_softmax(loss="mse", metrics=("mae",))
    reported = model.test_on_batch(np.ones((1, 784)), np.zeros((1, 10)), return_dict=True)
    assert reported == {"loss": pytest.approx(0.01), "mae": pytest.approx(0.1)}


@pytest.mark.parametrize(("argument", "bad"), [("l1", -1), ("l2", "0.1"), ("momentum", 1)])
def test_bad_argument_is_named(argument: str, bad: Any) -> None:
    with pytest.raises(ValueError, match=rf"`{argument}` must be .* Received: {argument}="):
        mnist_softmax(**{argument: bad})
