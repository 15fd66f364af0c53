"""Every model takes one training step on Keras' other backends, each in a process of its own.

Run as a program, under the environment variable KERAS_BACKEND, the file trains and prints the results.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import zoo
from tests.small_inputs import small_model
from zoo._table import BUILT_IN

names = pytest.mark.parametrize("name", [spec.name for spec in BUILT_IN])
needs_jax = pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")
needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="PyTorch is not installed")


@pytest.fixture(scope="module")
def on_jax() -> dict[str, str]:
    return train_all_on("jax")


@pytest.fixture(scope="module")
def on_torch() -> dict[str, str]:
    return train_all_on("torch")


def train_all_on(backend: str) -> dict[str, str]:
    """Results by model, and the name of the backend under `backend`."""
    path = os.pathsep.join([str(Path(zoo.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": path}
    result = subprocess.run(
        [sys.executable, __file__], env=environment, capture_output=True, text=True, timeout=240
    )
    assert result.returncode == 0, result.stderr
    results: dict[str, str] = json.loads(result.stdout.splitlines()[-1])
    return results


@needs_jax
def test_process_ran_on_jax(on_jax: dict[str, str]) -> None:
    assert on_jax["backend"] == "jax"


@needs_jax
@names
def test_model_trains_on_jax(on_jax: dict[str, str], name: str) -> None:
    assert on_jax[name] == "trained"


@needs_torch
@pytest.mark.slow
def test_process_ran_on_torch(on_torch: dict[str, str]) -> None:
    assert on_torch["backend"] == "torch"


@needs_torch
@pytest.mark.slow
@names
def test_model_trains_on_torch(on_torch: dict[str, str], name: str) -> None:
    assert on_torch[name] == "trained"


def train_all() -> dict[str, str]:
    import keras

    return {"backend": keras.backend.backend(), **{spec.name: train(spec) for spec in BUILT_IN}}


def train(spec: zoo.ModelSpec) -> str:
    """One step on random rows: "trained", or what went wrong."""
    import numpy as np

    rng = np.random.default_rng(0)
    try:
        model = small_model(spec.name)
        before = model.get_weights()
        outputs = model.output_shape[-1]
        X = rng.normal(size=(8, *model.input_shape[1:])).astype("float32")
        y = rng.normal(size=(8, outputs)) if "regression" in spec.tasks else rng.integers(max(outputs, 2), size=8)
        loss = model.train_on_batch(X, y, return_dict=True)["loss"]
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if not np.isfinite(loss):
        return f"the loss is {loss}"
    moved = any((new != old).any() for new, old in zip(model.get_weights(), before, strict=True))
    return "trained" if moved else "no weight moved"


if __name__ == "__main__":
    print(json.dumps(train_all()))
