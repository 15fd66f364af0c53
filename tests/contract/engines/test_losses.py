"""Every loss of Keras trains the same weights under the vectorized engine as under `model.fit`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from harness.engines.base import Recipe, Shape
from tests.contract.engines.comparison import (
    SHORT,
    Builder,
    Labels,
    amounts,
    assert_complete,
    classes,
    compare,
    one_hot,
    products,
    some,
)

layers, losses = keras.layers, keras.losses


class Head(NamedTuple):
    """A loss, with an output and labels that it is meant for."""

    loss: Callable[[], Any]
    labels: Labels
    activation: str = "linear"
    width: int = 1


def two_products(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return products(x, 2)


HEADS: dict[str, Head] = {
    "BinaryCrossentropy": Head(lambda: losses.BinaryCrossentropy(label_smoothing=0.1), products, "sigmoid"),
    "BinaryFocalCrossentropy": Head(
        lambda: losses.BinaryFocalCrossentropy(apply_class_balancing=True), two_products, "sigmoid", 2
    ),
    "CategoricalCrossentropy": Head(
        lambda: losses.CategoricalCrossentropy(label_smoothing=0.1), one_hot, "softmax", 3
    ),
    "CategoricalFocalCrossentropy": Head(losses.CategoricalFocalCrossentropy, one_hot, "softmax", 3),
    "CategoricalGeneralizedCrossEntropy": Head(losses.CategoricalGeneralizedCrossEntropy, classes, "softmax", 3),
    "CategoricalHinge": Head(losses.CategoricalHinge, one_hot, "tanh", 3),
    "Circle": Head(losses.Circle, classes, "tanh", 4),
    "CosineSimilarity": Head(losses.CosineSimilarity, amounts, width=2),
    "Dice": Head(losses.Dice, two_products, "sigmoid", 2),
    "Hinge": Head(losses.Hinge, products, "tanh"),
    "Huber": Head(lambda: losses.Huber(delta=0.3), amounts, width=2),
    "KLDivergence": Head(losses.KLDivergence, one_hot, "softmax", 3),
    "LogCosh": Head(losses.LogCosh, amounts, width=2),
    "MeanAbsoluteError": Head(losses.MeanAbsoluteError, amounts, width=2),
    "MeanAbsolutePercentageError": Head(losses.MeanAbsolutePercentageError, amounts, width=2),
    "MeanSquaredError": Head(losses.MeanSquaredError, amounts, width=2),
    "MeanSquaredLogarithmicError": Head(losses.MeanSquaredLogarithmicError, amounts, "softplus", 2),
    "Poisson": Head(losses.Poisson, amounts, "softplus", 2),
    "SparseCategoricalCrossentropy": Head(
        lambda: losses.SparseCategoricalCrossentropy(from_logits=True), classes, width=3
    ),
    "SquaredHinge": Head(losses.SquaredHinge, products, "tanh"),
    "Tversky": Head(lambda: losses.Tversky(alpha=0.3, beta=0.6), two_products, "sigmoid", 2),
}
FUNCTIONS = {
    "binary_crossentropy": "BinaryCrossentropy",
    "binary_focal_crossentropy": "BinaryFocalCrossentropy",
    "categorical_crossentropy": "CategoricalCrossentropy",
    "categorical_focal_crossentropy": "CategoricalFocalCrossentropy",
    "categorical_hinge": "CategoricalHinge",
    "circle": "Circle",
    "cosine_similarity": "CosineSimilarity",
    "dice": "Dice",
    "hinge": "Hinge",
    "huber": "Huber",
    "kl_divergence": "KLDivergence",
    "log_cosh": "LogCosh",
    "mean_absolute_error": "MeanAbsoluteError",
    "mean_absolute_percentage_error": "MeanAbsolutePercentageError",
    "mean_squared_error": "MeanSquaredError",
    "mean_squared_logarithmic_error": "MeanSquaredLogarithmicError",
    "poisson": "Poisson",
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
    "squared_hinge": "SquaredHinge",
    "tversky": "Tversky",
}
# A network of its own: outputs and labels are sequences.
SEQUENCES = ("CTC", "ctc")
NO_CASE = {
    "Loss": "the base of all",
    "categorical_generalized_cross_entropy": "its q has no default, so that it cannot be compiled with",
    **dict.fromkeys(("deserialize", "get", "serialize"), "no loss"),
}


def test_every_loss_of_keras_has_a_case() -> None:
    assert_complete(losses, HEADS, FUNCTIONS, SEQUENCES, NO_CASE)


def single(head: Head, loss: Any = None) -> Builder:
    def build(shape: Shape) -> keras.Model:
        model = keras.Sequential(
            [
                keras.Input(shape),
                layers.Dense(5, activation="tanh"),
                layers.Dense(head.width, activation=head.activation),
            ]
        )
        model.compile(keras.optimizers.Adam(0.02), loss=loss or head.loss())
        return model

    return build


@pytest.mark.parametrize("name", some(HEADS))
def test_every_loss_trains_the_same_weights(name: str, tmp_path: Path) -> None:
    compare(tmp_path, single(HEADS[name]), labels=HEADS[name].labels, weighted=True)


def several(names: list[str], given: Callable[[str], Any]) -> Builder:
    def build(shape: Shape) -> keras.Model:
        inputs = keras.Input(shape)
        outputs = [
            layers.Dense(HEADS[name].width, activation=HEADS[name].activation, name=name.lower())(inputs)
            for name in names
        ]
        model = keras.Model(inputs, outputs)
        model.compile(keras.optimizers.SGD(0.001), loss=list(map(given, names)))
        return model

    return build


def side_by_side(names: list[str]) -> tuple[Labels, tuple[int, ...]]:
    """Labels of several heads, and how many columns each has."""

    def columns(x: NDArray[np.float32]) -> list[NDArray[Any]]:
        return [HEADS[name].labels(x).reshape(len(x), -1).astype(np.float32) for name in names]

    widths = tuple(part.shape[1] for part in columns(np.zeros((1, 6), np.float32)))
    return lambda x: np.hstack(columns(x)), widths


@pytest.mark.slow
@pytest.mark.parametrize("form", ["object", "function"])
def test_all_losses_side_by_side_train_the_same_weights(form: str, tmp_path: Path) -> None:
    """Several outputs are never masked: here the last batch is apart."""
    functions = {name: getattr(losses, function) for function, name in FUNCTIONS.items()}
    names = list(functions if form == "function" else HEADS)
    given = functions.__getitem__ if form == "function" else lambda name: HEADS[name].loss()
    labels, widths = side_by_side(names)
    recipe = Recipe(epochs=5, batch_size=8, checkpoint="last", widths=widths)
    compare(tmp_path, several(names, given), recipe, labels=labels)


@pytest.mark.slow
@pytest.mark.parametrize("form", SEQUENCES)
def test_sequences_are_aligned_the_same(form: str, tmp_path: Path) -> None:
    def build(shape: Shape) -> keras.Model:
        model = keras.Sequential(
            [keras.Input(shape), layers.Dense(20), layers.Reshape((5, 4)), layers.Activation("softmax")]
        )
        loss = getattr(losses, form)
        model.compile(keras.optimizers.SGD(0.1), loss=loss() if isinstance(loss, type) else loss)
        return model

    def labels(x: NDArray[np.float32]) -> NDArray[np.int32]:
        return np.argsort(x[:, :2], axis=1).astype(np.int32) + 1

    compare(tmp_path, build, labels=labels)


@pytest.mark.slow
@pytest.mark.parametrize("reduction", ["sum", "mean", "mean_with_sample_weight", "none"])
def test_every_reduction_trains_the_same_weights(reduction: str, tmp_path: Path) -> None:
    head = HEADS["MeanSquaredError"]
    loss = losses.MeanSquaredError(reduction=reduction)
    compare(tmp_path, single(head, loss), SHORT, labels=head.labels, weighted=True)
