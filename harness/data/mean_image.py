"""The mean image, subtracted: fitted on the training images of a fold, without having them all in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from harness.data.dataset import is_images

if TYPE_CHECKING:
    from harness.data.image_rows import ImageRows

_AT_ONCE = 32


class MeanImage(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Subtracts from every image the mean of the training images, pixel by pixel and channel by channel.

    As A. Krizhevsky, I. Sutskever and G. Hinton (2012), ImageNet classification with deep convolutional neural
    networks, section 2. Images on disk stay there: the mean is summed up batch by batch, and is subtracted when
    an image is read.

    Attributes:
        mean_: The mean image, (height, width, channels) float32, in levels of 0 to 255 where the images are.

    Example:
        >>> images = np.stack([np.zeros((2, 2, 3)), np.full((2, 2, 3), 4.0)])
        >>> MeanImage().fit(images).transform(images)[1, 0, 0].tolist()
        [2.0, 2.0, 2.0]
    """

    takes_images = True

    def fit(self, X: NDArray[Any] | ImageRows, y: Any = None) -> MeanImage:
        """Averages (n, …) images; `y` is not looked at."""
        total = sum(batch.sum(axis=0, dtype=np.float64) for batch in _batches(X))
        self.mean_ = np.asarray(total / len(X), dtype=np.float32)
        return self

    def transform(self, X: NDArray[Any] | ImageRows) -> NDArray[np.float32] | ImageRows:
        """Subtracts the mean image; from images on disk when they are read."""
        return X.map(self._subtracted) if is_images(X) else self._subtracted(X)

    def _subtracted(self, batch: Any) -> NDArray[np.float32]:
        return np.asarray(batch, dtype=np.float32) - self.mean_


def _batches(X: NDArray[Any] | ImageRows) -> Iterator[NDArray[Any]]:
    if is_images(X):
        yield from X.batches(_AT_ONCE)
    else:
        yield np.asarray(X)
