from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from harness.engines.frozen.cut import NoFrozenPart, find_cut
from harness.engines.frozen.model import SplitModel

SHAPE = (8, 8, 3)


def frozen(layer: Any) -> Any:
    layer.trainable = False
    return layer


def basis(*body: Any) -> keras.Sequential:
    return frozen(keras.Sequential([keras.Input(SHAPE), layers.Conv2D(4, 3), *body], name="basis"))


def in_part(*body: Any) -> keras.Sequential:
    """A base whose first layer only is frozen."""
    return keras.Sequential([keras.Input(SHAPE), frozen(layers.Conv2D(4, 3, name="first")), *body], name="inner")


def with_a_branch_inside() -> keras.Model:
    """Layers of a residual block, the first of them frozen, in a model within a model."""
    inputs = keras.Input(SHAPE)
    x = frozen(layers.Conv2D(4, 3, padding="same"))(inputs)
    x = frozen(layers.BatchNormalization(name="end"))(x)
    left = layers.Conv2D(4, 3, padding="same")(layers.ReLU()(layers.Conv2D(4, 1)(x)))
    block = keras.Model(inputs, layers.Add()([left, layers.Conv2D(4, 1)(x)]), name="block")
    return classifier(keras.Sequential([keras.Input(SHAPE), layers.Rescaling(0.5), block]), layers.Flatten())


def classifier(*body: Any) -> keras.Model:
    model = keras.Sequential([keras.Input(SHAPE), *body, layers.Dense(1, name="output")])
    model.compile(loss="mse")
    return model


def functional(between: Callable[[Any], Any]) -> keras.Model:
    inputs = keras.Input(SHAPE)
    model = keras.Model(inputs, layers.Dense(1, name="output")(between(inputs)))
    model.compile(loss="mse")
    return model


def beside_a_trained_branch(x: Any) -> Any:
    trained = layers.Flatten()(layers.Conv2D(2, 3, name="trained")(x))
    return layers.Concatenate()([trained, layers.Flatten()(basis()(x))])


def with_a_shortcut(x: Any) -> Any:
    x = layers.Add(name="sum")([x, frozen(layers.Conv2D(3, 3, padding="same"))(x)])
    x = layers.Flatten(name="flat")(x)
    return layers.Concatenate()([layers.Dense(3)(x), layers.Dense(3)(x)])


CUTS: dict[str, tuple[Callable[[], keras.Model], str]] = {
    "nested base": (lambda: classifier(layers.Rescaling(0.1), basis(), layers.Flatten(name="end")), "end"),
    "layer by layer": (
        lambda: classifier(
            frozen(layers.Conv2D(4, 3)), frozen(layers.BatchNormalization()), layers.Flatten(name="end")
        ),
        "end",
    ),
    "up to a dropout": (
        lambda: classifier(basis(), layers.ReLU(name="end"), layers.Dropout(0.1), layers.Flatten()),
        "end",
    ),
    "frozen layers behind a trained one count for nothing": (
        lambda: classifier(
            frozen(layers.Conv2D(4, 1, name="end")),
            layers.Conv2D(4, 1),
            frozen(layers.Conv2D(4, 1)),
            layers.Flatten(),
        ),
        "end",
    ),
    "operations": (
        lambda: functional(lambda x: layers.Flatten(name="end")(basis()(ops.flip(x, axis=-1) / 2 - 1))),
        "end",
    ),
    "a shortcut and two heads": (lambda: functional(with_a_shortcut), "flat"),
    "within a base that is frozen in part": (
        lambda: classifier(in_part(layers.ReLU(name="end"), layers.Conv2D(4, 3)), layers.Flatten()),
        "end",
    ),
    "within a base, up to a dropout": (
        lambda: classifier(basis(layers.ReLU(name="end"), layers.Dropout(0.5)), layers.Flatten()),
        "end",
    ),
    "within a model within a model": (with_a_branch_inside, "end"),
    "not where two layers within would have one name": (
        lambda: classifier(
            frozen(layers.Conv2D(3, 1, name="end")),
            layers.Conv2D(3, 1, name="first"),
            in_part(layers.Conv2D(4, 3)),
            layers.Flatten(),
        ),
        "end",
    ),
}


@pytest.mark.parametrize("case", CUTS)
def test_the_cut_is_behind_the_longest_part_that_never_changes(case: str) -> None:
    build, end = CUTS[case]
    assert find_cut(build()).name == end


