"""In the second phase everything asked for is trainable, and nothing of the first optimizer is left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from zoo.fine_tuning import unfreeze

X, Y = np.ones((8, 2), "float32"), np.ones((8, 1), "float32")


@pytest.fixture
def model() -> keras.Model:
    """A frozen base of two layers and a head, compiled with settings that are nobody's default."""
    base = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, name="a"), keras.layers.Dense(3, name="b")])
    base.trainable = False
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(1, name="head")(base(inputs, training=False)))
    model.compile(keras.optimizers.SGD(0.1, momentum=0.7), loss="mae", metrics=["mse"])
    model.fit(X, Y, verbose=0)
    return model


def trained(model: keras.Model) -> list[str]:
    """The layers whose weights a step changes."""
    layers = [*model.layers[1].layers, model.layers[2]]
    before = [layer.get_weights() for layer in layers]
    model.train_on_batch(X, Y)
    pairs = zip(layers, before, strict=True)
    return [layer.name for layer, old in pairs if not np.array_equal(layer.get_weights()[0], old[0])]


@pytest.mark.parametrize(
    ("frozen_layers", "expected"), [(0, ["a", "b", "head"]), (1, ["b", "head"]), (2, ["head"])]
)
def test_layers_of_the_base_are_trained_but_for_the_first(
    model: keras.Model, frozen_layers: int, expected: list[str]
) -> None:
    assert trained(model) == ["head"]
    assert unfreeze(model, 0.01, frozen_layers=frozen_layers) is model
    assert trained(model) == expected


def test_rate_is_the_new_one_and_all_else_stays(model: keras.Model) -> None:
    unfreeze(model, 0.01)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.01)
    assert (type(model.optimizer), model.optimizer.momentum, model.loss) == (keras.optimizers.SGD, 0.7, "mae")
    assert list(model.train_on_batch(X, Y, return_dict=True)) == ["loss", "mse"]


def test_losses_and_metrics_of_the_callers_own_stay(model: keras.Model) -> None:
    """Keras could not read them from a file, for nothing registers them."""

    def doubled(truth: Any, said: Any) -> Any:
        return 2 * keras.losses.mean_absolute_error(truth, said)

    def largest(truth: Any, said: Any) -> Any:
        return keras.ops.max(said)

    model.compile("sgd", loss=doubled, metrics=[largest])
    model.fit(X, Y, verbose=0)
    unfreeze(model, 0.01)
    said = model.predict(X, verbose=0)
    reported = model.test_on_batch(X, Y, return_dict=True)
    assert reported["loss"] == pytest.approx(2 * np.abs(said - Y).mean(), rel=1e-5)
    assert reported["largest"] == pytest.approx(said.max(), rel=1e-5)


def test_model_that_was_saved_and_loaded_keeps_its_loss(model: keras.Model, tmp_path: Path) -> None:
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    unfreeze(loaded, 0.01)
    assert loaded.loss == "mae"
    assert trained(loaded) == ["a", "b", "head"]


def test_optimizer_remembers_nothing(model: keras.Model) -> None:
    assert int(model.optimizer.iterations) == 1
    unfreeze(model, 0.01)
    assert int(model.optimizer.iterations) == 0
    assert not any(np.any(np.asarray(variable)) for variable in model.optimizer.variables[2:])


def test_model_without_a_base_counts_its_own_layers() -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3), keras.layers.Dense(1)])
    model.trainable = False
    model.compile("sgd", loss="mse")
    unfreeze(model, 0.1, frozen_layers=1)
    assert [layer.trainable for layer in model.layers] == [False, True]


@pytest.mark.parametrize(
    ("arguments", "match"),
    [({"learning_rate": 0}, "`learning_rate` must be"), ({"frozen_layers": -1}, "`frozen_layers` must be")],
)
def test_bad_argument_is_named(model: keras.Model, arguments: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        unfreeze(model, **{"learning_rate": 0.1, **arguments})
    assert trained(model) == ["head"]


def test_model_that_is_not_compiled_is_refused() -> None:
    with pytest.raises(ValueError, match="`model` must be compiled"):
        unfreeze(keras.Sequential([keras.layers.Dense(1)]), 0.1)
