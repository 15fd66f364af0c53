"""Training stops at the iteration that the rule, written down literally, gives; the best weights come back."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.callbacks.geometric_patience import GeometricPatience

LOSSES = st.lists(
    st.one_of(st.floats(0, 2), st.sampled_from([1.0, 0.995, 0.99, 0.5]), st.just(math.nan)),
    min_size=60,
    max_size=60,
)


def the_rule(
    losses: Iterator[float],
    batches: int,
    patience: float,
    increase: float,
    threshold: float,
    frequency: int | None,
) -> tuple[int | None, int, float]:
    """Iteration at which training ends, that of the best weights, and their loss."""
    validation_frequency = frequency or max(1, min(batches, int(patience) // 2))
    best, best_iteration = math.inf, -1
    for iteration in range(60):
        if (iteration + 1) % validation_frequency == 0:
            loss = next(losses)
            if loss < best:
                if loss < best * threshold:
                    patience = max(patience, iteration * increase)
                best, best_iteration = loss, iteration
        if patience <= iteration:
            return iteration, best_iteration, best
    return None, best_iteration, best


class Replay(GeometricPatience):
    """Is told the validation losses."""

    def __init__(self, losses: Sequence[float], **settings: Any) -> None:
        super().__init__(**settings)
        self._recorded = iter(losses)

    def validation_loss(self) -> float:
        return next(self._recorded)


class Model(SimpleNamespace):
    """A model whose only weight is the number of batches it has been trained on."""

    def get_weights(self) -> list[Any]:
        return [self.trained]

    def set_weights(self, weights: list[Any]) -> None:
        (self.trained,) = weights


def replayed(stop: GeometricPatience, batches: int, iterations: int = 60) -> Model:
    """Calls the callback as `fit` does."""
    model = Model(stop_training=False, steps_per_execution=1, trained=0)
    stop.set_model(model)
    stop.set_params({"steps": batches})
    stop.on_train_begin()
    for iteration in range(iterations):
        model.trained = iteration
        stop.on_train_batch_end(iteration % batches)
        if model.stop_training:
            break
    stop.on_train_end()
    return model


@given(
    losses=LOSSES,
    batches=st.integers(1, 20),
    patience=st.integers(1, 40),
    increase=st.floats(1.01, 4),
    threshold=st.sampled_from([1.0, 0.995, 0.9, 0.5]),
    frequency=st.none() | st.integers(1, 10),
)
def test_training_ends_where_the_rule_says(
    losses: list[float], batches: int, patience: int, increase: float, threshold: float, frequency: int | None
) -> None:
    stop = Replay(
        losses,
        patience=patience,
        patience_increase=increase,
        improvement_threshold=threshold,
        validation_frequency=frequency,
    )
    model = replayed(stop, batches)
    expected = the_rule(iter(losses), batches, patience, increase, threshold, frequency)
    assert (stop.stopped_iteration, stop.best_iteration, stop.best) == expected
    assert model.trained == (stop.best_iteration if stop.best_iteration >= 0 else (expected[0] or 59))


def test_a_worked_example() -> None:
    # Validated at 3, 7, 11, …: the best at 7 is a marked improvement, so patience becomes 14; 0.4999 at 11 is not.
    stop = Replay([1.0, 0.5, 0.4999, 0.6], patience=8, validation_frequency=4)
    model = replayed(stop, batches=100)
    assert (stop.stopped_iteration, stop.best_iteration, model.trained) == (14, 11, 11)


@pytest.mark.parametrize(
    ("batches", "patience", "frequency"), [(83, 5000, 83), (83, 100, 50), (5, 1, 1), (None, 9, 4)]
)
def test_validation_comes_once_an_epoch_or_twice_in_the_patience(
    batches: int | None, patience: int, frequency: int
) -> None:
    stop = Replay([1.0] * 1000, patience=patience)
    stop.set_model(Model(stop_training=False, steps_per_execution=1, trained=0))
    stop.set_params({"steps": batches})
    stop.on_train_begin()
    for batch in range(frequency + 1):
        stop.on_train_batch_end(batch)
    assert stop.losses[0] == (frequency - 1, 1.0)


@pytest.mark.parametrize(
    ("name", "bad"),
    [("patience", 0), ("patience_increase", 1), ("improvement_threshold", 0), ("improvement_threshold", 1.1),
     ("validation_frequency", 0), ("monitor", "val_accuracy")],
)  # fmt: skip
def test_setting_out_of_range_is_named(name: str, bad: float) -> None:
    with pytest.raises(ValueError, match=rf"`{name}` must be .* Received: {name}={bad!r}"):
        GeometricPatience(**{name: bad})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def data() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(96, 4)).astype(np.float32)
    return X, (X[:, :1] > 0).astype(np.float32)


@pytest.fixture
def model() -> Any:
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.SGD(0.5), loss="binary_crossentropy", metrics=["accuracy"])
    return model


def fit(model: Any, data: Any, *callbacks: Any, epochs: int = 3) -> dict[str, list[float]]:
    X, y = data
    rows = {"batch_size": 16, "shuffle": False, "validation_data": (X[64:], y[64:])}
    history = model.fit(X[:64], y[:64], epochs=epochs, verbose=0, callbacks=list(callbacks), **rows)
    return dict(history.history)


def test_validating_within_an_epoch_changes_nothing_in_the_history(data: Any, model: Any) -> None:
    start = model.get_weights()
    expected = fit(model, data)
    model.set_weights(start)
    stop = GeometricPatience((data[0][64:], data[1][64:]), validation_frequency=3)
    assert fit(model, data, stop) == expected
    assert len(stop.losses) == 4


def test_loss_is_that_of_the_model_at_the_time(data: Any, model: Any) -> None:
    stop = GeometricPatience((data[0][64:], data[1][64:]))
    history = fit(model, data, stop)
    assert [loss for _, loss in stop.losses] == pytest.approx(history["val_loss"], rel=1e-6)


def test_the_best_weights_are_those_at_the_end(data: Any, model: Any) -> None:
    X, y = data
    # Labels turned round: what is learned makes the validation loss worse with every step.
    stop = GeometricPatience((X[64:], 1 - y[64:]), patience=6, validation_frequency=1)
    history = fit(model, data, stop, epochs=50)
    assert (stop.stopped_iteration, stop.best_iteration) == (6, 0)
    assert model.evaluate(X[64:], 1 - y[64:], verbose=0)[0] == pytest.approx(stop.best)
    assert len(history["loss"]) == 2


def test_zero_one_loss_can_be_watched(data: Any, model: Any) -> None:
    stop = GeometricPatience((data[0][64:], data[1][64:]), monitor="val_zero_one_loss")
    history = fit(model, data, stop)
    expected = [1 - accuracy for accuracy in history["val_accuracy"]]
    assert [loss for _, loss in stop.losses] == pytest.approx(expected)


def test_weights_of_rows_count(data: Any, model: Any) -> None:
    X, y = data
    stop = GeometricPatience((X[64:], y[64:], np.zeros(32)))
    fit(model, data, stop)
    assert stop.best == 0


def test_without_validation_data_it_says_so(data: Any, model: Any) -> None:
    with pytest.raises(ValueError, match="needs validation_data"):
        fit(model, data, GeometricPatience())


def test_several_batches_a_call_are_refused(data: Any, model: Any) -> None:
    model.compile("sgd", loss="mse", steps_per_execution=2)
    with pytest.raises(ValueError, match=r"steps_per_execution=1\. Received: steps_per_execution=2"):
        fit(model, data, GeometricPatience((data[0], data[1])))
