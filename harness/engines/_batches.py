"""A fold's rows on their way into `model.fit`: in the documented order, images read from disk just in time."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from harness.data.dataset import is_images
from harness.data.decoding import quiet_decoding
from harness.engines.base import FoldData, FoldTask, Recipe, Shape, split_heads

if TYPE_CHECKING:
    from harness.data.image_rows import ImageRows

_AHEAD = 2  # batches read while another one trains
_PREDICTION_ROWS = 256
_PREDICTION_BYTES = 2**24


class Batches:
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
        data, seeds, n = self._data, self._task.seeds, len(self._data.x_train)
        orders = tf.data.Dataset.from_generator(
            lambda: itertools.islice(seeds.batch_orders(n), *self._epochs),
            output_signature=tf.TensorSpec((n,), tf.int64),
        )
        batch_size = self._recipe.batch_size
        rows = orders.flat_map(lambda order: tf.data.Dataset.from_tensor_slices(order).batch(batch_size))
        return self._taken(rows, data.x_train, *self._rest(data.y_train, data.sample_weight))

    def validation(self) -> Any:
        """The inner validation part: arrays for Keras to cut, or batches of images; None without one."""
        data = self._data
        if data.x_val is None or data.y_val is None:
            return None
        rest = self._rest(data.y_val, data.val_sample_weight)
        if not is_images(data.x_val):
            return (data.x_val, *rest)
        return self._taken(_in_order(len(data.x_val), self._recipe.batch_size), data.x_val, *rest)

    def test(self) -> Any:
        """The test rows: an array for Keras to cut, or batches of images."""
        return self._to_predict(self._data.x_test)

    def held_out(self) -> Any:
        """The inner validation part without its labels, in the same form."""
        return self._to_predict(self._data.x_val)

    def _to_predict(self, x: Any) -> Any:
        return self._taken(_in_order(len(x), self.prediction_size), x) if is_images(x) else x

    @contextmanager
    def being_read(self) -> Iterator[None]:
        """Raises what goes wrong in reading an image, which comes to us as a long error of TensorFlow's graph."""
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

    def _taken(self, batches: Any, x: Any, *rest: Any) -> Any:
        """What batches of row numbers stand for, `x` and, where there are any, targets and weights."""
        arrays = tf.nest.map_structure(tf.constant, rest if is_images(x) else (x, *rest))

        def take(rows: Any) -> tuple[Any, ...]:
            taken = tf.nest.map_structure(lambda array: tf.gather(array, rows), arrays)
            return (self._read(x, rows), *taken) if is_images(x) else taken

        return batches.map(take).prefetch(_AHEAD)

    def _read(self, images: ImageRows, rows: Any) -> Any:
        def read(rows: NDArray[np.int64]) -> NDArray[np.float32]:
            try:
                return images.read(rows)
            except Exception as error:
                self._unread = error
                raise

        pixels = tf.numpy_function(read, [rows], tf.float32)
        return tf.ensure_shape(pixels, (None, *images.shape[1:]))


def prediction_batch_size(batch_size: int, shape: Shape) -> int:
    """Rows to predict at a time: 256, fewer of large ones, but never fewer than were trained at a time.

    Example:
        >>> prediction_batch_size(16, (60,)), prediction_batch_size(16, (224, 224, 3))
        (256, 27)
    """
    fitting = _PREDICTION_BYTES // (4 * int(np.prod(shape)))
    return max(batch_size, min(_PREDICTION_ROWS, fitting))


def _in_order(n: int, batch_size: int) -> Any:
    return tf.data.Dataset.range(n).batch(batch_size)
