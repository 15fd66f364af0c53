"""What callbacks are given as `model`: one fold's state, behind the part of Keras' interface they use."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.engines.vectorized.checkpoints import CheckpointWriter

Values = list[NDArray[Any]]

_MOST_UNSAVED = 4


class FoldOptimizer:
    """The learning rate of a fold.

    Args:
        optimizer: The optimizer of the model that all folds share.
        model: The fold.
    """

    def __init__(self, optimizer: Any, model: FoldModel) -> None:
        self._optimizer = optimizer
        self._model = model

    @property
    def learning_rate(self) -> Any:
        """The learning rate now."""
        return self._model.read(self._variable)

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._model.write(self._variable, value)

    @property
    def _variable(self) -> Any:
        variable = self._optimizer._learning_rate
        if not hasattr(variable, "assign"):
            raise TypeError(
                "This optimizer follows a learning rate schedule, so its learning rate is not settable"
            )
        return variable


class FoldModel:
    """The state of one fold as callbacks see it.

    Files that callbacks save are written when training is over, or when there are several: of those saved under
    one path only the last is ever read.

    Args:
        writer: Writes files of the model that all folds share.
        variables: Whose values make up a state.

    Attributes:
        stop_training: Set by a callback to end training after this epoch.
        changed: Whether a callback has written to the state since `show`.
    """

    def __init__(self, writer: CheckpointWriter, variables: Sequence[Any]) -> None:
        self.stop_training = False
        self.changed = False
        self.history: Any = None
        self.metrics = writer.model.metrics
        self.optimizer = FoldOptimizer(writer.model.optimizer, self)
        self._writer = writer
        self._index = {id(variable): number for number, variable in enumerate(variables)}
        self._weights = [self._index[id(weight)] for weight in writer.model.weights]
        self._read: Callable[[], Values] = list
        self._values: Values | None = None
        self._unsaved: dict[Path, Values] = {}

    def show(self, read: Callable[[], Values]) -> None:
        """Sets the state that callbacks see; it is read when one asks."""
        self._read, self._values, self.changed = read, None, False

    def release(self) -> None:
        """Lets go of the state: callbacks refer to the model and it to them, which Python seldom looks for."""
        self.show(list)
        self._unsaved.clear()
        del self.history, self.optimizer

    @property
    def values(self) -> Values:
        """The state, with what callbacks have written to it."""
        if self._values is None:
            self._values = self._read()
        return self._values

    def read(self, variable: Any) -> NDArray[Any]:
        """The value of one variable."""
        return self.values[self._index[id(variable)]]

    def write(self, variable: Any, value: Any) -> None:
        """Sets the value of one variable."""
        self._set(self._index[id(variable)], value)

    def get_weights(self) -> Values:
        """Weights and statistics, in Keras' order."""
        return [self.values[number] for number in self._weights]

    def set_weights(self, weights: Sequence[NDArray[Any]]) -> None:
        """Sets weights and statistics, in Keras' order."""
        for number, weight in zip(self._weights, weights, strict=True):
            self._set(number, weight)

    def save(self, filepath: str | os.PathLike[str], overwrite: bool = True) -> None:
        """Saves weights, seeds and optimizer as a `.keras` file."""
        self._save(filepath)

    def save_weights(self, filepath: str | os.PathLike[str], overwrite: bool = True) -> None:
        """Saves the weights as a `.weights.h5` file."""
        self._save(filepath)

    def write_files(self) -> None:
        """Writes what has been saved."""
        for path, values in self._unsaved.items():
            self._writer.write(path, values)
        self._unsaved.clear()

    def _save(self, filepath: str | os.PathLike[str]) -> None:
        self._unsaved[Path(filepath)] = self.values
        if len(self._unsaved) > _MOST_UNSAVED:
            self.write_files()

    def _set(self, number: int, value: Any) -> None:
        values = list(self.values)
        values[number] = np.asarray(value, dtype=values[number].dtype)
        self._read, self._values, self.changed = lambda: values, values, True
