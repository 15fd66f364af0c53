from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image

import harness
from harness.data.image_rows import ImageRows
from tests.pictures import noise, save

SHAPE = (10, 10, 3)
rng = np.random.default_rng(0)
X = rng.integers(0, 256, size=(12, *SHAPE)).astype("float32")
Y = np.tile(["cat", "dog"], 6)


def net(input_shape: tuple[int, ...]) -> keras.Model:
    base = keras.Sequential(
        [keras.Input(input_shape), layers.Conv2D(4, 3, name="conv"), layers.ReLU(name="relu")], name="base"
    )
    inputs = keras.Input(input_shape)
    x = base(layers.Dropout(0.5)(layers.RandomFlip()(layers.Rescaling(1 / 255)(inputs))))
    model = keras.Model(inputs, layers.Dense(2, activation="softmax")(layers.Flatten(name="flat")(x)))
    model.compile(loss="sparse_categorical_crossentropy")
    return model


def by_hand(seed: int = 0) -> Any:
    """What the convolution gives, without anything random before it."""
    keras.utils.set_random_seed(seed)
    conv = net(SHAPE).get_layer("base").get_layer("conv")
    return np.array(conv(X / 255))


def numbers(table: Any) -> Any:
    return table.filter(regex=r"^f\d+$").to_numpy()


def test_a_table_has_a_row_an_image_and_a_column_a_number() -> None:
    table = harness.features(net, X, Y, layer="conv")
    assert table.columns.tolist() == ["label", *(f"f{number}" for number in range(8 * 8 * 4))]
    assert table["label"].tolist() == Y.tolist()
    np.testing.assert_allclose(numbers(table), by_hand().reshape(12, -1), atol=1e-5)


@pytest.mark.parametrize(("pooling", "reduce"), [("avg", np.mean), ("max", np.max)])
def test_pooling_leaves_one_number_a_channel(pooling: Any, reduce: Any) -> None:
    table = harness.features(net, X, Y, layer="conv", pooling=pooling, seed=3)
    np.testing.assert_allclose(numbers(table), reduce(by_hand(3), axis=(1, 2)), atol=1e-5)


def test_images_on_disk_are_named(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.png" for number in range(len(X))]
    for path, pixels in zip(paths, X, strict=True):
        Image.fromarray(pixels.astype("uint8")).save(path)
    data = harness.Dataset("pets", ImageRows(paths, SHAPE[:2], budget=0), Y, "binary", (), ("kind",))
    table = harness.features(net, dataset=data, layer="flat")
    assert table.columns[:4].tolist() == ["file", "group", "label", "f0"]
    assert table["file"].tolist() == [str(path) for path in paths]
    assert np.array_equal(numbers(table), numbers(harness.features(net, X, Y, layer="flat")))


def test_images_that_look_alike_share_a_group(tmp_path: Path) -> None:
    pictures = [noise(seed, 40, 40) for seed in (1, 2, 1, 3)]
    paths = [save(tmp_path / f"{i}.{'jpg' if i == 2 else 'png'}", each) for i, each in enumerate(pictures)]
    data = harness.Dataset("pets", ImageRows(paths, SHAPE[:2]), Y[:4], "binary", (), ("kind",))
    assert harness.features(net, dataset=data, layer="flat")["group"].tolist() == [0, 1, 0, 2]


def test_numbers_to_predict_have_their_names() -> None:
    targets = rng.normal(size=(12, 2))

    def regressor(input_shape: tuple[int, ...]) -> keras.Model:
        model = keras.Sequential([keras.Input(input_shape), layers.Dense(3, name="hidden"), layers.Dense(2)])
        model.compile(loss="mse")
        return model

    rows = rng.normal(size=(12, 5))
    table = harness.features(regressor, rows, targets, layer="hidden")
    data = harness.from_arrays(rows, targets)
    assert table.columns.tolist() == [*data.target_names, "f0", "f1", "f2"]
    np.testing.assert_array_equal(table[list(data.target_names)], targets)


class Own(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(1)

    def call(self, x: Any) -> Any:
        return self.dense(x)


def own(input_shape: tuple[int, ...]) -> keras.Model:
    model = Own()
    model.compile(loss="mse")
    return model


@pytest.mark.parametrize(
    ("model", "how", "message"),
    [
        (
            net,
            {"layer": "cnov"},
            "Unknown layer of functional.* 'cnov'. Did you mean 'conv'\\? Available: base, conv",
        ),
        (net, {"layer": "conv", "pooling": "mean"}, "Unknown pooling 'mean'"),
        (
            net,
            {"layer": "flat", "pooling": "avg"},
            r"pooling is for layers that put out images. Received: .*\(256,\)",
        ),
        (own, {"layer": "dense"}, "cannot be cut at a layer: the model has code of its own"),
        ("sonar_baseline", {"layer": "hidden_1", "dataset": "sonar"}, "preprocessed by standardize"),
    ],
)
def test_what_cannot_be_done_is_said(model: Any, how: dict[str, Any], message: str) -> None:
    data = {} if "dataset" in how else {"X": X, "y": Y}
    with pytest.raises(harness.UsageError, match=message):
        harness.features(model, **data, **how)
