"""`harness inspect` on a file and on a run that keeps its models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.image import imread
from PIL import Image

import harness
from harness.visualization.pixels import read_image


def small_cnn(input_shape: tuple[int, ...] = (8, 8, 3), classes: int = 3) -> keras.Model:
    layers = [
        keras.Input(input_shape),
        keras.layers.Conv2D(2, 3, name="conv"),
        keras.layers.Flatten(name="flatten"),
        keras.layers.Dense(classes, activation="softmax", name="output"),
    ]
    model = keras.Sequential(layers)
    model.compile("adam", loss="sparse_categorical_crossentropy")
    return model


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one run of two folds."""
    folder = tmp_path_factory.mktemp("runs")
    X = np.random.default_rng(0).normal(size=(12, 8, 8, 3))
    harness.evaluate(small_cnn, X, np.tile(["a", "b", "c"], 4), folds=2, epochs=1, store=folder)
    return folder


@pytest.fixture
def run(store: Path) -> str:
    return harness.list_runs(store=store)[0].run_id


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model in a file of its own: a softmax on 4 × 4 pixels."""
    path = tmp_path_factory.mktemp("models") / "softmax.keras"
    keras.Sequential([keras.Input((16,)), keras.layers.Dense(3, name="output")]).save(path)
    return path


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    Image.new("RGB", (20, 30), "orange").save(tmp_path / "photograph.jpg")
    return tmp_path / "photograph.jpg"


def test_filters_of_a_run_are_drawn(invoke: Any, store: Path, run: str, tmp_path: Path) -> None:
    result = invoke(
        "inspect", run, "--fold", "1", "--layer", "conv", "--store", str(store), "-o", f"{tmp_path}/f.png"
    )
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"Figure: {tmp_path}/f.png\n")
    assert imread(tmp_path / "f.png").std() > 0


def test_feature_maps_of_an_image_are_drawn(
    invoke: Any, store: Path, run: str, photograph: Path, tmp_path: Path
) -> None:
    options = ["--image", str(photograph), "--scale", "0.004", "--store", str(store), "-o", f"{tmp_path}/maps.svg"]
    result = invoke("inspect", run, "--layer", "conv", *options)
    assert result.exit_code == 0, result.stderr
    assert "conv: 2 feature maps of 6 × 6" in (tmp_path / "maps.svg").read_text()


def test_the_mean_image_of_the_fold_is_subtracted(
    invoke: Any, monkeypatch: pytest.MonkeyPatch, photograph: Path, tmp_path: Path
) -> None:
    X = np.random.default_rng(0).normal(100, 10, size=(12, 8, 8, 3)).astype(np.float32)
    run = harness.evaluate(
        small_cnn, X, np.tile(["a", "b", "c"], 4), folds=2, epochs=1, preprocessing="mean_image", store=tmp_path
    )
    shown: list[Any] = []
    monkeypatch.setattr(
        "harness.visualization.draw_feature_maps", lambda _, image, __: shown.append(image) or plt.figure()
    )
    for fold in (0, 1):
        options = ["--fold", str(fold), "--layer", "conv", "--image", str(photograph), "--store", str(tmp_path)]
        result = invoke("inspect", run.id, *options, "-o", f"{tmp_path}/maps.png")
        assert result.exit_code == 0, result.stderr
        rows = run.predictions[run.predictions.fold == fold].row.unique()
        mean = np.delete(X, rows, axis=0).mean(axis=0)
        np.testing.assert_allclose(shown[-1], read_image(photograph, (8, 8, 3)) - mean, atol=1e-4)
    np.save(tmp_path / "ready.npy", X[0])
    options = ["--layer", "conv", "--image", f"{tmp_path}/ready.npy", "--store", str(tmp_path)]
    assert invoke("inspect", run.id, *options, "-o", f"{tmp_path}/maps.png").exit_code == 0
    np.testing.assert_array_equal(shown[-1], X[0])


def test_weights_of_a_file_are_drawn(invoke: Any, saved: Path, tmp_path: Path) -> None:
    result = invoke("inspect", str(saved), "--layer", "output", "-o", f"{tmp_path}/weights.svg")
    assert result.exit_code == 0, result.stderr
    assert "weights of 3 units on 4 × 4 pixels" in (tmp_path / "weights.svg").read_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "No layer was named; name one with --layer. Available: conv, flatten, output"),
        (["--layer", "convv"], "Unknown layer 'convv'. Did you mean 'conv'? Available: conv, flatten, output"),
        (["--layer", "flatten"], "Layer 'flatten' (Flatten) is not dense. Dense layers: output"),
        (["--layer", "conv", "--fold", "5"], "Unknown fold 'repeat 0 fold 5'"),
        (["--layer", "conv", "-o", "film.gif"], "A figure is written as .svg, .png, .pdf."),
    ],
    ids=["no layer", "unknown", "no weights", "fold", "format"],
)
def test_what_cannot_be_drawn_is_said_in_one_line(
    invoke: Any, store: Path, run: str, tmp_path: Path, options: list[str], message: str
) -> None:
    result = invoke("inspect", run, "--store", str(store), "-o", f"{tmp_path}/figure.png", *options)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {message}")
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_model_is_refused(invoke: Any, photograph: Path) -> None:
    result = invoke("inspect", str(photograph), "--layer", "conv", "-o", "figure.png")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: '{photograph}' is no .keras file, or a damaged one")
    assert result.stderr.count("\n") == 1


def test_a_file_of_a_model_with_code_of_its_own_is_refused(invoke: Any, tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Lambda(keras.ops.relu), keras.layers.Dense(1)])
    model.save(tmp_path / "model.keras")
    result = invoke("inspect", f"{tmp_path}/model.keras", "--layer", "dense", "-o", "figure.png")
    assert result.exit_code == 2
    assert "has a part of type keras.layers.Lambda" in result.stderr
    assert result.stderr.count("\n") == 1
