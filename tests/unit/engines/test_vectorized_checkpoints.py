from __future__ import annotations

import json
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from harness.engines.vectorized.backend import StatelessModel
from harness.engines.vectorized.checkpoints import CheckpointWriter
from harness.engines.vectorized.rows import Batch
from harness.engines.vectorized.shared_programs import SharedPrograms


def make(policy: str = "float32") -> tuple[CheckpointWriter, list[Any]]:
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((4,)), layers.Dense(3, dtype=policy), layers.BatchNormalization(), layers.Dense(3)]
    )
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    variables = [*model.trainable_variables, *model.non_trainable_variables, *model.optimizer.variables]
    generator = np.random.default_rng(0)
    values = [generator.uniform(1, 9, variable.shape).astype(variable.dtype) for variable in variables]
    return CheckpointWriter(model, variables), values


def read(path: Path) -> list[Any]:
    model = keras.models.load_model(path)
    variables = [*model.trainable_variables, *model.non_trainable_variables, *model.optimizer.variables]
    return [keras.ops.convert_to_numpy(variable) for variable in variables]


@pytest.mark.parametrize("policy", ["float32", "float16"])
def test_a_file_holds_the_values_given(policy: str, tmp_path: Path) -> None:
    writer, values = make(policy)
    writer.write(tmp_path / "other.keras", [np.zeros_like(value) for value in values])
    writer.write(tmp_path / "model.keras", values)
    for ours, given in zip(read(tmp_path / "model.keras"), values, strict=True):
        np.testing.assert_array_equal(ours, given)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="Elsewhere an optimizer keeps its class")
def test_a_file_that_is_saved_while_a_program_is_traced_can_be_read(tmp_path: Path) -> None:
    from harness.engines.vectorized.stateless import common_methods

    writer, values = make()
    example = Batch(np.zeros((1, 4), np.float32), np.zeros((1, 3), np.float32))
    programs = SharedPrograms(StatelessModel(writer.model, example))
    tracing = threading.Event()

    def trace(model: StatelessModel) -> Any:
        with common_methods(model.model.optimizer):
            tracing.set()
            time.sleep(0.5)  # in which the file would be written
        return object()

    thread = threading.Thread(target=programs.get, args=("key", trace))
    thread.start()
    tracing.wait()
    writer.write(tmp_path / "model.keras", values)
    thread.join()
    assert len(read(tmp_path / "model.keras")) == len(values)


def test_the_configuration_is_that_of_the_model_as_built(tmp_path: Path) -> None:
    writer, values = make()
    writer.write(tmp_path / "model.keras", values)
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        config = json.loads(archive.read("config.json"))
    rate = config["compile_config"]["optimizer"]["config"]["learning_rate"]
    assert rate == pytest.approx(0.001)


def test_weights_alone_are_written_too(tmp_path: Path) -> None:
    writer, values = make()
    writer.write(tmp_path / "model.weights.h5", values)
    other, _ = make()
    other.model.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(other.model.trainable_variables[0]), values[0])
