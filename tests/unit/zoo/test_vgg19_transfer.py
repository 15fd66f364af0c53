"""The four regimes train what they say, on bases that are Keras' own, from pixels as they are."""

from __future__ import annotations

import importlib
import urllib.error
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from zoo.fine_tuning import unfreeze
from zoo.vgg19_transfer import vgg19_transfer

SHAPE = (32, 32, 3)
VGG19 = 20_024_384
UP_TO_BLOCK2_POOL = 260_160
# Of the first five layers: the input, two convolutions, a pooling and a third convolution.
FIRST_FIVE = (27 + 1) * 64 + (576 + 1) * 64 + (576 + 1) * 128


def build(**arguments: Any) -> keras.Model:
    """The model on small images, with a small head and random weights unless told otherwise."""
    return vgg19_transfer(**{"input_shape": SHAPE, "classes": 3, "units": (4,), "weights": None, **arguments})


def count(variables: Any) -> int:
    return sum(int(np.prod(variable.shape)) for variable in variables)


@pytest.fixture
def images() -> Any:
    return np.random.default_rng(0).integers(0, 256, size=(6, *SHAPE)).astype("float32")


@pytest.mark.parametrize(
    ("regime", "size", "trained"),
    [
        ("frozen", VGG19, 0),
        ("partial", VGG19, VGG19 - FIRST_FIVE),
        ("truncated", UP_TO_BLOCK2_POOL, 0),
        ("full", VGG19, VGG19),
    ],
)
def test_regime_trains_the_weights_it_should(regime: Any, size: int, trained: int) -> None:
    model = build(regime=regime)
    base = model.get_layer("vgg19")
    head = model.count_params() - base.count_params()
    assert base.count_params() == size
    assert count(base.trainable_variables) == trained
    assert count(model.trainable_variables) == trained + head


def test_partial_freezes_what_plain_keras_freezes() -> None:
    plain = keras.applications.VGG19(include_top=False, weights=None, input_shape=SHAPE)
    for layer in plain.layers[:7]:
        layer.trainable = False
    base = build(regime="partial", frozen_layers=7).get_layer("vgg19")
    assert count(base.trainable_variables) == count(plain.trainable_variables)
    assert [layer.name for layer in base.layers[1:]] == [layer.name for layer in plain.layers[1:]]


def test_head_at_the_size_of_the_source_is_the_source_s() -> None:
    model = vgg19_transfer(classes=16, regime="truncated", truncate_at="block1_pool", pooling="avg", weights=None)
    assert [layer.name for layer in model.layers[-4:]] == ["hidden_1", "dropout", "hidden_2", "output"]
    hidden_1, dropout, hidden_2, output = model.layers[-4:]
    assert [hidden_1.units, dropout.rate, hidden_2.units, output.units] == [1024, 0.5, 1024, 16]
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-4)
    assert model.optimizer.momentum == 0.9


@pytest.mark.parametrize(
    ("pooling", "width"),
    [(None, 8 * 8 * 128), ("avg", 128), ("max", 128), (8, 8 * 8 * 128), (20, 8 * 8 * 128), (3, 3 * 3 * 128)],
)
def test_pooling_takes_the_place_of_flattening(pooling: Any, width: int) -> None:
    assert build(regime="truncated", pooling=pooling).get_layer("hidden_1").kernel.shape == (width, 4)


