"""A `.keras` file that nobody vouches for gives the model that Keras saved, or one line that names the file."""

from __future__ import annotations

import io
import json
import os
import random
import resource
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
from keras import layers
from keras.src.backend.common import global_state

from tests.small_inputs import small_model
from zoo._table import BUILT_IN
from zoo.model_files import load_model

# Raised by Keras itself, of an optimizer that nobody will use.
pytestmark = pytest.mark.filterwarnings("ignore:Skipping variable loading for optimizer:UserWarning")

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
FIRED: list[str] = []


@keras.saving.register_keras_serializable("canary")
def fire(x: Any) -> Any:
    """Must never be called."""
    FIRED.append("function")
    return x


@keras.saving.register_keras_serializable("canary")
class Canary(layers.Layer):  # type: ignore[misc]
    """Must never be built."""

    def __init__(self, **settings: Any) -> None:
        FIRED.append("class")
        super().__init__(**settings)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A good file."""
    model = keras.Sequential([keras.Input((2,)), layers.Dense(3, name="hidden"), layers.Dense(1)], name="small")
    model.compile("adam", loss="mse")
    model.save(tmp_path / "model.keras")
    return tmp_path / "model.keras"


@pytest.fixture(autouse=True)
def nothing_fires() -> Iterator[None]:
    FIRED.clear()
    yield
    assert FIRED == []


def refused(path: Path, match: str) -> None:
    with pytest.raises(ValueError, match=match) as caught:
        load_model(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(path: Path, content: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in content.items():
            archive.writestr(name, data)


def reconfigured(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Changes the configuration in a file."""
    content = members(path)
    config = json.loads(content[CONFIG])
    change(config)
    written(path, {**content, CONFIG: json.dumps(config).encode()})


def hidden(config: dict[str, Any]) -> dict[str, Any]:
    """The hidden layer in a configuration."""
    layer: dict[str, Any] = config["config"]["layers"][1]
    return layer


def in_place_of_hidden(class_name: str, module: str, **config: Any) -> Callable[[dict[str, Any]], None]:
    def change(whole: dict[str, Any]) -> None:
        layer = {
            "class_name": class_name,
            "module": module,
            "config": {"name": "x", **config},
            "registered_name": None,
        }
        whole["config"]["layers"][1] = layer

    return change


# What is a model:


@pytest.mark.parametrize("name", [spec.name for spec in BUILT_IN])
def test_the_models_of_the_zoo_are_loaded_bit_for_bit(name: str, tmp_path: Path) -> None:
    model = small_model(name)
    model.save(tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    X = np.random.default_rng(0).normal(size=(3, *model.input_shape[1:])).astype(np.float32)
    np.testing.assert_array_equal(loaded.predict_on_batch(X), model.predict_on_batch(X))
    assert not loaded.compiled


def recurrent() -> keras.Model:
    inputs = keras.Input((5, 4))
    x = layers.LSTM(3, return_sequences=True, activity_regularizer="l2")(inputs)
    x = layers.Bidirectional(layers.GRU(2, return_sequences=True))(x)
    x = layers.MultiHeadAttention(2, 2)(x, x) * 2 + 1
    x = keras.ops.relu(x)[:, 1:]
    x = layers.Dense(3, activation=keras.activations.gelu, kernel_constraint=keras.constraints.MaxNorm(3))(x)
    x = layers.Normalization(mean=[0.0] * 3, variance=[1.0] * 3)(x)
    return keras.Model(inputs, layers.TimeDistributed(layers.Dense(2))(layers.GaussianNoise(0.1)(x)))


def separable() -> keras.Model:
    inner = keras.Sequential([keras.Input((5, 4)), layers.SeparableConv1D(3, 2), layers.BatchNormalization()])
    return keras.Sequential([keras.Input((5, 4)), inner, layers.Flatten(), layers.Dropout(0.5), layers.Dense(1)])


@pytest.mark.parametrize("build", [recurrent, separable])
def test_keras_own_layers_are_loaded_bit_for_bit(build: Callable[[], keras.Model], tmp_path: Path) -> None:
    model = build()
    model.save(tmp_path / "model.keras")
    X = np.random.default_rng(0).normal(size=(3, 5, 4)).astype(np.float32)
    np.testing.assert_array_equal(
        load_model(tmp_path / "model.keras").predict_on_batch(X), model.predict_on_batch(X)
    )


def test_a_loss_of_the_callers_own_does_not_matter(path: Path) -> None:
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    model.compile("sgd", loss=fire)
    model.save(path)
    assert load_model(path).count_params() == 3


def test_a_link_to_a_file_is_followed(path: Path) -> None:
    (path.parent / "link.keras").symlink_to(path)
    assert load_model(path.parent / "link.keras").count_params() == 13


# What is no regular file:


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, "must be a regular file")
    refused(tmp_path / "absent.keras", "No such file")
    os.mkfifo(tmp_path / "pipe.keras")
    refused(tmp_path / "pipe.keras", "must be a regular file")
    (tmp_path / "device.keras").symlink_to("/dev/zero")
    refused(tmp_path / "device.keras", "must be a regular file")


