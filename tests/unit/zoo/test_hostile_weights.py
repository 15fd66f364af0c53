"""A weights file that nobody vouches for is read safely or refused in one line; the model stays as it was."""

from __future__ import annotations

import os
import random
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest

from zoo.weights import load_weights_by_name

SECRET = np.full((2, 3), 7, np.float32)


@pytest.fixture
def model() -> keras.Model:
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, name="hidden")])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A good file in the legacy layout."""
    with h5py.File(tmp_path / "file.h5", "w") as file:
        layer = file.create_group("hidden")
        layer.attrs["weight_names"] = np.array([b"hidden/kernel:0", b"hidden/bias:0"])
        layer["hidden/kernel:0"] = np.ones((2, 3), np.float32)
        layer["hidden/bias:0"] = np.ones(3, np.float32)
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["secret"] = SECRET
        SECRET.tofile(tmp_path / "secret.bin")
    return tmp_path / "file.h5"


def refused(model: keras.Model, path: Path, match: str) -> None:
    before = model.get_weights()
    with pytest.raises(ValueError, match=match) as caught:
        load_weights_by_name(model, path)
    assert "\n" not in str(caught.value)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def external_link(layer: Any, name: str) -> None:
    layer[name] = h5py.ExternalLink("secret.h5", "/secret")


def soft_link(layer: Any, name: str) -> None:
    layer["elsewhere"] = SECRET
    layer[name] = h5py.SoftLink(f"{layer.name}/elsewhere")


def dangling_link(layer: Any, name: str) -> None:
    layer[name] = h5py.SoftLink("/nowhere")


def external_storage(layer: Any, name: str) -> None:
    folder = Path(layer.file.filename).parent
    layer.create_dataset(name, (2, 3), "f4", external=[(str(folder / "secret.bin"), 0, h5py.h5f.UNLIMITED)])


def virtual(layer: Any, name: str) -> None:
    layout = h5py.VirtualLayout((2, 3), "f4")
    layout[:] = h5py.VirtualSource("secret.h5", "secret", (2, 3))
    layer.create_virtual_dataset(name, layout)


def objects(layer: Any, name: str) -> None:
    layer.create_dataset(name, (2, 3), h5py.string_dtype())


def references(layer: Any, name: str) -> None:
    layer.create_dataset(name, (2, 3), h5py.ref_dtype)


def compound(layer: Any, name: str) -> None:
    layer.create_dataset(name, (2, 3), np.dtype([("a", "f4"), ("b", "f4")]))


def complex_numbers(layer: Any, name: str) -> None:
    layer[name] = SECRET.astype(np.complex64)


def empty(layer: Any, name: str) -> None:
    layer[name] = h5py.Empty("f4")


def lzf(layer: Any, name: str) -> None:
    layer.create_dataset(name, data=SECRET, chunks=(2, 3), compression="lzf")


def szip_like(layer: Any, name: str) -> None:
    layer.create_dataset(name, data=SECRET.astype("i4"), chunks=(2, 3), scaleoffset=4)


def packed_twice(layer: Any, name: str) -> None:
    settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    settings.set_chunk((2, 3))
    settings.set_deflate(9)
    settings.set_deflate(9)
    space = h5py.h5s.create_simple((2, 3))
    links = h5py.h5p.create(h5py.h5p.LINK_CREATE)
    links.set_create_intermediate_group(True)
    h5py.h5d.create(layer.id, name.encode(), h5py.h5t.NATIVE_FLOAT, space, settings, links)


def huge_chunks(layer: Any, name: str) -> None:
    settings = {"maxshape": (None, None), "chunks": (10_000, 10_000), "compression": "gzip"}
    layer.create_dataset(name, (2, 3), "f4", **settings)


def group(layer: Any, name: str) -> None:
    layer.create_group(name)


def nothing(layer: Any, name: str) -> None:
    """Leaves the name without anything behind it."""


@pytest.mark.parametrize(
    ("put", "match"),
    [
        (external_link, "must lie in the file. Received: a link of type ExternalLink"),
        (soft_link, "must lie in the file. Received: a link of type SoftLink"),
        (dangling_link, "must lie in the file. Received: a link of type SoftLink"),
        (external_storage, "numbers stored in other files"),
        (virtual, "numbers stored in other files"),
        (objects, "an array of numbers. Received: type object"),
        (references, "an array of numbers. Received: type object"),
        (compound, "an array of numbers. Received: type"),
        (complex_numbers, "an array of numbers. Received: type complex64"),
        (empty, "an array of numbers"),
        (lzf, "packed by something else than gzip, once"),
        (szip_like, "packed by something else than gzip, once"),
        (packed_twice, "packed by something else than gzip, once"),
        (huge_chunks, "chunks of 400,000,000 bytes for an array of 24"),
        (group, "an array of numbers. Received: Group"),
        (nothing, "Received: nothing"),
    ],
)
def test_array_that_is_not_one_is_refused(
    model: keras.Model, path: Path, put: Callable[..., None], match: str
) -> None:
    with h5py.File(path, "a") as file:
        del file["hidden/hidden/kernel:0"]
        put(file["hidden/hidden"], "kernel:0")
    refused(model, path, match)


def test_numbers_that_unpack_to_more_than_their_array_are_refused(model: keras.Model, path: Path) -> None:
    with h5py.File(path, "a") as file:
        del file["hidden/hidden/kernel:0"]
        kernel = file.create_dataset("hidden/hidden/kernel:0", (2, 3), "f4", chunks=(2, 3), compression="gzip")
        kernel.id.write_direct_chunk((0, 0), zlib.compress(bytes(2**24)))
    tracemalloc.start()
    refused(model, path, "'/hidden/hidden/kernel:0' must unpack to its 24 bytes")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**22


@pytest.mark.parametrize(
    "settings",
    [
        {"compression": "gzip", "shuffle": True, "fletcher32": True},
        {"compression": "gzip", "chunks": (1, 3)},
        {"chunks": True, "maxshape": (None, None)},
        {"compression": "gzip", "chunks": True, "maxshape": (None, 3)},
    ],
    ids=["all filters", "several chunks", "may grow", "packed, may grow"],
)
def test_honest_chunks_are_read(model: keras.Model, path: Path, settings: dict[str, Any]) -> None:
    with h5py.File(path, "a") as file:
        del file["hidden/hidden/kernel:0"]
        file.create_dataset("hidden/hidden/kernel:0", data=SECRET, **settings)
    assert load_weights_by_name(model, path).is_complete
    np.testing.assert_array_equal(model.layers[0].kernel, SECRET)


@pytest.mark.parametrize("name", ["../hidden/hidden/kernel:0", "/hidden/hidden/kernel:0", "", "hidden//kernel:0"])
def test_name_that_is_no_plain_path_is_refused(model: keras.Model, path: Path, name: str) -> None:
    with h5py.File(path, "a") as file:
        file["hidden"].attrs["weight_names"] = [name, "hidden/bias:0"]
    refused(model, path, "must lie in the file")


def test_names_that_are_numbers_are_refused(model: keras.Model, path: Path) -> None:
    with h5py.File(path, "a") as file:
        file["hidden"].attrs["weight_names"] = [1, 2]
    refused(model, path, "a name must be text")


def test_layer_that_is_a_link_is_refused(model: keras.Model, path: Path) -> None:
    with h5py.File(path, "a") as file:
        file["other"] = h5py.ExternalLink("secret.h5", "/")
    refused(model, path, "ExternalLink")


def test_huge_array_is_not_read(model: keras.Model, path: Path) -> None:
    with h5py.File(path, "a") as file:
        del file["hidden/hidden/kernel:0"]
        file.create_dataset(
            "hidden/hidden/kernel:0", (2**40, 2**10), "f4", chunks=(1024, 1024), compression="gzip"
        )
    report = load_weights_by_name(model, path)
    assert report.mismatched == ("hidden ((2,3) (3,) in the model, (1099511627776,1024) (3,) in the file)",)


def test_folder_that_contains_itself_is_refused(model: keras.Model, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "loop.weights.h5", "w") as file:
        layers = file.create_group("layers")
        layers["again"] = file["/"]
    refused(model, tmp_path / "loop.weights.h5", "must be in one place")


def test_two_layers_of_one_name_are_refused(model: keras.Model, tmp_path: Path) -> None:
    model.save_weights(tmp_path / "file.weights.h5")
    with h5py.File(tmp_path / "file.weights.h5", "a") as file:
        file.copy("layers/dense", file["layers"], "dense_1")
    refused(model, tmp_path / "file.weights.h5", "two layers called 'hidden'")


def test_file_without_weights_is_refused(model: keras.Model, tmp_path: Path) -> None:
    refused(model, tmp_path / "absent.h5", "Cannot read the weights file .*: No such file")
    refused(model, tmp_path, "must be a regular file")
    os.mkfifo(tmp_path / "pipe.h5")
    refused(model, tmp_path / "pipe.h5", "must be a regular file")
    (tmp_path / "text.h5").write_text("weights")
    refused(model, tmp_path / "text.h5", "no HDF5 file, or a damaged one")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["numbers"] = SECRET
    refused(model, tmp_path / "other.h5", "holds no layer weights of Keras")


def test_keras_archive_is_no_hdf5_file(model: keras.Model, tmp_path: Path) -> None:
    model.save(tmp_path / "model.keras")
    refused(model, tmp_path / "model.keras", "no HDF5 file, or a damaged one")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_file_cut_short_is_refused(model: keras.Model, path: Path, share: float) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    refused(model, path, "no HDF5 file, or a damaged one")


def test_no_damage_has_another_end_than_weights_or_one_line(model: keras.Model, path: Path) -> None:
    content, draw, outcomes = path.read_bytes(), random.Random(0), []
    for _ in range(200):
        damaged = bytearray(content)
        for _ in range(draw.choice([1, 4, 16])):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        path.write_bytes(damaged)
        outcomes.append(outcome(model, path))
    assert "\n" not in "".join(outcomes)
    assert outcomes.count("loaded") < 200


def outcome(model: keras.Model, path: Path) -> str:
    try:
        load_weights_by_name(model, path)
    except ValueError as error:
        return str(error)
    return "loaded"
