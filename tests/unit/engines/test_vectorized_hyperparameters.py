"""One program serves many values of a hyper-parameter; `model.fit` makes the same of each."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from harness.engines.base import FoldData, FoldOutcome, FoldTask, Recipe, Shape
from harness.engines.builds import build_seeded
from harness.engines.fit import FitEngine
from harness.engines.vectorized import shared_models, shared_programs
from harness.engines.vectorized.backend import StatelessModel
from harness.engines.vectorized.engine import VectorizedEngine
from harness.engines.vectorized.hyperparameters import Hyperparameter
from harness.engines.vectorized.rows import Batch
from harness.progress import Progress
from harness.seeds import FoldKey, FoldSeeds
from tests.backends import on_tensorflow

layers, optimizers = keras.layers, keras.optimizers
Builder = Callable[[Shape], keras.Model]

RECIPE = Recipe(epochs=5, batch_size=8, checkpoint="none")
VARIANTS: list[dict[str, float]] = [
    {},
    {"rate": 0.6, "momentum": 0.3},
    {"learning_rate": 0.01, "weight_decay": 0.2},
    {"stddev": 0.7, "learning_rate": 0.1},
]


def net(
    *, rate: float = 0.2, stddev: float = 0.1, loss: Any = "mse", first: Any = None, **chosen: float
) -> Builder:
    settings = {"learning_rate": 0.05, "momentum": 0.9, "weight_decay": 0.01, **chosen}

    def build(shape: Shape) -> keras.Model:
        hidden = [layers.GaussianNoise(stddev), layers.Dense(5, activation="tanh"), layers.Dropout(rate)]
        model = keras.Sequential([keras.Input(shape), *([first()] if first else []), *hidden, layers.Dense(1)])
        model.compile(optimizers.SGD(**settings), loss)
        return model

    return build


def filters(rate: float, momentum: float, weight_decay: float) -> Builder:
    def build(shape: Shape) -> keras.Model:
        hidden = [layers.Reshape((2, 2)), layers.SpatialDropout1D(rate), layers.Flatten()]
        model = keras.Sequential([keras.Input(shape), *hidden, layers.Dense(1)])
        model.compile(optimizers.RMSprop(0.02, momentum=momentum, weight_decay=weight_decay), "mse")
        return model

    return build


def train(engine: Any, build: Builder, folder: Path, recipe: Recipe = RECIPE) -> FoldOutcome:
    x = np.random.default_rng(0).normal(size=(37, 4)).astype(np.float32)
    y = (x[:, :1] - x[:, 1:2] ** 2).astype(np.float32)
    key = FoldKey(0, 0)
    folder.mkdir(parents=True)
    task = FoldTask(key, FoldSeeds(3, key), lambda: FoldData(x[:30], y[:30], x[30:]), folder)
    (result,) = engine.train([task], build, recipe, Progress())
    assert isinstance(result, FoldOutcome), result
    return result


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every program that is made."""
    made: list[Any] = []

    class Noted(shared_models.Program):
        def __init__(self, *arguments: Any, **settings: Any) -> None:
            super().__init__(*arguments, **settings)
            made.append(self)

    monkeypatch.setattr(shared_models, "Program", Noted)
    return made


def test_values_share_a_program_and_mean_what_fit_means(programs: list[Any], tmp_path: Path) -> None:
    for number, variant in enumerate(VARIANTS):
        ours = train(VectorizedEngine(), net(**variant), tmp_path / f"ours{number}")
        theirs = train(FitEngine(), net(**variant), tmp_path / f"theirs{number}")
        np.testing.assert_allclose(ours.outputs, theirs.outputs, atol=1e-5)
        np.testing.assert_allclose(ours.history["loss"], theirs.history["loss"], rtol=1e-5)
    assert len(programs) == 1


@on_tensorflow  # on JAX the rate of filters is a constant
def test_so_do_those_of_filters_and_another_optimizer(programs: list[Any], tmp_path: Path) -> None:
    for number, values in enumerate([(0.5, 0.9, 0.1), (0.25, 0.5, 0.01)]):
        ours = train(VectorizedEngine(), filters(*values), tmp_path / f"ours{number}")
        theirs = train(FitEngine(), filters(*values), tmp_path / f"theirs{number}")
        np.testing.assert_allclose(ours.outputs, theirs.outputs, atol=1e-5)
    assert len(programs) == 1


