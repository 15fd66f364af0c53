"""A model in two parts that share its variables: the frozen base, and the head that is trained on its outputs."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np

from harness.engines.base import Shape
from harness.engines.frozen.cut import Cut, NoFrozenPart, find_cut
from harness.fingerprint import renumbered


class SplitModel:
    """A model, its frozen base and its head.

    Args:
        model: A compiled, built model.
        augmentation: Whether the base may begin with random changes of images.

    Attributes:
        model: The whole.
        base: From the input to the cut; does not change images when it predicts.
        head: From the cut to the outputs, compiled as the whole is; it shares layers and optimizer with it.

    Raises:
        NoFrozenPart: The model cannot be cut.
    """

    def __init__(self, model: keras.Model, *, augmentation: bool = False) -> None:
        self.model = model
        self.cut = find_cut(model, augmentation=augmentation)
        self._graph = self.cut.graph
        self.base = keras.Model(self._graph.inputs[0], self.cut.tensor, name="base")
        self.head = _head(model, self._graph, self.cut)
        if [*map(id, self.head.trainable_variables)] != [*map(id, model.trainable_variables)]:
            raise NoFrozenPart("its trained weights come in another order without the frozen part")

    @property
    def feature_shape(self) -> Shape:
        """Shape of what the base makes of one row."""
        return tuple(self.cut.tensor.shape[1:])

    @cached_property
    def base_sha256(self) -> str:
        """Hash of all that the base's outputs depend on besides its input: layers and weights."""
        return sha256_of(self.base)

    @cached_property
    def augmentation(self) -> keras.Model | None:
        """From the input to the end of the random layers, or None where there are none."""
        end = self.cut.augmented
        return None if end is None else keras.Model(self._graph.inputs[0], end, name="augmentation")

    @cached_property
    def after_augmentation(self) -> keras.Model:
        """From the end of the random layers to the cut."""
        if self.cut.augmented is None:
            return self.base
        return keras.Model(self.cut.augmented, self.cut.tensor, name="after_augmentation")

    def complete(self, path: Path) -> None:
        """Makes of a file that the head was saved to, weights and optimizer, one of the whole model."""
        self.head.optimizer.build(self.head.trainable_variables)
        self.head.load_weights(path)
        save = self.model.save if path.suffix == ".keras" else self.model.save_weights
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            whole = Path(folder) / path.name
            save(whole)
            os.replace(whole, path)  # noqa: PTH105 - as everywhere else


def sha256_of(model: keras.Model) -> str:
    """Hash of a model's configuration and weights, whatever numbers Keras gave to the names of its layers."""
    config = json.loads(json.dumps(model.get_config(), sort_keys=True, default=repr))
    config.pop("name", None)
    digest = hashlib.sha256(json.dumps(renumbered(config), sort_keys=True).encode())
    for weight in model.weights:
        value = np.ascontiguousarray(keras.ops.convert_to_numpy(weight))
        digest.update(f"{value.dtype}{value.shape}".encode())
        digest.update(value.tobytes())
    return digest.hexdigest()


def _head(model: keras.Model, graph: Any, cut: Cut) -> keras.Model:
    head = keras.Model(cut.tensor, graph._outputs_struct, name=model.name)
    # As it was passed to `compile`, not as it would be read from a file: a caller's own loss may be in it.
    compiled = dict(model._compile_config.config)
    head.compile(**{**compiled, "optimizer": model.optimizer})
    return head
