"""On the JAX backend, too, the vectorized engine means what `model.fit` means; plain Keras is asked.

Run as a program, under KERAS_BACKEND=jax, the file trains everything in one process and prints the results.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import harness
from harness.backend import tensorflow_spared
from harness.data import ImageRows
from harness.engines.base import FoldData, FoldOutcome, FoldTask, Recipe, joined_heads, split_heads
from harness.engines.builds import build_seeded
from harness.engines.fit import FitEngine
from harness.engines.fold_callbacks import best_epoch, fold_callbacks, fold_context
from harness.engines.vectorized import shared_programs
from harness.engines.vectorized.engine import VectorizedEngine
from harness.engines.vectorized.rows import Batch, Rows
from harness.engines.vectorized.rowwise import draws_are_rowwise
from harness.engines.vectorized.shared_models import SharedModels
from harness.progress import Progress
from harness.seeds import FoldKey, FoldSeeds
from tests.contract.engines.comparison import Builder, assert_same, dropout_net, make_task, trained
from tests.contract.engines.test_callbacks import FACTORIES
from tests.contract.engines.test_layers import ARRANGED
from tests.contract.engines.test_optimizers import ALIKE as OPTIMIZERS
from tests.contract.engines.test_optimizers import ARGUMENTS
from tests.fakes import two_blobs
from tests.pictures import picture_folder

layers = keras.layers
Case = Callable[[Path], None]
# Compiling takes most of the time, and the better part of that goes into making the code fast.
XLA_FLAGS = "--xla_backend_optimization_level=0"
# It halves the rest; but a flag that another version does not know would end the process.
OLDER_EMITTERS = {"0.10": "--xla_cpu_use_fusion_emitters=false"}


def two_heads(shape: tuple[int, ...]) -> keras.Model:
    inputs = keras.Input(shape)
    hidden = layers.Dense(6, activation="relu")(layers.Dropout(0.2)(inputs))
    heads = [layers.Dense(1, activation="sigmoid", name="a")(hidden), layers.Dense(2, name="b")(hidden)]
    model = keras.Model(inputs, heads)
    optimizer = keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=0.8)
    model.compile(optimizer, loss=["binary_crossentropy", "mse"], loss_weights=[1.0, 0.3])
    return model


def scaled_overwriting() -> keras.optimizers.Optimizer:
    return keras.optimizers.SGD(0.05, use_ema=True, ema_overwrite_frequency=3, loss_scale_factor=8.0)


def weighted(shape: tuple[int, ...]) -> keras.Model:
    model = keras.Sequential(
        [keras.Input(shape), layers.GaussianNoise(0.1), layers.Dense(1, activation="sigmoid")]
    )
    model.compile(loss="binary_crossentropy", metrics=["accuracy"], weighted_metrics=["mae"])
    return model


def side_by_side(case: Case) -> Case:
    """The case with folds in one call of the program, as on an accelerator: three places."""

    def check(folder: Path) -> None:
        shared_programs._kept.clear()  # programs of other cases have another form
        with pytest.MonkeyPatch.context() as patch:
            from harness.engines.vectorized import jax_stack

            patch.setattr(jax_stack, "stacks", lambda: True)
            patch.setattr(jax_stack, "MOST_FOLDS", 3)
            case(folder)
        shared_programs._kept.clear()

    return check


class PlainKeras:
    """Nothing but `model.fit`, one fold after the other."""

    name = "keras"

    def train(
        self, tasks: Sequence[FoldTask], build: Builder, recipe: Recipe, progress: Progress
    ) -> Iterator[FoldOutcome]:
        for task in tasks:
            data = task.prepare()
            assert data.y_val is not None
            context = fold_context(task, data, recipe)
            model = build_seeded(build, data.input_shape, task.seeds.initial_state)
            history = model.fit(
                stream(task, data, recipe),
                steps_per_epoch=context.steps_per_epoch,
                epochs=recipe.epochs,
                validation_data=(data.x_val, split_heads(data.y_val, recipe.widths), data.val_sample_weight),
                validation_batch_size=recipe.batch_size,
                shuffle=False,
                callbacks=fold_callbacks(context, recipe),
                verbose=0,
            ).history
            outputs = joined_heads(model.predict(data.x_test, verbose=0))
            files = {path.name: path for path in task.directory.iterdir()}
            yield FoldOutcome(task.key, outputs, history, best_epoch(history), 0.0, files)


def stream(task: FoldTask, data: FoldData, recipe: Recipe) -> Iterator[tuple[Any, ...]]:
    for order in islice(task.seeds.batch_orders(len(data.x_train)), recipe.epochs):
        for rows in np.array_split(order, range(recipe.batch_size, len(order), recipe.batch_size)):
            weights = () if data.sample_weight is None else (data.sample_weight[rows],)
            yield data.x_train[rows], split_heads(data.y_train[rows], recipe.widths), *weights


def same(
    build: Builder,
    recipe: Recipe,
    folds: Sequence[int] = (0,),
    engine: Callable[[], Any] = VectorizedEngine,
    **how: Any,
) -> Case:
    """A case: some folds by the engine and by plain Keras."""

    def check(folder: Path) -> None:
        ours, theirs = (
            trained(each, [make_task(folder / each.name, fold, **how) for fold in folds], build, recipe)
            for each in (engine(), PlainKeras())
        )
        for key in theirs:
            assert_same(ours[key], theirs[key])
            assert ours[key].epochs == theirs[key].epochs

    return check


def no_company_changes_a_bit(folder: Path) -> None:
    build, recipe = dropout_net(OPTIMIZERS["Adam"]), Recipe(epochs=9, batch_size=8, checkpoint="none")
    alone, together = (
        trained(VectorizedEngine(), [make_task(folder / name, fold) for fold in folds], build, recipe)
        for name, folds in (("alone", [1]), ("together", [2, 1, 0]))
    )
    key = FoldKey(0, 1)
    assert alone[key].history == together[key].history
    assert alone[key].outputs.tobytes() == together[key].outputs.tobytes()


def folds_are_called_together(folder: Path) -> None:
    from harness.engines.vectorized.jax_program import Program

    calls: list[int] = []
    made = Program._made
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Program, "_made", lambda self, folds: calls.append(len(folds)) or made(self, folds))
        # The first call waits for the compiler, and all the others for the first.
        tasks = [make_task(folder, fold) for fold in (0, 1, 2)]
        recipe = Recipe(epochs=30, batch_size=8, checkpoint="none")
        trained(VectorizedEngine(), tasks, dropout_net(OPTIMIZERS["Adam"]), recipe)
    assert max(calls) == 3


def places_follow_from_model_and_rows(folder: Path) -> None:
    from harness.engines.vectorized import jax_stack

    def places(model: keras.Model, rows: int, batch_size: int) -> int:
        part = Rows(Batch(np.zeros((rows, *model.input_shape[1:]), np.float32), np.zeros((rows, 1))), rows, False)
        return jax_stack.width(model, [part, None], batch_size)

    dense = keras.Sequential([keras.Input((1000,)), layers.Dense(1000)])  # a million multiplications
    convolution = keras.Sequential([keras.Input((34, 34, 1)), layers.Conv2D(100, 3), layers.Flatten()])
    assert places(dense, 10, 8) == jax_stack.MOST_FOLDS == 3
    assert places(dense, 10, 500) == 2  # 2**30 multiplications keep the device busy
    assert places(dense, 10, 10**6) == 1
    assert places(convolution, 10, 300) == 3
    assert places(convolution, 10, 500) == 2  # each with 32 * 32 * 9 * 100 an example
    assert places(dense, 250_000, 8) == 2  # of 1 GB, for which there are two


def a_shorter_call_ends_where_it_ends_alone(folder: Path) -> None:
    models = SharedModels(dropout_net(OPTIMIZERS["Adam"]), Recipe(epochs=9, batch_size=8, checkpoint="none"))
    folds = [models.prepare(make_task(folder, fold)) for fold in (0, 1)]
    program: Any = folds[0].program
    calls = [
        program._call(fold.state, fold.train, fold.validation, np.stack(list(islice(fold.orders, epochs))))
        for fold, epochs in zip(folds, (5, 2), strict=True)
    ]
    for together, call in zip(program._made(calls), calls, strict=True):
        (alone,) = program._made([call])
        assert len(together.logs) == call.epochs
        assert together.logs.tobytes() == alone.logs.tobytes()
        for ours, theirs in zip(together.state, alone.state, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def images_are_read_while_others_train(folder: Path) -> None:
    rows = ImageRows(sorted(picture_folder(folder / "pictures", count=10).rglob("*.png")), (6, 8), budget=0)
    y = np.tile(np.array([[0], [1]], np.float32), (10, 1))

    def task(name: str, x: Any) -> FoldTask:
        (folder / name).mkdir()
        data = FoldData(x[:11], y[:11], x[16:], x[11:16], y[11:16])
        return FoldTask(FoldKey(0, 1), FoldSeeds(3, FoldKey(0, 1)), lambda: data, folder / name)

    def build(shape: tuple[int, ...]) -> keras.Model:
        model = keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(1, activation="sigmoid")])
        model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
        return model

    recipe = Recipe(epochs=3, batch_size=4, checkpoint="none", predict_validation=True)
    (streamed,) = trained(FitEngine(), [task("a", rows)], build, replace(recipe, streamed=True)).values()
    (in_memory,) = trained(FitEngine(), [task("b", rows.load())], build, recipe).values()
    assert streamed.history == in_memory.history
    np.testing.assert_array_equal(streamed.outputs, in_memory.outputs)
    np.testing.assert_array_equal(streamed.val_outputs, in_memory.val_outputs)


def an_evaluation_needs_no_tensorflow(folder: Path) -> None:
    X, y = two_blobs(40)
    run = harness.evaluate(
        "sonar_dropout",
        X,
        y,
        folds=2,
        epochs=2,
        inner_val=0.2,
        checkpoint="both",
        store=folder,
    )
    assert (run.engine, run.n_failed, run.manifest["environment"]["backend"]) == ("vectorized", 0, "jax")
    assert "tensorflow" not in sys.modules
    assert any(path.is_file() for path in Path(os.environ["HARNESS_PROGRAM_CACHE"]).rglob("*"))


def masking_knows_how_numbers_are_drawn(folder: Path) -> None:
    import jax

    for partitionable in (True, False):
        with jax.threefry_partitionable(partitionable):
            few, many = (keras.random.uniform((rows, 3), seed=1) for rows in (3, 5))
            assert draws_are_rowwise() == bool((few == many[:3]).all()) == partitionable


SHORT = Recipe(epochs=5, batch_size=8)
# Nine rows of validation in batches of five: one row of filling to be masked there, too.
STOPPING = Recipe(epochs=200, batch_size=5, early_stopping=4, checkpoint="both")
CASES: dict[str, Case] = {
    "an evaluation needs no TensorFlow, and keeps its programs": an_evaluation_needs_no_tensorflow,
    "masking knows how numbers are drawn": masking_knows_how_numbers_are_drawn,
    "no company changes a bit": no_company_changes_a_bit,
    "images are read while others train": images_are_read_while_others_train,
    "the fit engine, sample weights": same(weighted, SHORT, engine=FitEngine, weighted=True),
    "dropout, masked last batch": same(dropout_net(ARGUMENTS["nesterov"]), SHORT),
    "batch statistics, last batch apart": same(ARRANGED["batch statistics"], SHORT),
    "several outputs, moving averages": same(two_heads, Recipe(5, 8, widths=(1, 2)), targets=3),
    "sample weights, steered rate": same(weighted, Recipe(8, 8, callbacks=FACTORIES["plateau"]), weighted=True),
    "early stopping": same(dropout_net(ARGUMENTS["nesterov"]), STOPPING),
    "averages that overwrite, scaled loss": same(dropout_net(scaled_overwriting), SHORT),
}
CASES |= {
    f"side by side: {name}": side_by_side(case)
    for name, case in {
        "places follow from model and rows": places_follow_from_model_and_rows,
        "folds are called together": folds_are_called_together,
        "a shorter call ends where it ends alone": a_shorter_call_ends_where_it_ends_alone,
        "no company changes a bit": no_company_changes_a_bit,
        "dropout, masked last batch": same(dropout_net(ARGUMENTS["nesterov"]), SHORT, folds=(0, 1)),
        "batch statistics, last batch apart": same(ARRANGED["batch statistics"], SHORT),
        "several outputs, moving averages": same(two_heads, Recipe(5, 8, widths=(1, 2)), targets=3),
        "sample weights, steered rate": same(
            weighted, Recipe(8, 8, callbacks=FACTORIES["plateau"]), folds=(0, 1), weighted=True
        ),
        "early stopping": same(dropout_net(ARGUMENTS["nesterov"]), STOPPING, folds=(0, 1)),
    }.items()
}


def xla_flags() -> str:
    return f"{XLA_FLAGS} {OLDER_EMITTERS.get('.'.join(version('jaxlib').split('.')[:2]), '')}"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """ "same" for each case, or what went wrong."""
    root = Path(harness.__file__).parents[1]
    path = os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": path, "XLA_FLAGS": xla_flags()}
    environment["TF_XLA_FLAGS"] = ""  # which names the folder of this process' own programs
    environment["HARNESS_PROGRAM_CACHE"] = str(tmp_path_factory.mktemp("programs"))
    result = subprocess.run(
        [sys.executable, __file__], env=environment, capture_output=True, text=True, timeout=240
    )
    assert result.returncode == 0, result.stderr
    found: dict[str, str] = json.loads(result.stdout.splitlines()[-1])
    return found


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")
@pytest.mark.parametrize("name", CASES)
def test_jax_means_the_same(results: dict[str, str], name: str) -> None:
    assert results[name] == "same"


def outcome(case: Callable[[Path], None]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        try:
            with nullcontext() if case is an_evaluation_needs_no_tensorflow else tensorflow_spared():
                case(Path(folder))
        except Exception:
            return traceback.format_exc()
    return "same"


if __name__ == "__main__":
    print(json.dumps({name: outcome(case) for name, case in CASES.items()}))
