"""Weights loaded by name are, bit for bit, those that plain Keras wrote; nothing is loaded half."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from zoo.weights import WeightsReport, load_weights_by_name

# Raised by Keras itself: it calls its own .h5 format legacy.
pytestmark = pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")


def small(seed: int, *extra: Any) -> keras.Model:
    """A network with every kind of weights a backbone has, other ones for every seed."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Normalization(mean=[float(seed), 0, 0], variance=[1.0, 2, 3], name="scaled"),
            layers.Conv2D(4, 3, name="conv"),
            layers.BatchNormalization(name="bn"),
            layers.SeparableConv2D(2, 3, name="separable"),
            layers.Dropout(0.5, name="dropout"),
            layers.Flatten(name="flatten"),
            layers.Dense(3, name="output"),
            *extra,
        ],
        name="small",
    )
    model.set_weights([weight + seed for weight in model.get_weights()])
    return model


def nested(seed: int) -> keras.Model:
    """The same network inside of another one."""
    inputs = keras.Input((8, 8, 3))
    inner = small(seed)
    inner.trainable = False
    return keras.Model(inputs, layers.Dense(2, name="head")(inner(inputs)))


def weights_h5(model: keras.Model, folder: Path) -> Path:
    model.save_weights(folder / "file.weights.h5")
    return folder / "file.weights.h5"


def model_h5(model: keras.Model, folder: Path) -> Path:
    model.save(folder / "file.h5")
    return folder / "file.h5"


def keras_2_h5(model: keras.Model, folder: Path) -> Path:
    """The layout of Keras 2, written by hand: byte strings, `:0` after names, no `model_weights`."""
    with h5py.File(folder / "keras2.h5", "w") as file:
        for layer in model.layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}/{weight.name}:0".encode() for weight in layer.weights]
            group.attrs["weight_names"] = np.array(names, dtype="S40")
            for name, weight in zip(names, layer.weights, strict=True):
                group[name.decode()] = weight.numpy()
        file.attrs["layer_names"] = np.array([layer.name.encode() for layer in model.layers])
    return folder / "keras2.h5"


WRITERS = pytest.mark.parametrize("write", [weights_h5, model_h5, keras_2_h5])
WITH_WEIGHTS = ("conv", "bn", "separable", "output")


def same_weights(model: keras.Model, other: keras.Model) -> bool:
    pairs = zip(model.get_weights(), other.get_weights(), strict=True)
    return all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in pairs)


@WRITERS
def test_a_model_gets_the_weights_that_keras_wrote(write: Callable[..., Path], tmp_path: Path) -> None:
    source, target = small(1), small(2)
    report = load_weights_by_name(target, write(source, tmp_path))
    assert same_weights(target, source)
    assert report == WeightsReport(WITH_WEIGHTS, (), (), ())
    assert report.is_complete


@pytest.mark.parametrize("write", [weights_h5, model_h5])
def test_a_model_is_found_inside_of_another(write: Callable[..., Path], tmp_path: Path) -> None:
    source, target = nested(1), small(2)
    report = load_weights_by_name(target, write(source, tmp_path))
    assert same_weights(target, source.get_layer("small"))
    assert (report.loaded, report.unused) == (WITH_WEIGHTS, ("head",))


@pytest.mark.parametrize("write", [weights_h5, model_h5])
def test_a_model_inside_of_another_is_filled(write: Callable[..., Path], tmp_path: Path) -> None:
    source, target = small(1), nested(2)
    report = load_weights_by_name(target, write(source, tmp_path))
    assert same_weights(target.get_layer("small"), source)
    assert (report.loaded, report.missing, report.unused) == (WITH_WEIGHTS, ("head",), ())


@WRITERS
def test_what_does_not_fit_stays_as_it_was_and_is_told(write: Callable[..., Path], tmp_path: Path) -> None:
    keras.utils.set_random_seed(5)
    target = keras.Sequential(
        [keras.Input((8, 8, 3)), layers.Conv2D(4, 3, name="conv"), layers.Conv2D(7, 3, name="separable"),
         layers.Dense(2, name="other")]
    )  # fmt: skip
    before = target.get_weights()
    source = small(1)
    report = load_weights_by_name(target, write(source, tmp_path))
    expected = [*source.get_layer("conv").get_weights(), *before[2:]]
    assert all(np.array_equal(a, b) for a, b in zip(target.get_weights(), expected, strict=True))
    assert report.loaded == ("conv",)
    assert report.missing == ("other",)
    (mismatched,) = report.mismatched
    assert mismatched.startswith("separable ((3,3,4,7) (7,) in the model, (3,3,4,1) (1,1,4,2) (2,) in the file)")
    assert sorted(report.unused) == ["bn", "output"]
    assert not report.is_complete


