"""A fold's batches as datasets of TensorFlow's, which picks their rows beside the training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tensorflow as tf

from harness.data.dataset import is_images
from harness.engines._batches import AHEAD, Batches

if TYPE_CHECKING:
    from harness.data.image_rows import ImageRows


class TensorFlowBatches(Batches):
    """Batches for the TensorFlow backend."""

    def _shuffled(self, x: Any, *rest: Any) -> Any:
        orders = tf.data.Dataset.from_generator(
            self._orders, output_signature=tf.TensorSpec((len(self._data.x_train),), tf.int64)
        )
        batch_size = self._recipe.batch_size
        rows = orders.flat_map(lambda order: tf.data.Dataset.from_tensor_slices(order).batch(batch_size))
        return self._taken(rows, x, *rest)

    def _in_order(self, size: int, x: Any, *rest: Any) -> Any:
        return self._taken(tf.data.Dataset.range(len(x)).batch(size), x, *rest)

    def _taken(self, batches: Any, x: Any, *rest: Any) -> Any:
        """What batches of row numbers stand for, `x` and, where there are any, targets and weights."""
        arrays = tf.nest.map_structure(tf.constant, rest if is_images(x) else (x, *rest))

        def take(rows: Any) -> tuple[Any, ...]:
            taken = tf.nest.map_structure(lambda array: tf.gather(array, rows), arrays)
            return (self._pixels(x, rows), *taken) if is_images(x) else taken

        return batches.map(take).prefetch(AHEAD)

    def _pixels(self, images: ImageRows, rows: Any) -> Any:
        pixels = tf.numpy_function(lambda rows: self._read(images, rows), [rows], tf.float32)
        return tf.ensure_shape(pixels, (None, *images.shape[1:]))
