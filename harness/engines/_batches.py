"""A fold's rows on their way into `model.fit`: in the documented order, images read from disk just in time."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harness.data.dataset import is_images
from harness.data.decoding import quiet_decoding
from harness.engines.base import FoldData, FoldTask, Recipe, Shape, split_heads

if TYPE_CHECKING:
    from harness.data.image_rows import ImageRows

AHEAD = 2  # batches read while another one trains
_PREDICTION_ROWS = 256
_PREDICTION_BYTES = 2**24


class Batches(ABC):
    """The batches of one fold.

    Only row numbers are shuffled and repeated; images are read when their batch is due, so that no more than a
    few batches of them are in memory however many there are.

    Args:
        task: The fold.
        data: Its rows.
        recipe: How it is trained.
        first_epoch: Epochs whose orders of rows were used before.

    Attributes:
        prediction_size: Rows to predict at a time.
    """

    def __init__(self, task: FoldTask, data: FoldData, recipe: Recipe, first_epoch: int = 0) -> None:
        self.prediction_size = prediction_batch_size(recipe.batch_size, data.input_shape)
        self._unread: Exception | None = None
        self._task = task
        self._data = data
        self._recipe = recipe
        self._epochs = first_epoch, first_epoch + recipe.epochs

    def training(self) -> Any:
        """All epochs' batches in one stream, each epoch in an order that its fold and number alone decide."""
        data = self._data
        return self._shuffled(data.x_train, *self._rest(data.y_train, data.sample_weight))

    def validation(self) -> Any:
        """The inner validation part: arrays for Keras to cut, or batches of images; None without one."""
        data = self._data
        if data.x_val is None or data.y_val is None:
            return None
        rest = self._rest(data.y_val, data.val_sample_weight)
        if not is_images(data.x_val):
            return (data.x_val, *rest)
        return self._in_order(self._recipe.batch_size, data.x_val, *rest)

    def test(self) -> Any:
        """The test rows: an array for Keras to cut, or batches of images."""
        return self._to_predict(self._data.x_test)

    def held_out(self) -> Any:
        """The inner validation part without its labels, in the same form."""
        return self._to_predict(self._data.x_val)

    def _to_predict(self, x: Any) -> Any:
        return self._in_order(self.prediction_size, x) if is_images(x) else x

    @contextmanager
    def being_read(self) -> Iterator[None]:
        """Raises what goes wrong in reading an image, which may come as a long error of TensorFlow's graph."""
        try:
            with quiet_decoding() if is_images(self._data.x_train) else nullcontext():
                yield
        except Exception:
            if self._unread is not None:
                raise self._unread from None
            raise

    def _rest(self, y: NDArray[Any], sample_weight: NDArray[Any] | None) -> tuple[Any, ...]:
        targets = split_heads(y, self._recipe.widths)
        return (targets,) if sample_weight is None else (targets, sample_weight)

    def _orders(self) -> Iterator[NDArray[np.int64]]:
        """The order of the training rows in each epoch."""
        return itertools.islice(self._task.seeds.batch_orders(len(self._data.x_train)), *self._epochs)

    def _read(self, images: ImageRows, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        try:
            return images.read(rows)
        except Exception as error:
            self._unread = error
            raise

    @abstractmethod
    def _shuffled(self, x: Any, *rest: Any) -> Any:
        """Batches of all epochs, one epoch after the other."""

    @abstractmethod
    def _in_order(self, size: int, x: Any, *rest: Any) -> Any:
        """Batches of `size` rows as they come, from the first again whenever they are asked for."""


def batches_of(task: FoldTask, data: FoldData, recipe: Recipe, first_epoch: int = 0) -> Batches:
    """The batches of a fold in the form that suits Keras' backend; arguments as for `Batches`."""
    import keras

    if keras.backend.backend() == "tensorflow":
        from harness.engines._tensorflow_batches import TensorFlowBatches

        return TensorFlowBatches(task, data, recipe, first_epoch)
    from harness.engines._array_batches import ArrayBatches

    return ArrayBatches(task, data, recipe, first_epoch)


def prediction_batch_size(batch_size: int, shape: Shape) -> int:
    """Rows to predict at a time: 256, fewer of large ones, but never fewer than were trained at a time.

    Example:
        >>> prediction_batch_size(16, (60,)), prediction_batch_size(16, (224, 224, 3))
        (256, 27)
    """
    fitting = _PREDICTION_BYTES // (4 * int(np.prod(shape)))
    return max(batch_size, min(_PREDICTION_ROWS, fitting))