def test_pooling_to_cells_averages_what_lies_in_them(images: Any) -> None:
    model = build(regime="truncated", pooling=3)
    base = model.get_layer("vgg19")
    pooled = keras.Model(model.inputs, model.get_layer("pooling").output).predict_on_batch(images)
    whole = base.predict_on_batch(scaled(model, images))
    # Eight rows and columns make cells of three, three and two.
    rows = [slice(0, 3), slice(3, 6), slice(6, 8)]
    expected = [[whole[:, row, column].mean(axis=(1, 2)) for column in rows] for row in rows]
    np.testing.assert_allclose(pooled, np.transpose(expected, (2, 0, 1, 3)), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("bad", [0, -1, 2.0, True, "mean"], ids=repr)
def test_pooling_that_is_none_is_refused(bad: Any) -> None:
    with pytest.raises(ValueError, match="`pooling` must be"):
        build(regime="truncated", pooling=bad)


@pytest.mark.parametrize("base", ["mobilenet_v2", "ResNet50", "EfficientNetB0"])
def test_frozen_base_does_in_training_what_it_does_in_predicting(base: str, images: Any) -> None:
    frozen = build(base=base).get_layer(base.replace("_", "").lower())
    before = frozen.get_weights()
    np.testing.assert_array_equal(frozen(images, training=True), frozen(images, training=False))
    assert all(np.array_equal(a, b) for a, b in zip(before, frozen.get_weights(), strict=True))


@pytest.mark.parametrize("regime", ["frozen", "partial"])
def test_base_that_is_trained_later_keeps_its_batch_statistics(regime: Any, images: Any) -> None:
    model = unfreeze(build(base="mobilenetv2", regime=regime), 1e-3)
    base = model.get_layer("mobilenetv2")
    statistics = base.get_layer("bn_Conv1").moving_mean
    before = statistics.numpy()
    model(images, training=True)
    np.testing.assert_array_equal(statistics.numpy(), before)
    convolutions = [layer for layer in base.layers if isinstance(layer, keras.layers.Conv2D)]
    trained = {id(variable) for variable in model.trainable_variables}
    assert all({id(variable) for variable in layer.weights} <= trained for layer in convolutions)


def test_base_that_is_trained_whole_learns_its_batch_statistics(images: Any) -> None:
    model = build(base="mobilenetv2", regime="full")
    statistics = model.get_layer("mobilenetv2").get_layer("bn_Conv1").moving_mean
    before = statistics.numpy()
    model(images, training=True)
    assert not np.array_equal(statistics.numpy(), before)


def scaled(model: keras.Model, images: Any) -> Any:
    """What reaches the base."""
    base = next(layer for layer in model.layers if isinstance(layer, keras.Model))
    probe = keras.Model(model.inputs, base._inbound_nodes[-1].input_tensors)
    return np.asarray(keras.tree.flatten(probe.predict_on_batch(images))[0])


@pytest.mark.parametrize(
    ("base", "module"),
    [
        ("vgg19", "vgg19"),
        ("resnet50", "resnet"),
        ("mobilenetv2", "mobilenet_v2"),
        ("densenet121", "densenet"),
        ("efficientnetb0", "efficientnet"),
    ],
)
def test_pixels_are_scaled_as_keras_scales_them_for_the_base(base: str, module: str, images: Any) -> None:
    preprocess = importlib.import_module(f"keras.applications.{module}").preprocess_input
    model = build(base=base)
    np.testing.assert_allclose(scaled(model, images), preprocess(images.copy()), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("preprocessing", "expected"),
    [
        ("rescale", lambda x: x / 255),
        ("torch", lambda x: (x / 255 - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])),
    ],
)
def test_pixels_are_scaled_as_asked_for(preprocessing: Any, expected: Any, images: Any) -> None:
    model = build(regime="truncated", preprocessing=preprocessing)
    np.testing.assert_allclose(scaled(model, images), expected(images), rtol=1e-4, atol=1e-5)


def test_augmentation_is_that_of_the_source() -> None:
    flip, zoom, shift, rotation = build(regime="truncated", augmentation=True).layers[1:5]
    assert flip.mode == "horizontal"
    assert [zoom.height_factor, zoom.width_factor] == [0.3, 0.3]
    assert [shift.height_factor, shift.width_factor] == [0.3, 0.3]
    assert rotation.factor == pytest.approx((-30 / 360, 30 / 360))
    assert {layer.fill_mode for layer in (zoom, shift, rotation)} == {"nearest"}


