"""Linear regression takes the steps of the recipe and finds the line."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from zoo.linear import linear_regression


def test_loss_is_half_the_squared_error() -> None:
    model = linear_regression(stddev=0)
    y = np.array([[1.0], [3.0]])
    loss = model.test_on_batch(np.zeros((2, 2)), y, return_dict=True)["loss"]
    assert loss == pytest.approx((1 + 9) / 2 / 2)


def test_step_follows_the_gradient_of_half_the_squared_error() -> None:
    model = linear_regression(stddev=0, learning_rate=0.03)
    X, y = np.array([[1.0, 2.0], [0.0, -1.0]]), np.array([[1.0], [2.0]])
    model.train_on_batch(X, y)
    w, b = model.get_layer("output").get_weights()
    np.testing.assert_allclose(w, 0.03 * X.T @ y / 2, rtol=1e-6)
    np.testing.assert_allclose(b, [0.03 * y.mean()], rtol=1e-6)


def test_line_is_found_in_three_epochs() -> None:
    keras.utils.set_random_seed(1)
    rng = np.random.default_rng(1)
    X = rng.normal(size=(1000, 2))
    y = X @ [[2.0], [-3.4]] + 4.2 + rng.normal(scale=0.01, size=(1000, 1))
    model = linear_regression()
    model.fit(X, y, epochs=3, batch_size=10, verbose=0)
    w, b = model.get_layer("output").get_weights()
    np.testing.assert_allclose(w.ravel(), [2.0, -3.4], atol=1e-2)
    np.testing.assert_allclose(b, [4.2], atol=1e-2)


def test_initial_weights_are_normal_with_deviation_001() -> None:
    initializer = linear_regression().get_layer("output").kernel_initializer
    assert isinstance(initializer, keras.initializers.RandomNormal)
    assert (initializer.mean, initializer.stddev) == (0.0, 0.01)


def test_offset_begins_at_zero() -> None:
    np.testing.assert_array_equal(linear_regression().get_layer("output").get_weights()[1], [0.0])


def test_optimizer_is_plain_gradient_descent() -> None:
    optimizer = linear_regression().optimizer
    assert isinstance(optimizer, keras.optimizers.SGD)
    assert float(optimizer.learning_rate) == pytest.approx(0.03)
    assert optimizer.momentum == 0.0


def test_loss_and_its_weight_are_arguments() -> None:
    model = linear_regression(stddev=0, loss="mae", loss_weights=3, metrics="mse")
    reported = model.test_on_batch(np.zeros((1, 2)), np.array([[2.0]]), return_dict=True)
    assert reported == {"loss": pytest.approx(6.0), "mse": pytest.approx(4.0)}


@pytest.mark.parametrize(
    ("argument", "bad"), [("stddev", -1), ("momentum", 1), ("loss_weights", 0), ("loss_weights", [1, 2])]
)
def test_bad_argument_is_named(argument: str, bad: Any) -> None:
    with pytest.raises(ValueError, match=rf"`{argument}` must be .* Received: {argument}="):
        linear_regression(**{argument: bad})