def test_a_remote_name_is_a_name_of_no_file() -> None:
    refused(Path("hf://someone/model"), "Cannot read")


# What is damaged:


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_short_is_named(path: Path, share: float) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    refused(path, "is no .keras file, or a damaged one")


def test_a_changed_bit_is_found(path: Path) -> None:
    content, (offset, length) = bytearray(path.read_bytes()), _place(path, WEIGHTS)
    content[offset + length // 2] ^= 1
    path.write_bytes(content)
    refused(path, f"damaged one: Bad CRC-32 for file '{WEIGHTS}'")


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_no_damage_gives_other_weights(path: Path, compression: int) -> None:
    expected = load_model(path).get_weights()
    written(path, members(path), compression)
    content, draw, loaded, said = path.read_bytes(), random.Random(0), 0, ""
    for _ in range(60):
        damaged = bytearray(content)
        for _ in range(draw.choice([1, 4, 16])):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        path.write_bytes(damaged)
        try:
            weights = load_model(path).get_weights()
        except ValueError as error:
            said += str(error)
        else:
            loaded += 1
            assert all(np.array_equal(a, b) for a, b in zip(weights, expected, strict=True))
    assert loaded < 30
    assert "\n" not in said


def _place(path: Path, name: str) -> tuple[int, int]:
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo(name)
    return member.header_offset + 30 + len(name), member.file_size


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b"{}", b'{"class_name": "Model", "config": {}}'])
def test_a_configuration_of_no_model_is_refused(path: Path, content: bytes) -> None:
    written(path, {**members(path), CONFIG: content})
    refused(path, "damaged one|refused as a model")


