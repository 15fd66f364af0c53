"""The Keras tier: a small network, evaluated by the harness itself on data sets of a known population."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .population import Population

if TYPE_CHECKING:
    import keras

SIZES = {"mlp_n100": 100, "mlp_n500": 500}
FOLDS, REPEATS, SEEDS = 5, 3, 2
EPOCHS, BATCH_SIZE = 20, 25
FRESH_ROWS = 100_000
POPULATION = Population(features=10, distance=2.0, prevalence=0.5)


def small_network(input_shape: tuple[int, ...] = (10,)) -> keras.Model:
    """Eight hidden units; compiled for 0 and 1."""
    import keras

    model = keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.Dense(8, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.01))
    return model


def simulate_network(name: str, numbers: Sequence[int]) -> dict[str, NDArray[np.float64]]:
    """Draws data sets, has the harness evaluate the network on each, and counts its true error on fresh rows.

    Args:
        name: One of `SIZES`.
        numbers: Which data sets.

    Returns:
        Arrays with one entry a data set: "errors" (…, repeats, folds) of the first seed, "differences" of the two
        seeds, and the true errors "at_folds" and "at_n".
    """
    drawn = [_one(SIZES[name], number) for number in numbers]
    return {field: np.asarray([each[field] for each in drawn]) for field in drawn[0]}


def _one(n: int, number: int) -> dict[str, Any]:
    import keras

    import harness

    keras.backend.clear_session()
    x, positive = POPULATION.sample(n, np.random.default_rng([n, number]))
    y = positive.astype(int)
    run = harness.evaluate(
        small_network,
        x.astype(np.float32),
        y,
        cv="stratified",
        folds=FOLDS,
        repeats=REPEATS,
        init_seeds=SEEDS,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        preprocessing=None,
        engine="vectorized",
        metrics="accuracy",
        seed=number,
        store=None,
        on_error="raise",
    )
    # Rows are in repeat, fold, seed order.
    errors = 1 - run.scores["value"].to_numpy().reshape(REPEATS, FOLDS, SEEDS)
    return {
        "errors": errors[:, :, 0],
        "differences": errors[:, :, 0] - errors[:, :, 1],
        "at_folds": float(np.mean([_true_error(run.models[0, fold, 0]) for fold in range(FOLDS)])),
        "at_n": _true_error(_fitted(x.astype(np.float32), y, number)),
    }


def _fitted(x: NDArray[np.float32], y: NDArray[Any], seed: int) -> keras.Model:
    import keras

    keras.utils.set_random_seed(seed)
    model = small_network()
    model.fit(x, y, epochs=EPOCHS, batch_size=BATCH_SIZE, verbose=0)
    return model


def _true_error(model: keras.Model) -> float:
    x, positive = _fresh()
    weights = model.get_weights()
    # The network by hand: a tenth of the time that Keras needs to get ready to predict.
    hidden = np.maximum(x @ weights[0] + weights[1], 0)
    return float((((hidden @ weights[2] + weights[3])[:, 0] > 0) != positive).mean())


@cache
def _fresh() -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    x, positive = POPULATION.sample(FRESH_ROWS, np.random.default_rng(20_000))
    return x.astype(np.float32), positive
