"""Callbacks of a model of which only a part is trained for now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras


class ShownModel(keras.callbacks.CallbackList):  # type: ignore[misc]
    """Shows callbacks a whole model while `fit` trains a part that shares its weights and its optimizer.

    What they read of it, save, restore or set is that of the whole, and where they stop it the part stops.

    Args:
        callbacks: The callbacks.
        model: The whole model, compiled.

    Example:
        >>> whole, part = keras.Sequential(name="whole"), keras.Sequential(name="part")
        >>> shown = ShownModel([keras.callbacks.History()], whole)
        >>> shown.set_model(part)
        >>> shown.callbacks[0].model.name
        'whole'
    """

    def __init__(self, callbacks: Sequence[keras.callbacks.Callback], model: keras.Model) -> None:
        self._whole = model
        super().__init__(list(callbacks))

    def set_model(self, model: keras.Model | None) -> None:
        """Takes the part that is trained."""
        if model is None:
            return
        keras.callbacks.Callback.set_model(self, model)
        for callback in self.callbacks:
            callback.set_model(self._whole)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Passes it on; nothing has stopped the model yet."""
        self._whole.stop_training = False
        super().on_train_begin(logs)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Passes it on, and stops the part with the whole."""
        part = self.model  # on JAX, this writes to its variables what `fit` keeps elsewhere while it trains
        super().on_epoch_end(epoch, logs)
        part.stop_training |= self._whole.stop_training

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Passes it on, and stops the part with the whole."""
        part = self.model
        super().on_train_batch_end(batch, logs)
        part.stop_training |= self._whole.stop_training