def test_a_variant_gets_the_same_bits_alone_as_after_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    after = [train(VectorizedEngine(), net(**each), tmp_path / f"{i}") for i, each in enumerate(VARIANTS[:2])]
    monkeypatch.setattr(shared_programs, "_kept", type(shared_programs._kept)())
    alone = train(VectorizedEngine(), net(**VARIANTS[1]), tmp_path / "alone")
    assert alone.outputs.tobytes() == after[1].outputs.tobytes()
    assert alone.history == after[1].history


def test_a_file_tells_the_values_of_its_own_model(tmp_path: Path) -> None:
    recipe = Recipe(epochs=2, batch_size=8, checkpoint="last")
    train(VectorizedEngine(), net(), tmp_path / "first", recipe)
    files = train(VectorizedEngine(), net(rate=0.6, momentum=0.25), tmp_path / "second", recipe).files
    with zipfile.ZipFile(files["last.keras"]) as archive:
        config = json.loads(archive.read("config.json"))
    assert config["config"]["layers"][3]["config"]["rate"] == 0.6
    assert config["compile_config"]["optimizer"]["config"]["momentum"] == 0.25
    loaded = keras.models.load_model(files["last.keras"])
    assert len(loaded.optimizer.variables) == len(optimizers_own(loaded))


def optimizers_own(model: keras.Model) -> list[Any]:
    """What plain Keras gives SGD with momentum: steps, learning rate, and a velocity for each weight."""
    return ["iteration", "learning_rate", *model.trainable_variables]


def own_loss(y_true: Any, y_pred: Any) -> Any:
    return keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)


def adapted() -> keras.layers.Layer:
    layer = layers.Normalization()
    layer.adapt(np.arange(8, dtype=np.float32).reshape(2, 4))
    return layer


def sharing(build: Builder) -> shared_programs.SharedPrograms:
    example = Batch(keras.ops.zeros((1, 4)), keras.ops.zeros((1, 1)))
    return shared_programs.programs_of(StatelessModel(build_seeded(build, (4,), 0), example), example)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"rate": 0.0}, {"rate": 0.2}),  # without dropout nothing is drawn
        ({"momentum": 0.0}, {"momentum": 0.9}),  # without momentum there are no velocities
        ({"loss": own_loss}, {"loss": own_loss}),  # the name of a function does not tell what it does
        ({"first": adapted}, {"first": adapted}),  # nor a configuration what was seen when it was made
        ({}, {"loss": "mae"}),
        ({"learning_rate": optimizers.schedules.CosineDecay(0.1, 9)}, {"learning_rate": 0.1}),
    ],
)
def test_other_computations_share_nothing(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert sharing(net()) is sharing(net(rate=0.3, learning_rate=0.001))
    assert sharing(net(**one)) is not sharing(net(**other))


def test_a_number_that_becomes_a_constant_keeps_its_program_to_itself(
    programs: list[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def call(self: Any, inputs: Any, training: bool = False) -> Any:
        return inputs + float(self.stddev) if training else inputs

    monkeypatch.setattr(layers.GaussianNoise, "call", call)
    for number, stddev in enumerate((0.2, 0.4)):
        ours = train(VectorizedEngine(), net(stddev=stddev), tmp_path / f"ours{number}")
        theirs = train(FitEngine(), net(stddev=stddev), tmp_path / f"theirs{number}")
        np.testing.assert_allclose(ours.outputs, theirs.outputs, atol=1e-5)
    assert len(programs) == 2


def test_comparisons_see_a_number_and_arithmetic_a_variable() -> None:
    half = Hyperparameter(0.5)
    assert half > 0
    assert half != 1
    results = (
        half + 1,
        1 + half,
        half - 1,
        1 - half,
        half * 3,
        3 * half,
        half / 2,
        2 / half,
        half**2,
        2**half,
        -half,
    )
    expected = (1.5, 1.5, -0.5, 0.5, 1.5, 1.5, 0.25, 4.0, 0.25, 2**0.5, -0.5)
    assert all(keras.ops.is_tensor(result) for result in results)
    np.testing.assert_allclose([float(result) for result in results], expected, rtol=1e-6)
