"""Every layer of Keras trains the same weights under the vectorized engine as under `model.fit`, or is refused.

Layers of one kind stand side by side in one network, for compiling takes most of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from harness.engines.base import Shape
from harness.engines.vectorized import rowwise
from harness.engines.vectorized.backend import StatelessModel
from harness.engines.vectorized.engine import VectorizedEngine
from harness.engines.vectorized.rows import Batch
from harness.errors import EngineError
from harness.progress import Progress
from tests.backends import on_tensorflow
from tests.contract.engines.comparison import (
    FEATURES,
    SHORT,
    Builder,
    assert_complete,
    assert_refused,
    compare,
    compiled,
    functional,
    make_task,
    sequential,
    some,
)

layers = keras.layers
Maker = Callable[[], Any]
# From the six features of a row to some numbers.
Branch = Callable[[Any], Any]


def alone(make: Maker, units: int = 6) -> Branch:
    return lambda x: make()(layers.Dense(units)(x))


def shaped(shape: tuple[int, ...], make: Maker) -> Branch:
    """On as many numbers as the shape has."""

    def branch(x: Any) -> Any:
        made = make()(layers.Reshape(shape)(layers.Dense(int(np.prod(shape)))(x)))
        return made if len(made.shape) == 2 else layers.Flatten()(made)

    return branch


def on_sequences(make: Maker) -> Branch:
    return shaped((6, 2), make)


def on_images(make: Maker) -> Branch:
    return shaped((4, 4, 2), make)


def on_volumes(make: Maker, shape: tuple[int, ...] = (4, 4, 4, 1)) -> Branch:
    return shaped(shape, make)


def on_pictures(make: Maker) -> Branch:
    """On images of three colours between 0 and 1, which nothing has to be differentiated for."""

    def branch(x: Any) -> Any:
        colours = layers.Dense(8 * 8 * 3, activation="sigmoid", trainable=False)(x)
        return layers.Flatten()(make()(layers.Reshape((8, 8, 3))(colours)))

    return branch


def on_numbers(make: Maker) -> Branch:
    """On whole numbers from 0 to 5."""
    return lambda x: layers.Flatten()(make()(layers.Rescaling(0.5, offset=2.0)(x)))


def merging(make: Maker) -> Branch:
    return lambda x: make()([layers.Dense(5, activation="tanh")(x), layers.Dense(5)(x)])


def attending(make: Maker) -> Branch:
    """On a sequence as query and another one as value."""

    def branch(x: Any) -> Any:
        query, value = (layers.Reshape((3, 4))(layers.Dense(12)(x)) for _ in range(2))
        return layers.Flatten()(make()(query, value))

    return branch


def attending_in_a_list(make: Maker) -> Branch:
    return attending(lambda: lambda query, value: make()([query, value]))


def tied(x: Any) -> Any:
    embedding = layers.ReversibleEmbedding(6, 3)
    hidden = layers.Flatten()(embedding(layers.Rescaling(0.5, offset=2.0)(x)))
    return embedding(layers.Dense(3, activation="tanh")(hidden), reverse=True)


def masking(x: Any) -> Any:
    return layers.LSTM(3)(layers.Masking()(layers.Reshape((FEATURES, 1))(layers.ReLU()(x))))


def spectra(make: Maker) -> Branch:
    """On a signal that nothing has to be differentiated for: the slope of a logarithm is without bounds."""

    def branch(x: Any) -> Any:
        signal = layers.Dense(64, trainable=False)(x)
        return layers.Rescaling(0.01)(layers.Flatten()(make()(signal)))

    return branch


def side_by_side(branches: Iterable[Branch]) -> Builder:
    def body(x: Any) -> Any:
        return layers.Concatenate()([branch(x) for branch in branches])

    return functional(body)


# Where every layer looks at one row at a time, the last batch is filled up and masked.
MASKED: dict[str, dict[str, Branch]] = {
    "numbers": {
        "Activation": alone(lambda: layers.Activation("gelu")),
        "Add": merging(layers.Add),
        "Average": merging(layers.Average),
        "Concatenate": merging(layers.Concatenate),
        "Dense": alone(lambda: layers.Dense(5, kernel_regularizer="l1l2", bias_constraint="non_neg")),
        "Dropout": alone(lambda: layers.Dropout(0.2)),
        "ELU": alone(lambda: layers.ELU(0.7)),
        "Embedding": on_numbers(lambda: layers.Embedding(6, 3)),
        # Of five units: where as many numbers are drawn as there are rows, an odd count is a case of its own.
        "GaussianDropout": alone(lambda: layers.GaussianDropout(0.2), 5),
        "GaussianNoise": alone(lambda: layers.GaussianNoise(0.3), 5),
        "Identity": alone(layers.Identity),
        "InputLayer": lambda x: x,
        "LayerNormalization": alone(layers.LayerNormalization),
        "LeakyReLU": alone(layers.LeakyReLU),
        "Maximum": merging(layers.Maximum),
        "Multiply": merging(layers.Multiply),
        "Normalization": lambda x: layers.Normalization(mean=0.3, variance=2.0)(x),
        "PReLU": alone(lambda: layers.PReLU(alpha_initializer="uniform")),
        "ReLU": alone(lambda: layers.ReLU(max_value=1.0, negative_slope=0.1)),
        "RepeatVector": alone(lambda: lambda x: layers.Flatten()(layers.RepeatVector(2)(x))),
        "Rescaling": lambda x: layers.Rescaling(0.5, offset=0.1)(x),
        "Softmax": alone(layers.Softmax),
        "Subtract": merging(layers.Subtract),
        "UnitNormalization": alone(layers.UnitNormalization),
    },
    "sequences": {
        "AveragePooling1D": on_sequences(lambda: layers.AveragePooling1D(2)),
        "Conv1D": on_sequences(lambda: layers.Conv1D(4, 3, activation="relu", padding="causal")),
        "EinsumDense": on_sequences(lambda: layers.EinsumDense("btf,fu->btu", (6, 3), bias_axes="u")),
        "GlobalAveragePooling1D": on_sequences(layers.GlobalAveragePooling1D),
        "GlobalMaxPooling1D": on_sequences(layers.GlobalMaxPooling1D),
        "MaxPooling1D": on_sequences(lambda: layers.MaxPooling1D(2)),
        "Permute": on_sequences(lambda: layers.Permute((2, 1))),
        "Reshape": on_sequences(lambda: layers.Reshape((3, -1))),
        "SeparableConv1D": on_sequences(lambda: layers.SeparableConv1D(3, 3)),
        "SpatialDropout1D": on_sequences(lambda: layers.SpatialDropout1D(0.3)),
    },
    "images": {
        "AveragePooling2D": on_images(lambda: layers.AveragePooling2D(3, strides=1, padding="same")),
        "Conv2D": on_images(lambda: layers.Conv2D(4, 3, padding="same", groups=2)),
        "DepthwiseConv2D": on_images(lambda: layers.DepthwiseConv2D(3)),
        "Flatten": on_images(layers.Flatten),
        "GlobalAveragePooling2D": on_images(layers.GlobalAveragePooling2D),
        "GlobalMaxPooling2D": on_images(layers.GlobalMaxPooling2D),
        "MaxPooling2D": on_images(lambda: layers.MaxPooling2D(2)),
        "SeparableConv2D": on_images(lambda: layers.SeparableConv2D(3, 3)),
        "SpatialDropout2D": on_images(lambda: layers.SpatialDropout2D(0.3)),
    },
}
# Everywhere else each size of a fold is compiled by itself, its last batch apart.
APART: dict[str, dict[str, Branch]] = {
    "numbers": {
        "ActivityRegularization": alone(lambda: layers.ActivityRegularization(l1=0.01, l2=0.05)),
        "AlphaDropout": alone(lambda: layers.AlphaDropout(0.2), 5),
        "BatchNormalization": alone(layers.BatchNormalization),
        "Discretization": lambda x: layers.Flatten()(
            layers.Discretization([-1.0, 0.0, 0.5], output_mode="one_hot")(x)
        ),
        "Dot": merging(lambda: layers.Dot(axes=1, normalize=True)),
        "GroupNormalization": alone(lambda: layers.GroupNormalization(2)),
        "Minimum": merging(layers.Minimum),
        "Pipeline": lambda x: layers.Pipeline([layers.Rescaling(0.5), layers.Identity()])(x),
        "RMSNormalization": alone(layers.RMSNormalization),
        "ReversibleEmbedding": tied,
    },
    "sequences": {
        "AdaptiveAveragePooling1D": on_sequences(lambda: layers.AdaptiveAveragePooling1D(4)),
        "AdaptiveMaxPooling1D": on_sequences(lambda: layers.AdaptiveMaxPooling1D(4)),
        "Conv1DTranspose": on_sequences(lambda: layers.Conv1DTranspose(3, 3, strides=2)),
        "Cropping1D": on_sequences(lambda: layers.Cropping1D((1, 2))),
        "DepthwiseConv1D": on_sequences(lambda: layers.DepthwiseConv1D(3, depth_multiplier=2)),
        "TimeDistributed": on_sequences(lambda: layers.TimeDistributed(layers.Dense(3))),
        "UpSampling1D": on_sequences(lambda: layers.UpSampling1D(2)),
        "ZeroPadding1D": on_sequences(lambda: layers.ZeroPadding1D(1)),
    },
    "recurrent": {
        "Bidirectional": shaped((3, 2), lambda: layers.Bidirectional(layers.LSTM(2, return_sequences=True))),
        "GRU": shaped((3, 2), lambda: layers.GRU(3, recurrent_dropout=0.2)),
        "LSTM": shaped((3, 2), lambda: layers.LSTM(3, dropout=0.2)),
        "Masking": masking,
        "RNN": shaped((3, 2), lambda: layers.RNN([layers.GRUCell(3), layers.LSTMCell(2)])),
        "SimpleRNN": shaped((3, 2), lambda: layers.SimpleRNN(3, recurrent_dropout=0.1)),
    },
    "recurrent convolutions": {
        "ConvLSTM1D": on_volumes(lambda: layers.ConvLSTM1D(2, 2), (2, 4, 2)),
        "ConvLSTM2D": on_volumes(lambda: layers.ConvLSTM2D(2, 2, dropout=0.2), (2, 3, 3, 1)),
        "ConvLSTM3D": on_volumes(lambda: layers.ConvLSTM3D(2, 2), (2, 3, 3, 3, 1)),
    },
    "attention": {
        "AdditiveAttention": attending_in_a_list(layers.AdditiveAttention),
        "Attention": attending_in_a_list(lambda: layers.Attention(use_scale=True, dropout=0.2)),
        "GroupedQueryAttention": attending(lambda: layers.GroupQueryAttention(2, 4, 2)),
        "MultiHeadAttention": attending(lambda: layers.MultiHeadAttention(2, 3, dropout=0.2)),
    },
    "images": {
        "AdaptiveAveragePooling2D": on_images(lambda: layers.AdaptiveAveragePooling2D(3)),
        "AdaptiveMaxPooling2D": on_images(lambda: layers.AdaptiveMaxPooling2D(3)),
        "Conv2DTranspose": on_images(lambda: layers.Conv2DTranspose(3, 2, strides=2)),
        "Cropping2D": on_images(lambda: layers.Cropping2D(1)),
        "UpSampling2D": on_images(lambda: layers.UpSampling2D(2, interpolation="bilinear")),
        "ZeroPadding2D": on_images(lambda: layers.ZeroPadding2D(1)),
    },
    "volumes": {
        "AdaptiveAveragePooling3D": on_volumes(lambda: layers.AdaptiveAveragePooling3D(3)),
        "AdaptiveMaxPooling3D": on_volumes(lambda: layers.AdaptiveMaxPooling3D(2)),
        "AveragePooling3D": on_volumes(lambda: layers.AveragePooling3D(2)),
        "Conv3D": on_volumes(lambda: layers.Conv3D(2, 2)),
        "Conv3DTranspose": on_volumes(lambda: layers.Conv3DTranspose(2, 2)),
        "Cropping3D": on_volumes(lambda: layers.Cropping3D(1)),
        "GlobalAveragePooling3D": on_volumes(layers.GlobalAveragePooling3D),
        "GlobalMaxPooling3D": on_volumes(layers.GlobalMaxPooling3D),
        "MaxPooling3D": on_volumes(lambda: layers.MaxPooling3D(2)),
        "SpatialDropout3D": on_volumes(lambda: layers.SpatialDropout3D(0.3), (2, 2, 2, 3)),
        "UpSampling3D": on_volumes(lambda: layers.UpSampling3D(2)),
        "ZeroPadding3D": on_volumes(lambda: layers.ZeroPadding3D(1)),
    },
    "spectra": {
        "MelSpectrogram": spectra(
            lambda: layers.MelSpectrogram(16, sequence_stride=8, num_mel_bins=4, sampling_rate=100)
        ),
        "STFTSpectrogram": spectra(
            lambda: lambda x: layers.STFTSpectrogram(frame_length=16, frame_step=8)(layers.Reshape((64, 1))(x))
        ),
    },
    "pictures": {
        "AutoContrast": on_pictures(lambda: layers.AutoContrast(value_range=(0, 1))),
        "CenterCrop": on_pictures(lambda: layers.CenterCrop(5, 4)),
        "ContrastLimitedAdaptiveHistogramEqualization": on_pictures(
            lambda: layers.ContrastLimitedAdaptiveHistogramEqualization(value_range=(0, 1), tile_grid_size=(2, 2))
        ),
        "Resizing": on_pictures(lambda: layers.Resizing(5, 6)),
        "Solarization": on_pictures(lambda: layers.Solarization(0.1, value_range=(0, 1))),
    },
}
# One a network, for what they draw is most of their work.
RANDOM: dict[str, Branch] = {
    "RandomBrightness": on_pictures(lambda: layers.RandomBrightness(0.3, value_range=(0, 1))),
    "RandomColorDegeneration": on_pictures(lambda: layers.RandomColorDegeneration(0.5, value_range=(0, 1))),
    "RandomColorJitter": on_pictures(
        lambda: layers.RandomColorJitter((0, 1), brightness_factor=0.3, contrast_factor=0.2, hue_factor=0.1)
    ),
    "RandomContrast": on_pictures(lambda: layers.RandomContrast(0.3, value_range=(0, 1))),
    "RandomErasing": on_pictures(lambda: layers.RandomErasing(value_range=(0, 1))),
    "RandomFlip": on_pictures(layers.RandomFlip),
    "RandomGaussianBlur": on_pictures(lambda: layers.RandomGaussianBlur(value_range=(0, 1))),
    "RandomGrayscale": on_pictures(lambda: layers.RandomGrayscale(0.5)),
    "RandomHue": on_pictures(lambda: layers.RandomHue(0.3, value_range=(0, 1))),
    "RandomInvert": on_pictures(lambda: layers.RandomInvert(0.5, value_range=(0, 1))),
    "RandomPosterization": on_pictures(lambda: layers.RandomPosterization(4, value_range=(0, 1))),
    "RandomSaturation": on_pictures(lambda: layers.RandomSaturation(0.5, value_range=(0, 1))),
    "RandomSharpness": on_pictures(lambda: layers.RandomSharpness(0.5, value_range=(0, 1))),
}


def on_words(make: Maker) -> keras.Model:
    words = keras.Input((1,), dtype="string")
    return compiled(keras.Model(words, layers.Dense(1)(make()(words))))


def on_rows(branch: Branch) -> keras.Model:
    return functional(branch)((FEATURES,))


CANNOT_BE_COMPILED = "cannot be compiled"
NOT_KERAS_OWN = "is not Keras' own and may keep state outside its variables"
REFUSED: dict[str, tuple[Callable[[], keras.Model], str]] = {
    "AugMix": (lambda: on_rows(on_pictures(lambda: layers.AugMix(value_range=(0, 1)))), CANNOT_BE_COMPILED),
    "HashedCrossing": (
        lambda: on_rows(lambda x: layers.HashedCrossing(4, output_mode="one_hot")((x[:, :1], x[:, 1:2]))),
        CANNOT_BE_COMPILED,
    ),
    "Hashing": (lambda: on_rows(lambda x: layers.Hashing(4)(x)), CANNOT_BE_COMPILED),
    "IntegerLookup": (lambda: on_rows(lambda x: layers.IntegerLookup(vocabulary=[1, 2])(x)), CANNOT_BE_COMPILED),
    "Lambda": (lambda: on_rows(lambda x: layers.Lambda(abs)(x)), NOT_KERAS_OWN),
    "RandAugment": (
        lambda: on_rows(on_pictures(lambda: layers.RandAugment(value_range=(0, 1)))),
        CANNOT_BE_COMPILED,
    ),
    "RandomCrop": (lambda: on_rows(on_pictures(lambda: layers.RandomCrop(5, 5))), CANNOT_BE_COMPILED),
    "RandomPerspective": (lambda: on_rows(on_pictures(layers.RandomPerspective)), CANNOT_BE_COMPILED),
    "RandomRotation": (lambda: on_rows(on_pictures(lambda: layers.RandomRotation(0.2))), CANNOT_BE_COMPILED),
    "RandomShear": (lambda: on_rows(on_pictures(lambda: layers.RandomShear(0.3))), CANNOT_BE_COMPILED),
    "RandomTranslation": (
        lambda: on_rows(on_pictures(lambda: layers.RandomTranslation(0.2, 0.2))),
        CANNOT_BE_COMPILED,
    ),
    "RandomZoom": (lambda: on_rows(on_pictures(lambda: layers.RandomZoom(0.2))), CANNOT_BE_COMPILED),
    "SpectralNormalization": (
        lambda: on_rows(alone(lambda: layers.SpectralNormalization(layers.Dense(4)))),
        "overwrites its own weights while training",
    ),
    "StringLookup": (
        lambda: on_words(lambda: layers.StringLookup(vocabulary=["a", "b"], output_mode="one_hot")),
        CANNOT_BE_COMPILED,
    ),
    "TextVectorization": (
        lambda: on_words(lambda: layers.TextVectorization(vocabulary=["a", "b"], output_mode="multi_hot")),
        CANNOT_BE_COMPILED,
    ),
}
# What the compiler alone finds out.
REFUSED_BY_THE_COMPILER: dict[str, Branch] = {
    "CategoryEncoding": on_numbers(lambda: layers.CategoryEncoding(6, output_mode="multi_hot")),
    "CutMix": on_pictures(layers.CutMix),
    "MixUp": on_pictures(layers.MixUp),
    "RandomElasticTransform": on_pictures(lambda: layers.RandomElasticTransform(value_range=(0, 1))),
}
NO_CASE = {
    "Equalization": "hands its symbolic input back, so that Keras finds a cycle in any network with it",
    **dict.fromkeys(("Layer", "Wrapper"), "a base"),
    **dict.fromkeys(("GRUCell", "LSTMCell", "SimpleRNNCell", "StackedRNNCells"), "a part of the layer RNN"),
    **dict.fromkeys(("Input", "InputSpec", "deserialize", "serialize"), "no layer"),
    **dict.fromkeys(("add", "average", "concatenate", "dot", "maximum"), "calls the layer of its name"),
    **dict.fromkeys(("minimum", "multiply", "subtract"), "calls the layer of its name"),
    **dict.fromkeys(("FlaxLayer", "TorchModuleWrapper"), "needs a package that is no requirement"),
    **dict.fromkeys(("JaxLayer", "TFSMLayer"), "refused as Lambda is, by a test of its own"),
    "MaxNumBoundingBoxes": "takes boxes, which no data set has",
}


def test_every_layer_of_keras_has_a_case() -> None:
    compared = [name for group in (*MASKED.values(), *APART.values()) for name in group]
    assert_complete(layers, compared, RANDOM, REFUSED, REFUSED_BY_THE_COMPILER, NO_CASE)


def test_every_layer_that_may_be_masked_is_compared_where_it_is() -> None:
    compared = {name for group in MASKED.values() for name in group}
    assert {layer.__name__ for layer in rowwise._ROWWISE_LAYERS} == compared


def is_masked(build: Builder) -> bool:
    model = build((FEATURES,))
    StatelessModel(model, Batch(np.zeros((1, FEATURES), np.float32), np.zeros((1, 1), np.float32)))
    return rowwise.is_rowwise(model)


@pytest.mark.slow
@pytest.mark.parametrize("group", MASKED)
def test_every_layer_trains_the_same_weights_where_rows_are_masked(group: str, tmp_path: Path) -> None:
    build = side_by_side(MASKED[group].values())
    assert is_masked(build)
    compare(tmp_path, build)


@pytest.mark.slow
@pytest.mark.parametrize("group", APART)
def test_every_layer_trains_the_same_weights_where_none_are(group: str, tmp_path: Path) -> None:
    build = side_by_side(APART[group].values())
    assert not is_masked(build)
    compare(tmp_path, build)


@pytest.mark.slow
@pytest.mark.parametrize("name", RANDOM)
def test_every_random_layer_draws_the_same(name: str, tmp_path: Path) -> None:
    compare(tmp_path, functional(RANDOM[name]))


# Keras has them where TensorFlow is installed.
_OF_TENSORFLOW = ("HashedCrossing", "Hashing", "IntegerLookup", "StringLookup", "TextVectorization")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=on_tensorflow if name in _OF_TENSORFLOW else ()) for name in REFUSED]
)
def test_what_cannot_be_expressed_is_refused(name: str) -> None:
    build, reason = REFUSED[name]
    assert_refused(build(), reason)


@pytest.mark.slow
def test_a_saved_graph_is_refused(tmp_path: Path) -> None:
    on_rows(alone(layers.ReLU)).export(tmp_path / "graph", verbose=False)
    model = on_rows(lambda x: layers.TFSMLayer(tmp_path / "graph", call_endpoint="serve")(x))
    assert_refused(model, NOT_KERAS_OWN)


@pytest.mark.slow
def test_a_function_of_jax_is_refused() -> None:
    pytest.importorskip("jax")
    assert_refused(
        on_rows(lambda x: layers.JaxLayer(lambda params, inputs: 2 * inputs, params={})(x)), NOT_KERAS_OWN
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", REFUSED_BY_THE_COMPILER)
def test_what_cannot_be_compiled_is_refused(name: str, tmp_path: Path) -> None:
    tasks, build = [make_task(tmp_path, 0)], functional(REFUSED_BY_THE_COMPILER[name])
    with pytest.raises(EngineError, match=r"cannot be (compiled|traced) as a whole"):
        list(VectorizedEngine().train(tasks, build, SHORT, Progress()))


def sequences_with_gaps(shape: Shape) -> keras.Model:
    """A mask of Keras' own goes all the way to the loss, one number a step."""
    steps = layers.Embedding(6, 3, mask_zero=True)
    return compiled(
        keras.Sequential(
            [keras.Input(shape), layers.Rescaling(0.5, offset=2.0), steps, layers.GRU(4, return_sequences=True)]
        )
    )


