"""Models of the zoo at a size at which a test may build them: those for photographs take small ones here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import zoo

if TYPE_CHECKING:
    import keras

# The smallest images that VGG19 takes; without the internet its weights are random.
_SMALL: dict[str, dict[str, Any]] = {
    "pets_cnn": {"input_shape": (32, 32, 3), "filters": (8, 16), "units": 32},
    "vgg19_transfer": {"input_shape": (32, 32, 3), "units": (32, 32)},
}
_OTHER_SHAPES: dict[str, tuple[int, ...]] = {"pets_cnn": (12, 16, 3), "vgg19_transfer": (40, 32, 3)}


def small_model(name: str, **arguments: Any) -> keras.Model:
    """Builds a model of the zoo, small if it is large."""
    return zoo.create_model(name, **{**_SMALL.get(name, {}), **arguments})


def other_shape(name: str) -> tuple[int, ...]:
    """A shape of examples that is not the model's default, nor that of `small_model`."""
    return _OTHER_SHAPES.get(name, (5,))