def test_variables_are_matched_by_name_where_the_file_has_them(tmp_path: Path) -> None:
    source, target = small(1), small(2)
    path = keras_2_h5(source, tmp_path)
    with h5py.File(path, "a") as file:
        names = file["bn"].attrs["weight_names"]
        file["bn"].attrs["weight_names"] = names[::-1]
    load_weights_by_name(target, path)
    assert same_weights(target, source)


def renamed(path: Path, layer: str, names: list[str]) -> None:
    """Gives the arrays of a layer other names, in their order."""
    with h5py.File(path, "a") as file:
        old = [name.decode() for name in file[layer].attrs["weight_names"]]
        for before, after in zip(old, names, strict=True):
            file[layer].move(before, f"{layer}/{after}:0")
        file[layer].attrs["weight_names"] = np.array([f"{layer}/{name}:0".encode() for name in names])


def test_arrays_of_one_shape_under_foreign_names_are_refused_and_told(tmp_path: Path) -> None:
    """Which of a batch normalisation's four is the variance, the file alone knows."""
    target, path = small(2), keras_2_h5(small(1), tmp_path)
    renamed(path, "bn", ["weight", "bias", "running_var", "running_mean"])
    before = target.get_layer("bn").get_weights()
    report = load_weights_by_name(target, path)
    assert report.mismatched == (
        "bn (gamma beta moving_mean moving_variance in the model, weight bias running_var running_mean in the "
        "file, of shapes that do not tell them apart)",
    )
    assert all(np.array_equal(a, b) for a, b in zip(target.get_layer("bn").get_weights(), before, strict=True))


def test_foreign_names_do_not_matter_where_shapes_tell_the_arrays_apart(tmp_path: Path) -> None:
    source, target = small(1), small(2)
    path = keras_2_h5(source, tmp_path)
    renamed(path, "output", ["weight", "offset"])
    assert load_weights_by_name(target, path).is_complete
    assert same_weights(target, source)


def test_names_that_repeat_in_the_order_of_keras_are_in_order(tmp_path: Path) -> None:
    def attention(seed: int) -> keras.Model:
        keras.utils.set_random_seed(seed)
        inputs = keras.Input((4, 6))
        model = keras.Model(inputs, layers.MultiHeadAttention(2, 3, name="attention")(inputs, inputs))
        model.set_weights([weight + seed for weight in model.get_weights()])
        return model

    source, target = attention(1), attention(2)
    assert load_weights_by_name(target, model_h5(source, tmp_path)).is_complete
    assert same_weights(target, source)


def test_numbers_of_another_precision_are_converted(tmp_path: Path) -> None:
    path = keras_2_h5(small(1), tmp_path)
    with h5py.File(path, "a") as file:
        kernel = file["output/output/kernel:0"][()].astype(np.float16)
        del file["output/output/kernel:0"]
        file["output/output/kernel:0"] = kernel
    target = small(2)
    load_weights_by_name(target, path)
    np.testing.assert_array_equal(target.get_layer("output").kernel.numpy(), kernel.astype(np.float32))


def test_real_weights_are_those_in_the_file(reference_data: Path) -> None:
    path = reference_data / "weights" / "vgg16_notop_torch_normalised.h5"
    model = keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))
    report = load_weights_by_name(model, path)
    assert (len(report.loaded), report.unused, report.is_complete) == (13, (), True)
    with h5py.File(path) as file:
        for name in report.loaded:
            kernel, bias = model.get_layer(name).get_weights()
            folder = file["model_weights"][name][name]
            assert np.array_equal(kernel, folder["kernel:0"][()])
            assert np.array_equal(bias, folder["bias:0"][()])


def test_report_says_what_is_wrong_first_of_all() -> None:
    report = WeightsReport(("a",), tuple("bcdefgh"), (), ())
    assert str(report) == "1 loaded, 7 missing, 0 mismatched, 0 unused; missing: b, c, d, e, f and 2 more"


def test_model_without_weights_yet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="`model` must be built"):
        load_weights_by_name(keras.Sequential([layers.Dense(1)]), weights_h5(small(1), tmp_path))