@pytest.mark.parametrize("case", CUTS)
def test_both_parts_together_are_the_whole(case: str) -> None:
    model = CUTS[case][0]()
    split = SplitModel(model)
    x = np.random.default_rng(0).normal(size=(5, *SHAPE)).astype("float32")
    np.testing.assert_array_equal(split.head(split.base(x)), model(x))
    assert [id(weight) for weight in split.head.trainable_weights] == [
        id(weight) for weight in model.trainable_weights
    ]


class Own(layers.Layer):
    def call(self, x: Any) -> Any:
        return x


OBSTACLES: dict[str, tuple[Callable[[], keras.Model], str]] = {
    "nothing frozen": (
        lambda: classifier(layers.Conv2D(4, 3, name="first"), layers.Flatten()),
        "'first' is trained",
    ),
    "no weights": (
        lambda: classifier(layers.Flatten(), layers.Dense(2, name="hidden")),
        "'hidden' is trained",
    ),
    "dropout within": (
        lambda: classifier(
            keras.Sequential([keras.Input(SHAPE), layers.Dropout(0.5, name="drop"), frozen(layers.Conv2D(4, 3))]),
            layers.Flatten(),
        ),
        "'drop' does something else in training",
    ),
    "batch normalisation that learns": (
        lambda: classifier(
            layers.BatchNormalization(scale=False, center=False, name="norm"), basis(), layers.Flatten()
        ),
        "'norm' is not frozen",
    ),
    "a loss of its own": (
        lambda: classifier(frozen(layers.Conv2D(4, 3, activity_regularizer="l2", name="conv")), layers.Flatten()),
        "'conv' adds to the loss",
    ),
    "code of its own": (
        lambda: classifier(Own(name="own"), basis(), layers.Flatten()),
        "'own' has code of its own",
    ),
    "across rows": (
        lambda: functional(lambda x: layers.Flatten()(basis()(x - ops.mean(x, axis=0)))),
        "'mean' may look across rows",
    ),
    "a way around": (lambda: functional(beside_a_trained_branch), "'trained' is trained"),
    "augmentation": (
        lambda: classifier(layers.RandomFlip(name="flip"), basis(), layers.Flatten()),
        "'flip' changes images at random (augment_copies=N keeps N versions of each)",
    ),
}


@pytest.mark.parametrize("case", OBSTACLES)
def test_what_is_in_the_way_is_named(case: str) -> None:
    build, reason = OBSTACLES[case]
    with pytest.raises(NoFrozenPart) as refused:
        find_cut(build())
    assert str(refused.value) == reason


def test_calling_a_base_in_inference_mode_does_not_freeze_its_dropout() -> None:
    """As Keras has it: `model(x, training=True)` overrides the `training=False` that a layer was called with."""
    base = basis(layers.Dropout(0.5, name="drop"))
    model = functional(lambda x: layers.Flatten()(base(x, training=False)))
    x = np.ones((1, *SHAPE), dtype="float32")
    split = SplitModel(model)
    assert "drop" not in [layer.name for layer in split.base.layers]
    for whole in (model, lambda x, training: split.head(split.base(x, training=training), training=training)):
        assert not np.allclose(whole(x, training=True), whole(x, training=True))
        np.testing.assert_array_equal(whole(x, training=False), model(x))


def test_looking_into_a_base_leaves_the_model_as_it_is(tmp_path: Path) -> None:
    model = with_a_branch_inside()
    before = model.get_config()
    SplitModel(model)
    assert model.get_config() == before
    model.optimizer.build(model.trainable_variables)
    model.save(tmp_path / "model.keras")
    x = np.random.default_rng(0).normal(size=(3, *SHAPE)).astype("float32")
    np.testing.assert_array_equal(keras.models.load_model(tmp_path / "model.keras")(x), model(x))


def test_augmentation_ends_before_the_base() -> None:
    augment = keras.Sequential([keras.Input(SHAPE), layers.RandomFlip(), layers.RandomZoom(0.2)], name="augment")
    model = classifier(layers.Rescaling(2.0), augment, basis(), layers.Flatten())
    split = SplitModel(model, augmentation=True)
    assert split.augmentation is not None
    assert [layer.name for layer in split.augmentation.layers][-1] == "augment"
    x = np.random.default_rng(0).normal(size=(2, *SHAPE)).astype("float32")
    augmented = split.augmentation(x, training=False)
    np.testing.assert_array_equal(split.base(x, training=False), split.after_augmentation(augmented))


def test_mixing_images_is_no_augmentation_to_keep() -> None:
    with pytest.raises(NoFrozenPart, match="'mix'"):
        find_cut(classifier(layers.MixUp(name="mix"), basis(), layers.Flatten()), augmentation=True)