def test_a_configuration_nested_too_deeply_is_refused(path: Path) -> None:
    written(path, {**members(path), CONFIG: b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}"})
    refused(path, "nested too deeply")


def test_weights_of_another_model_are_refused(path: Path, tmp_path: Path) -> None:
    keras.Sequential([keras.Input((2,)), layers.Dense(4)]).save(tmp_path / "other.keras")
    written(path, {**members(path), WEIGHTS: members(tmp_path / "other.keras")[WEIGHTS]})
    refused(path, "its weights are not those of its layers")


# What is in the archive besides:


@pytest.mark.parametrize(
    "name", ["../outside", "/tmp/outside", "assets/x/vocabulary.txt", "model.weights.npz", "a\\b"]
)
def test_another_member_is_refused(path: Path, name: str) -> None:
    written(path, {**members(path), name: b"text"})
    refused(path, "the archive must hold config.json, metadata.json and model.weights.h5, once each")


def test_a_member_twice_is_refused(path: Path) -> None:
    content = members(path)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(CONFIG, content[CONFIG])
    refused(path, "once each")


def test_a_missing_member_is_refused(path: Path) -> None:
    content = members(path)
    del content[WEIGHTS]
    written(path, content)
    refused(path, "once each")


def test_a_member_that_is_a_link_is_what_is_stored(path: Path) -> None:
    content = members(path)
    del content[CONFIG]
    written(path, content)
    link = zipfile.ZipInfo(CONFIG)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    refused(path, "config.json cannot be read")


def test_a_member_that_unpacks_to_much_more_is_refused(path: Path) -> None:
    written(path, {**members(path), WEIGHTS: bytes(2**25)}, zipfile.ZIP_DEFLATED)
    refused(path, "would unpack from")
    written(path, {**members(path), WEIGHTS: b"", CONFIG: b" " * (2**24 + 1)}, zipfile.ZIP_DEFLATED)
    refused(path, "config.json has 16,777,217 bytes")


# What the configuration names:


@pytest.mark.parametrize(
    "change",
    [
        in_place_of_hidden(
            "Lambda", "keras.layers", function={"class_name": "__lambda__", "config": {"value": "x"}}
        ),
        in_place_of_hidden("Lambda", "keras.layers", function={"class_name": "function", "config": "canary>fire"}),
        in_place_of_hidden("TFSMLayer", "keras.layers", filepath="/tmp/saved"),
        in_place_of_hidden("TorchModuleWrapper", "keras.layers", flax="x"),
        in_place_of_hidden("JaxLayer", "keras.layers", call_fn="x"),
        in_place_of_hidden("FlaxLayer", "keras.layers", flax="x"),
        in_place_of_hidden("StringLookup", "keras.layers", vocabulary="/etc/passwd"),
        in_place_of_hidden("IntegerLookup", "keras.layers", vocabulary="/etc/passwd"),
        in_place_of_hidden("TextVectorization", "keras.layers", vocabulary="/etc/passwd"),
        in_place_of_hidden("Canary", "tests"),
        in_place_of_hidden("system", "os"),
        in_place_of_hidden("get_file", "keras.utils", origin="http://x"),
        in_place_of_hidden("load_model", "keras.saving", filepath="x"),
        in_place_of_hidden("Dense", "keras.src.layers.core.dense", units=1),
        in_place_of_hidden("__lambda__", "builtins"),
        in_place_of_hidden("__typespec__", "os"),
        in_place_of_hidden(
            "Dense", "keras.layers", units=1, extra={"class_name": "Lambda", "module": "keras.layers"}
        ),
        in_place_of_hidden("Lambda\n", "keras.layers"),
        in_place_of_hidden("Dense", None, units=1),  # type: ignore[arg-type]
        in_place_of_hidden("Dense", "keras.layers", units={"class_name": ["a"], "module": "keras.layers"}),
    ],
    ids=lambda change: str(change.__closure__[0].cell_contents),
)
def test_a_part_that_may_run_code_is_refused(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    reconfigured(path, change)
    refused(path, "it has a part of type")


def registered(config: dict[str, Any]) -> None:
    hidden(config)["registered_name"] = "canary>Canary"


def named_activation(config: dict[str, Any]) -> None:
    hidden(config)["config"]["activation"] = "canary>fire"


def named_function(config: dict[str, Any]) -> None:
    function = {"class_name": "function", "module": "builtins", "config": "fire", "registered_name": "canary>fire"}
    hidden(config)["config"]["activation"] = function


def named_initializer(config: dict[str, Any]) -> None:
    hidden(config)["config"]["kernel_initializer"] = "canary>fire"


@pytest.mark.parametrize("change", [registered, named_activation, named_function, named_initializer])
@pytest.mark.parametrize("scope", [None, "custom objects"])
def test_what_the_program_has_registered_is_not_found(
    path: Path, change: Callable[[dict[str, Any]], None], scope: str | None
) -> None:
    reconfigured(path, change)
    with keras.saving.CustomObjectScope({"canary>fire": fire, "fire": fire} if scope else {}):
        refused(path, "describes no model that can be built")
    assert keras.saving.get_registered_object("canary>fire") is fire


def test_unsafe_loading_that_was_enabled_does_not_count(path: Path) -> None:
    code = {"class_name": "__lambda__", "module": "builtins", "config": {"value": "x"}}
    reconfigured(path, lambda config: hidden(config)["config"].update(activation=code))
    keras.config.enable_unsafe_deserialization()
    try:
        refused(path, "it has a part of type builtins.__lambda__")
    finally:
        global_state.set_global_attribute("safe_mode_saving", None)


def test_an_array_of_a_huge_type_is_refused(path: Path) -> None:
    array = {"class_name": "__numpy__", "config": {"value": [1], "dtype": "V4000000000"}}
    reconfigured(path, lambda config: hidden(config)["config"].update(extra=array))
    refused(path, "it has an array of type 'V4000000000'")


# How much it takes:


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.parametrize("units", [50_000_000, 10**12])
def test_weights_that_the_file_does_not_hold_are_not_allocated(path: Path, units: int) -> None:
    reconfigured(path, lambda config: config["config"]["layers"][-1]["config"].update(units=units))
    before = peak()
    refused(path, "its layers have weights of [0-9,]+ bytes, and model.weights.h5 has [0-9,]+$")
    with keras.StatelessScope():
        pass  # as it ends, Keras makes up for variables that wait for their values
    assert peak() - before < 100 * 2**20


def test_an_output_of_any_size_is_refused(path: Path) -> None:
    model = keras.Sequential([keras.Input((2, 2, 1)), layers.UpSampling2D(2, name="up")])
    model.save(path)
    reconfigured(path, lambda config: hidden(config)["config"].update(size=[2**20, 2**20]))
    refused(path, "a layer puts out 4,398,046,511,104 numbers for one example")


def external_link(file: h5py.File) -> None:
    file["elsewhere"] = h5py.ExternalLink("secret.h5", "/")


def soft_link(file: h5py.File) -> None:
    file["elsewhere"] = h5py.SoftLink("/layers")


def external_storage(file: h5py.File) -> None:
    file.create_dataset("elsewhere", (2, 3), "f4", external=[("secret.bin", 0, h5py.h5f.UNLIMITED)])


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((2, 3), "f4")
    layout[:] = h5py.VirtualSource("secret.h5", "secret", (2, 3))
    file.create_virtual_dataset("elsewhere", layout)


def packed(file: h5py.File) -> None:
    file.create_dataset("packed", (2**40, 2**10), "f4", chunks=(1024, 1024), compression="gzip")


def never_written(file: h5py.File) -> None:
    file.create_dataset("empty", (2**40,), "f4")


def objects(file: h5py.File) -> None:
    file.create_dataset("texts", (2,), h5py.string_dtype())


@pytest.mark.parametrize(
    ("put", "match"),
    [
        (external_link, "holds '//elsewhere', a link of type ExternalLink"),
        (soft_link, "holds '//elsewhere', a link of type SoftLink"),
        (external_storage, "numbers stored in other files"),
        (virtual, "numbers stored in other files"),
        (packed, "an array of [0-9,]+ bytes of which 0 are stored"),
        (never_written, "an array of [0-9,]+ bytes of which 0 are stored"),
        (objects, "type object"),
    ],
)
def test_numbers_that_are_not_in_the_file_are_refused(
    path: Path, put: Callable[[h5py.File], None], match: str
) -> None:
    content = members(path)
    weights = io.BytesIO(content[WEIGHTS])
    with h5py.File(weights, "a") as file:
        put(file)
    written(path, {**content, WEIGHTS: weights.getvalue()})
    refused(path, match)


def test_a_folder_of_weights_that_contains_itself_does_no_harm(path: Path) -> None:
    content = members(path)
    weights = io.BytesIO(content[WEIGHTS])
    with h5py.File(weights, "a") as file:
        file["layers/again"] = file["/"]
    written(path, {**content, WEIGHTS: weights.getvalue()})
    assert load_model(path).count_params() == 13


def test_weights_that_are_no_hdf5_file_are_refused(path: Path) -> None:
    written(path, {**members(path), WEIGHTS: b"weights"})
    refused(path, "holds what cannot be read")