ARRANGED: dict[str, Builder] = {
    "batch statistics": sequential(
        lambda: layers.Dense(5, use_bias=False), layers.BatchNormalization, layers.ReLU
    ),
    "convolution": sequential(
        lambda: layers.GaussianNoise(0.3),
        lambda: layers.Reshape((FEATURES, 1)),
        lambda: layers.Conv1D(4, 3, activation="relu"),
        lambda: layers.SpatialDropout1D(0.3),
        lambda: layers.MaxPooling1D(2),
        layers.Flatten,
    ),
    "nested": sequential(lambda: keras.Sequential([layers.Dense(4), layers.Dropout(0.3)]), layers.ReLU),
    "frozen": sequential(lambda: layers.Dense(5, trainable=False), lambda: layers.Dense(3, activation="tanh")),
    "renormalization": sequential(lambda: layers.BatchNormalization(renorm=True), layers.ReLU),
    "frozen statistics": sequential(lambda: layers.BatchNormalization(trainable=False), layers.ReLU),
    "shared": functional(lambda x: (dense := layers.Dense(FEATURES, activation="tanh"))(dense(x))),
    "operations": functional(lambda x: keras.ops.tanh(layers.Dense(4)(x)) * 2.0 + 0.1),
    "masked embedding": sequential(
        lambda: layers.Rescaling(0.5, offset=2.0),
        lambda: layers.Embedding(6, 3, mask_zero=True),
        layers.GlobalAveragePooling1D,
    ),
}


@pytest.mark.parametrize("name", some(ARRANGED, ("batch statistics", "convolution")))
def test_layers_in_every_arrangement_train_the_same_weights(name: str, tmp_path: Path) -> None:
    compare(tmp_path, ARRANGED[name])


@pytest.mark.slow
def test_masks_of_sequences_count_the_same(tmp_path: Path) -> None:
    compare(tmp_path, sequences_with_gaps, labels=lambda x: np.repeat(x[:, :, None], 4, axis=2))
