"""Random changes to training images, as Keras layers that do nothing when predicting."""

from __future__ import annotations

from typing import Any

from keras import layers


def augmented(x: Any) -> Any:
    """Flips, zooms, shifts and rotates images at random, in training only.

    Half of the images are mirrored; height and width are zoomed by 0.7 to 1.3, each by its own; the image is
    shifted by up to 0.3 of its height and width, and rotated by up to 30 degrees. What comes into view is the
    nearest pixel.

    Args:
        x: Symbolic `(images, height, width, channels)`, pixels in any range.
    """
    x = layers.RandomFlip("horizontal", name="augment_flip")(x)
    x = layers.RandomZoom(0.3, 0.3, fill_mode="nearest", name="augment_zoom")(x)
    x = layers.RandomTranslation(0.3, 0.3, fill_mode="nearest", name="augment_shift")(x)
    return layers.RandomRotation(30 / 360, fill_mode="nearest", name="augment_rotation")(x)
