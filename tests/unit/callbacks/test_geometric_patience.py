"""Training stops at the iteration that the rule, written down literally, gives; the best weights come back."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.callbacks.geometric_patience import GeometricPatience, GeometricPatienceByEpoch

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
        if iteration % batches == 0:
            stop.on_epoch_begin(iteration // batches)
        stop.on_train_batch_end(iteration % batches)
        if model.stop_training:
            break
    stop.on_train_end()
    return model


def replayed_by_epoch(stop: GeometricPatienceByEpoch, losses: Iterator[float], iterations: int = 60) -> Model:
    """Calls the callback as `fit` does that runs whole epochs at a time."""
    batches = stop.steps_per_epoch
    model = Model(stop_training=False, trained=0)
    stop.set_model(model)
    stop.on_train_begin()
    for epoch in range(iterations // batches):
        stop.on_epoch_begin(epoch)
        model.trained = (epoch + 1) * batches - 1
        stop.on_epoch_end(epoch, {"val_loss": next(losses)})
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


@given(
    losses=LOSSES,
    batches=st.integers(1, 20),
    epochs=st.integers(2, 4),
    increase=st.floats(1.01, 4),
    threshold=st.sampled_from([1.0, 0.995, 0.9, 0.5]),
    more=st.integers(0, 19),
)
def test_looking_at_whole_epochs_only_ends_at_the_same_iteration(
    losses: list[float], batches: int, epochs: int, increase: float, threshold: float, more: int
) -> None:
    patience, iterations = epochs * batches + more, 60 // batches * batches
    stop = GeometricPatienceByEpoch(
        batches, patience=patience, patience_increase=increase, improvement_threshold=threshold
    )
    model = replayed_by_epoch(stop, iter(losses))
    stopped, best_iteration, best = the_rule(iter(losses), batches, patience, increase, threshold, batches)
    if stopped is not None and stopped >= iterations:  # in an epoch that is not trained any more
        stopped = None
    assert (stop.stopped_iteration, stop.best_iteration, stop.best) == (stopped, best_iteration, best)
    if best_iteration >= 0:
        assert (model.trained, stop.best_epoch) == (best_iteration, best_iteration // batches)


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
    stop.on_epoch_begin(0)
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


def test_epoch_without_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="`steps_per_epoch` must be 1 or more"):
        GeometricPatienceByEpoch(0)


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


def test_both_watch_the_zero_one_loss_alike(data: Any, model: Any) -> None:
    X, y = data
    rest = X[64:], 1 - y[64:]  # what is learned makes more and more answers wrong
    watched: dict[str, Any] = {"patience": 9, "monitor": "val_zero_one_loss"}
    start = model.get_weights()
    found = []
    for stop in (GeometricPatience(rest, **watched), GeometricPatienceByEpoch(4, **watched)):
        model.set_weights(start)
        fit(model, (X, np.concatenate([y[:64], rest[1]])), stop, epochs=50)
        found.append((stop.losses, stop.best, stop.best_iteration, stop.stopped_iteration))
    assert found[1] == found[0]
    assert found[0][1] > 0.2


def test_a_model_without_accuracy_has_no_zero_one_loss_to_watch(data: Any) -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile("sgd", loss="mse")
    rest = data[0][64:], data[1][64:]
    for stop in (
        GeometricPatience(rest, monitor="val_zero_one_loss"),
        GeometricPatienceByEpoch(4, monitor="val_zero_one_loss"),
    ):
        with pytest.raises(ValueError, match=r"compile the model with it\. Received: .*loss"):
            fit(model, data, stop)


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


def test_both_write_what_they_found(data: Any, model: Any, tmp_path: Path) -> None:
    X, y = data
    rest = X[64:], 1 - y[64:]  # what is learned makes the validation loss worse with every step
    settings: dict[str, Any] = {"patience": 9, "report": tmp_path / "found.json"}
    found = []
    for stop in (
        GeometricPatience(rest, validation_frequency=4, **settings),
        GeometricPatienceByEpoch(4, **settings),
    ):
        keras.utils.set_random_seed(3)
        history = model.fit(
            X[:64], y[:64], batch_size=16, epochs=50, verbose=0, validation_data=rest, callbacks=[stop]
        )
        assert len(history.history["loss"]) == 3
        found.append(json.loads((tmp_path / "found.json").read_text()))
    assert found[0] == {"best_iteration": 3, "best_epoch": 0, "stopped_iteration": 9, "validations": 2}
    assert found[1] == found[0]


def test_a_training_that_goes_on_keeps_the_best_and_has_patience_anew(data: Any, model: Any) -> None:
    X, y = data
    rest = X[64:], 1 - y[64:]
    stop = GeometricPatience(rest, patience=6, validation_frequency=1)
    fit(model, (X, np.concatenate([y[:64], rest[1]])), stop, epochs=50)
    best, weights = stop.best, model.get_weights()
    model.fit(X[:64], y[:64], batch_size=16, initial_epoch=2, epochs=50, verbose=0, callbacks=[stop])
    # The first training ended at iteration 6: six more are due at least, and none of them is better.
    assert (stop.best, stop.best_iteration, stop.best_epoch, stop.stopped_iteration) == (best, 0, 0, 13)
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), weights, strict=True))


def test_a_new_training_begins_anew(data: Any, model: Any) -> None:
    X, y = data
    stop = GeometricPatience((X[64:], y[64:]), patience=100)
    fit(model, data, stop)
    fit(model, data, stop)
    assert [iteration for iteration, _ in stop.losses] == [3, 7, 11]
