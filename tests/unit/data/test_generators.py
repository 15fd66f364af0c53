"""Synthetic data sets."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import datasets

from harness.data.generators import GENERATORS, generate, linear
from harness.errors import DataError, UnknownNameError


def test_linear_recovers_weights_and_bias_by_least_squares() -> None:
    X, y = linear(n_samples=500, weights=(2.0, -3.4), bias=4.2, noise=0.01, seed=3)
    solution = np.linalg.lstsq(np.column_stack([X, np.ones(500)]), y, rcond=None)[0]
    assert solution == pytest.approx([2.0, -3.4, 4.2], abs=3e-3)


def test_linear_noise_has_the_standard_deviation_asked_for() -> None:
    X, y = linear(n_samples=20_000, weights=(1.0,), bias=0.0, noise=0.5)
    assert np.std(y - X[:, 0]) == pytest.approx(0.5, rel=0.02)


def test_linear_depends_on_the_seed_alone() -> None:
    assert (linear(seed=1)[0] == linear(seed=1)[0]).all()
    assert (linear(seed=1)[0] != linear(seed=2)[0]).all()


def test_make_regression_is_scikit_learns() -> None:
    arguments = {"n_samples": 9, "n_features": 4, "n_informative": 2, "n_targets": 3, "random_state": 2}
    X, y = generate("make_regression", arguments, "card")
    expected_X, expected_y = datasets.make_regression(**arguments)
    assert np.array_equal(X, expected_X)
    assert np.array_equal(y, expected_y)


def test_only_listed_generators_can_be_called() -> None:
    with pytest.raises(UnknownNameError, match="Available: linear, make_regression"):
        generate("exec", {}, "card")


@pytest.mark.parametrize("name", sorted(GENERATORS))
@pytest.mark.parametrize("arguments", [{"colour": 1}, {"n_samples": "many"}, {"n_samples": -1}])
def test_wrong_arguments_name_the_card_and_the_field(name: str, arguments: dict[str, object]) -> None:
    needed = {"n_samples": 5, "n_features": 4, "n_informative": 2, "random_state": 0}
    merged = arguments if name == "linear" else needed | arguments
    with pytest.raises(DataError, match=f"card: field 'source.arguments' does not suit the generator {name}"):
        generate(name, merged, "card")