def test_augmentation_changes_training_images_only(images: Any) -> None:
    model = build(regime="truncated", augmentation=True)
    front = keras.Model(model.inputs[0], model.get_layer("augment_rotation").output)
    np.testing.assert_array_equal(front(images, training=False), images)
    first, second = (np.asarray(front(images, training=True)) for _ in range(2))
    assert not np.array_equal(first, second)
    assert first.min() >= 0
    assert first.max() <= 255


@pytest.mark.parametrize("regime", ["partial", "truncated"])
def test_saved_model_is_as_frozen_as_before(regime: Any, tmp_path: Path, images: Any) -> None:
    model = build(regime=regime, augmentation=True)
    model.train_on_batch(images, np.arange(6) % 3)  # without an optimizer state Keras warns as it loads
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert count(loaded.trainable_variables) == count(model.trainable_variables)
    np.testing.assert_array_equal(loaded.predict_on_batch(images), model.predict_on_batch(images))


@pytest.mark.parametrize("regime", ["frozen", "partial"])
def test_configuration_is_as_frozen_as_before(regime: Any) -> None:
    model = build(regime=regime)
    copy = keras.Model.from_config(model.get_config())
    assert count(copy.trainable_variables) == count(model.trainable_variables)


@pytest.mark.parametrize("regime", ["frozen", "truncated"])
def test_weights_of_a_file_are_loaded_by_name(regime: Any, tmp_path: Path) -> None:
    plain = keras.applications.VGG19(include_top=False, weights=None, input_shape=SHAPE)
    plain.save_weights(tmp_path / "vgg19.weights.h5")
    base = build(regime=regime, weights=tmp_path / "vgg19.weights.h5").get_layer("vgg19")
    for layer in base.layers:
        expected = plain.get_layer(layer.name).get_weights() if layer.weights else []
        assert all(np.array_equal(a, b) for a, b in zip(layer.get_weights(), expected, strict=True))


def test_weights_file_of_another_base_is_refused(tmp_path: Path) -> None:
    plain = keras.applications.VGG16(include_top=False, weights=None, input_shape=SHAPE)
    plain.save_weights(tmp_path / "vgg16.weights.h5")
    with pytest.raises(ValueError, match=r"does not hold all weights of vgg19: .* 3 missing, .*block3_conv4"):
        build(weights=tmp_path / "vgg16.weights.h5")


def test_weights_that_cannot_be_downloaded_are_said_to_be_so(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    def offline(*args: Any, **kwargs: Any) -> None:
        print("Downloading data from somewhere")
        raise Exception(f"URL fetch failure on somewhere: {urllib.error.URLError('no network')}")

    monkeypatch.setattr("keras.src.utils.file_utils.get_file", offline)
    with pytest.raises(
        ValueError, match=r"ImageNet weights of vgg19 cannot be downloaded .*pass weights=PATH"
    ) as error:
        build(weights="imagenet")
    assert "\n" not in str(error.value)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"base": "vgg91"}, "`base` must be a backbone .* Received: base='vgg91'. Did you mean 'vgg19'?"),
        ({"base": 19}, "`base` must be a backbone .* Received: base=19"),
        ({"regime": "thawed"}, "`regime` must be one of"),
        ({"regime": "truncated", "truncate_at": "block2_pol"}, "Received: truncate_at='block2_pol'. Did you mean"),
        ({"regime": "partial", "frozen_layers": 0}, "`frozen_layers` must be"),
        ({"preprocessing": "caffe"}, "`preprocessing` must be one of"),
        ({"pooling": "sum"}, "`pooling` must be None, "),
        ({"dropout": 1.0}, "`dropout` must be"),
        ({"input_shape": (32, 32, 1)}, "`input_shape` must be"),
        ({"input_shape": (16, 16, 3)}, "at least 32x32"),
        ({"weights": "imagnet"}, "Cannot read the weights file 'imagnet'"),
    ],
)
def test_bad_argument_is_named(arguments: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        build(**arguments)
