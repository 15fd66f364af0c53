"""What makes two trainings the same: the keys under which runs and finished folds are stored.

A fold is found again only if nothing that its result depends on has changed: its rows' content, the split, the
seeds, the model's configuration, the recipe, the engine, and the versions of what computes it.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from harness._version import __version__
from harness.backend import tensorflow_spared
from harness.callback_factory import as_factory, describe_callbacks, sample_callbacks
from harness.data.dataset import Dataset, is_images
from harness.data.decoding import decoder_version
from harness.fingerprint import describe_function, renumbered, source
from harness.plan import Plan
from harness.preprocessing import describe_transformers
from harness.resampling import Split
from harness.seeds import FoldKey
from harness.settings import Settings
from harness.thresholds import is_chosen

if TYPE_CHECKING:
    import keras

_COMPUTES = ("numpy", "scikit-learn", "keras")


def run_identity(plan: Plan, model: keras.Model | None, engine: str) -> dict[str, Any]:
    """Everything a run's result depends on, as plain JSON values.

    Args:
        plan: The evaluation.
        model: A compiled model as its builder makes it; None for an estimator.
        engine: Name of the engine that trains.
    """
    settings = plan.settings
    return {
        "model": plan.subject.name,
        "arguments": {name: repr(value) for name, value in sorted(plan.subject.arguments.items())},
        "files_sha256": _files_sha256(plan.subject.arguments),
        "model_sha256": _estimator_sha256(plan) if model is None else model_sha256(model),
        "source_sha256": plan.subject.source_sha256(),
        "data_sha256": plan.dataset.sha256,
        "splits_sha256": plan.splits.fingerprint(plan.dataset.sha256),
        "groups_sha256": _groups_sha256(plan),
        "preprocessing": describe_transformers(plan.transformers),
        "epochs": plan.epochs,
        "batch_size": plan.batch_size,
        "seed": plan.seed,
        "init_seeds": settings.init_seeds,
        "inner_val": plan.inner_val,
        "early_stopping": settings.early_stopping,
        "fine_tuning": _fine_tuning(settings),
        "checkpoint": settings.kept_checkpoint,
        "class_weight": repr(settings.class_weight),
        "threshold": settings.threshold,
        "callbacks": _callbacks(plan),
        "callbacks_source": describe_function(settings.callbacks) if settings.callbacks else None,
        "engine": engine,
        "augment_copies": settings.augment_copies,
        "versions": versions(plan.dataset),
    }


def run_id(identity: dict[str, Any]) -> str:
    """A run's name: its model and the first digits of its identity's hash.

    Example:
        >>> run_id({"model": "my.models:net", "seed": 1})
        'my.models-net-4e4bc7a0'
    """
    return f"{re.sub(r'[^A-Za-z0-9._-]', '-', identity['model'])}-{_sha256(identity)[:8]}"


def fold_key(identity: dict[str, Any], split: Split, key: FoldKey, attempt: int) -> str:
    """The key of one fold: of its own split rather than of all, so that more repeats reuse the first ones.

    Args:
        identity: The run's.
        split: The fold's rows.
        key: The fold.
        attempt: How many times the run was begun anew before, on purpose.
    """
    without = {"splits_sha256", "init_seeds", "model", "threshold"}
    shared = {name: value for name, value in identity.items() if name not in without}
    # A fold keeps what every criterion chooses, and of a number it does not depend at all.
    shared["predict_validation"] = is_chosen(identity["threshold"])
    rows = {"train": _rows_sha256(split.train), "test": _rows_sha256(split.test)}
    return _sha256({**shared, **rows, "key": list(key), "attempt": attempt})


def versions(dataset: Dataset) -> dict[str, str]:
    """Versions of the harness and of what computes a fold: the Keras backend, and the decoder of image files."""
    import keras

    backend = keras.backend.backend()
    packages = (*_COMPUTES, backend)
    decoder = {"decoder": decoder_version()} if is_images(dataset.X) else {}
    return {"harness": __version__, **{name: importlib.metadata.version(name) for name in packages}, **decoder}


def _estimator_sha256(plan: Plan) -> str:
    return _sha256(describe_transformers([plan.subject.estimator]))


def model_sha256(model: keras.Model) -> str:
    """SHA-256 of a model's configuration, losses and optimizer, whatever names Keras numbered its layers with."""
    import keras

    config: dict[str, Any] = {
        "weights": [[list(weight.shape), str(weight.dtype)] for weight in model.weights],
        "sources": _sources(model),
    }
    with tensorflow_spared():
        config["architecture"] = _config(model)
        config["compiled"] = keras.saving.serialize_keras_object(model.get_compile_config())
    plain = json.loads(json.dumps(config, sort_keys=True, default=repr))
    return _sha256(renumbered(plain))


def _sources(model: keras.Model) -> list[str]:
    """The source of layers that are not Keras' own: their configuration need not tell all of them."""
    kinds = {type(layer) for layer in model._flatten_layers()}
    return sorted(source(kind) for kind in kinds if not kind.__module__.startswith("keras."))


def _config(model: keras.Model) -> Any:
    try:
        return model.get_config()
    except NotImplementedError:  # a subclassed model: its class and weights must speak for it
        return [type(model).__module__, type(model).__qualname__]


def _files_sha256(arguments: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 of the files, such as initial weights, that arguments of the builder name."""
    paths = {name: Path(value) for name, value in arguments.items() if isinstance(value, str | os.PathLike)}
    return {name: _file_sha256(path) for name, path in sorted(paths.items()) if path.is_file()}


def _file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fine_tuning(settings: Settings) -> list[float | None]:
    """Epochs, learning rate, layers that stay frozen."""
    return [settings.fine_tune_epochs, settings.fine_tune_learning_rate, settings.fine_tune_frozen_layers or 0]


def _callbacks(plan: Plan) -> list[list[str]]:
    # Logs change no result, but a fold that was trained without them has none to keep.
    logs = [["tensorboard"]] if plan.settings.tensorboard is not None else []
    if plan.settings.callbacks is None:
        return logs
    factory = as_factory(plan.settings.callbacks)
    return [*describe_callbacks(sample_callbacks(factory, plan.epochs, plan.inner_val > 0)), *logs]


def _groups_sha256(plan: Plan) -> str | None:
    if plan.groups is None:
        return None
    return _rows_sha256(np.unique(plan.groups, return_inverse=True)[1])


def _rows_sha256(rows: Any) -> str:
    return hashlib.sha256(np.ascontiguousarray(rows, dtype="<i8").tobytes()).hexdigest()


def _sha256(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
