"""A network pretrained on ImageNet, put to work on other photographs.

Network: Simonyan and Zisserman 2015, "Very Deep Convolutional Networks for Large-Scale Image Recognition",
International Conference on Learning Representations. Freezing: Chollet, "Transfer learning and fine-tuning", Keras
developer guides. The four regimes: CS231n, Stanford, lecture notes on transfer learning.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import Any, Literal

import keras
from keras import layers

from zoo._augmentation import augmented
from zoo._backbones import Preprocessing, build_backbone, find_backbone, preprocessed
from zoo._checks import as_choice, as_count, as_fraction, as_image, as_units
from zoo._parts import as_learning_rate, as_metrics, classifier_head, leaf_layers

Regime = Literal["frozen", "partial", "truncated", "full"]


def vgg19_transfer(
    input_shape: tuple[int, ...] = (256, 256, 3),
    *,
    classes: int = 16,
    base: str = "vgg19",
    regime: Regime = "frozen",
    frozen_layers: int = 5,
    truncate_at: str = "block2_pool",
    weights: str | os.PathLike[str] | None = "imagenet",
    preprocessing: Preprocessing = "keras",
    augmentation: bool = False,
    pooling: Literal["avg", "max"] | int | None = None,
    units: Sequence[int] = (1024, 1024),
    dropout: float = 0.5,
    learning_rate: float | keras.optimizers.schedules.LearningRateSchedule = 1e-4,
    momentum: float = 0.9,
    loss: str | keras.losses.Loss | None = None,
    metrics: str | Sequence[str] = ("accuracy",),
) -> keras.Model:
    """Builds a classifier on a convolutional base, VGG19 or any other of `keras.applications`.

    The source trains for 50 epochs in batches of 16 and stops after 10 without a better validation accuracy; it
    gives no figure. Pixels are scaled inside the model: what is saved takes images as they are.

    The base is one layer, called by the base's name. Unless it is trained whole, it works in training as it does
    in predicting: its batch normalisation is frozen, before and after `zoo.fine_tuning.unfreeze`, and it drops no
    units.

    Args:
        input_shape: `(height, width, 3)`, RGB pixels from 0 to 255; VGG19 takes 32 x 32 and larger.
        classes: Number of classes, 2 or more. Two give one sigmoid unit, more a softmax.
        base: Name of a backbone in `keras.applications`, in any case, with or without underscores.
        regime: What is trained besides the new layers. "frozen": nothing, for few images like those of ImageNet.
            "partial": the base without its first `frozen_layers`, for many. "truncated": nothing, on a base that
            ends at `truncate_at`, for few images unlike those. "full": the whole base, for many.
        frozen_layers: Layers of the base that stay as they are in the regime "partial", its input layer counted.
        truncate_at: Layer of the base to end at in the regime "truncated".
        weights: "imagenet" (downloaded once by Keras), None for random ones, or the path of an HDF5 file that is
            read by layer name, as by `zoo.weights.load_weights_by_name`.
        preprocessing: Scaling of the pixels: "keras" as the base's own `preprocess_input`, "rescale" to [0, 1], or
            "torch" to [0, 1] less ImageNet's mean, over its standard deviation, as PyTorch's weights want it.
        augmentation: Whether to flip, zoom, shift and rotate training images at random.
        pooling: What the new layers are given of the base's output: None for all of it, as the source, "avg" or
            "max" for one number a channel, or a number for the averages over so many cells each way, at most.
        units: Width of each hidden layer.
        dropout: Fraction of the first hidden layer's units to drop, in [0, 1).
        learning_rate: Step size of stochastic gradient descent, above 0, or a schedule.
        momentum: Momentum of stochastic gradient descent, in [0, 1).
        loss: Loss, or `None` for the cross-entropy that fits `classes`.
        metrics: Names of the metrics in the history.

    Returns:
        A compiled `keras.Model` from `(images, height, width, 3)` to `(images, classes)`, the probabilities of the
        classes, or to `(images, 1)`, the probability of the second class, where there are two.

    Raises:
        ValueError: If an argument is out of range, or the weights cannot be had; the message says which and why.

    Example:
        >>> model = vgg19_transfer(input_shape=(32, 32, 3), classes=4, regime="truncated", weights=None)
        >>> model.get_layer("vgg19").count_params()
        260160
    """
    shape = as_image(input_shape)
    find_backbone(base)
    as_choice("regime", regime, ("frozen", "partial", "truncated", "full"))
    as_choice("preprocessing", preprocessing, ("keras", "rescale", "torch"))
    _check_pooling(pooling)
    head = classifier_head(classes)
    optimizer = keras.optimizers.SGD(as_learning_rate(learning_rate), momentum=as_fraction("momentum", momentum))
    convolutions = build_backbone(base, shape, weights, truncate_at if regime == "truncated" else None)
    _freeze(convolutions, regime, as_count("frozen_layers", frozen_layers))

    inputs = keras.Input(shape, name="pixels")
    x = augmented(inputs) if augmentation else inputs
    x = preprocessed(x, preprocessing, base)
    x = convolutions(x)
    x = _pooled(x, pooling)
    for number, width in enumerate(as_units(units), start=1):
        x = layers.Dense(width, activation="relu", name=f"hidden_{number}")(x)
        if number == 1:
            x = layers.Dropout(as_fraction("dropout", dropout), name="dropout")(x)
    outputs = layers.Dense(head.units, activation=head.activation, name="output")(x)

    model = keras.Model(inputs, outputs, name="vgg19_transfer")
    model.compile(optimizer, loss=loss or head.loss, metrics=as_metrics(metrics))
    return model


def _freeze(base: keras.Model, regime: Regime, frozen_layers: int) -> None:
    if regime == "full":
        return
    for layer in base.layers[:frozen_layers] if regime == "partial" else [base]:
        layer.trainable = False
    for layer in leaf_layers(base):
        _keep_in_inference_mode(layer)


def _keep_in_inference_mode(layer: keras.layers.Layer) -> None:
    """Calling the base with training=False would not do: training the model, Keras 3 trains it all the same."""
    if isinstance(layer, layers.BatchNormalization):
        layer.trainable = False
    if isinstance(layer, layers.Dropout):
        layer.rate = 0.0


def _check_pooling(pooling: Any) -> None:
    if pooling not in (None, "avg", "max") and not (type(pooling) is int and pooling > 0):
        raise ValueError(
            f"`pooling` must be None, 'avg', 'max' or a number of cells. Received: pooling={pooling!r}"
        )


def _pooled(x: Any, pooling: Literal["avg", "max"] | int | None) -> Any:
    if pooling == "avg":
        return layers.GlobalAveragePooling2D(name="pooling")(x)
    if pooling == "max":
        return layers.GlobalMaxPooling2D(name="pooling")(x)
    if isinstance(pooling, int):
        height, width = x.shape[2:] if keras.config.image_data_format() == "channels_first" else x.shape[1:3]
        cell = math.ceil(height / pooling), math.ceil(width / pooling)
        x = layers.AveragePooling2D(cell, padding="same", name="pooling")(x)
    return layers.Flatten(name="flatten")(x)
