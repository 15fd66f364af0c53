"""What Keras logged of a fold, as Keras itself gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def keras_history(values: Mapping[str, Sequence[float]], epochs: int) -> keras.callbacks.History:
    """Makes the object that `model.fit` would have returned.

    Args:
        values: Metric name to its value after each epoch.
        epochs: Epochs that were asked for.
    """
    import keras

    history = keras.callbacks.History()
    history.history = {name: list(series) for name, series in values.items()}
    history.epoch = list(range(max(map(len, values.values()), default=0)))
    history.set_params({"epochs": epochs, "verbose": 0})
    return history
