"""Whole networks mean the same under the vectorized engine as under `model.fit`: outputs, validation, the zoo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import pytest

import zoo
from harness.engines.base import Recipe, Shape
from harness.engines.vectorized.rows import Batch, Rows
from harness.seeds import FoldKey
from tests.contract.engines.comparison import classes, compare, make_task, some

layers = keras.layers


@pytest.mark.parametrize("metrics", [["accuracy"], ["auc"]], ids=["masked", "last batch apart"])
def test_sample_weights_count_the_same(metrics: list[str], tmp_path: Path) -> None:
    def build(shape: Shape) -> keras.Model:
        model = keras.Sequential([keras.Input(shape), layers.Dense(1, activation="sigmoid")])
        model.compile(loss="binary_crossentropy", metrics=metrics, weighted_metrics=["mae"])
        return model

    compare(tmp_path, build, Recipe(epochs=5, batch_size=8, checkpoint="none"), weighted=True)


def test_several_outputs_are_trained_the_same(tmp_path: Path) -> None:
    def build(shape: Shape) -> keras.Model:
        inputs = keras.Input(shape)
        hidden = layers.Dense(6, activation="relu")(inputs)
        heads = [layers.Dense(1, activation="sigmoid", name="a")(hidden), layers.Dense(2, name="b")(hidden)]
        model = keras.Model(inputs, heads)
        model.compile(
            optimizer="adam",
            loss=["binary_crossentropy", "mse"],
            loss_weights=[1.0, 0.3],
            metrics=[["accuracy"], ["mae"]],
        )
        return model

    recipe = Recipe(epochs=5, batch_size=8, checkpoint="last", widths=(1, 2))
    assert "val_b_loss" in compare(tmp_path, build, recipe, targets=3)[FoldKey(0, 0)].history


# Batch size: whether the last batch of 30 or 29 rows, and of 9 for validation, is filled up and masked.
MASKED = {
    5: (True, True),
    8: (True, False),
    20: (False, False),
    4: (True, False),
    3: (True, True),
    50: (False, False),
}


@pytest.mark.parametrize(
    "size", [5, *(pytest.param(size, marks=pytest.mark.slow) for size in MASKED if size != 5)]
)
def test_validation_counts_the_same_for_every_batch_size(size: int, tmp_path: Path) -> None:
    data = make_task(tmp_path / "rows", 0).prepare()
    assert data.x_val is not None
    parts = [Rows.of(Batch(x, x), size, maskable=True).masked for x in (data.x_train, data.x_val)]
    assert tuple(parts) == MASKED[size]

    def build(shape: Shape) -> keras.Model:
        model = keras.Sequential(
            [
                keras.Input(shape),
                layers.Dropout(0.2),
                layers.Dense(5, activation="tanh", kernel_regularizer="l2"),
                layers.Dense(1, activation="sigmoid"),
            ]
        )
        model.compile("adam", loss="binary_crossentropy", metrics=["accuracy"], weighted_metrics=["mae"])
        return model

    recipe = Recipe(epochs=5, batch_size=size, checkpoint="both", predict_validation=True)
    compare(tmp_path, build, recipe, weighted=True)


# How the labels of each are made.
ZOO: dict[str, dict[str, Any]] = {
    "sonar_baseline": {},
    "sonar_dropout": {},
    "sonar_dropout_hidden": {},
    "mammography_mlp": {},
    "pima_mlp": {},
    "multi_output_mlp": {"targets": 3},
    "linear_regression": {},
    "mnist_softmax": {"labels": classes},
}


def test_every_tabular_model_of_the_zoo_has_a_case() -> None:
    ours = {name for name in zoo.list_models() if zoo.get_spec(name).builder.startswith("zoo.")}
    assert ours == ZOO.keys() | {"pets_cnn", "vgg19_transfer"}


@pytest.mark.parametrize("name", some(ZOO, ("multi_output_mlp",)))
def test_every_tabular_model_of_the_zoo_trains_the_same_weights(name: str, tmp_path: Path) -> None:
    arguments = {"classes": 3} if name == "mnist_softmax" else {}
    recipe = Recipe(epochs=5, batch_size=8, checkpoint="both")
    compare(tmp_path, lambda shape: zoo.create_model(name, input_shape=shape, **arguments), recipe, **ZOO[name])
