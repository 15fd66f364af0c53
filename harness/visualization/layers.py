"""Layers of a model by their names, and what they put out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import UnknownNameError, UsageError

if TYPE_CHECKING:
    import keras


Shape = tuple[int | None, ...]


def find_layer(model: keras.Model, name: str) -> keras.Layer:
    """Finds a layer, in models within the model too.

    Raises:
        UnknownNameError: There is none; the message lists the names.
    """
    layers = {layer.name: layer for layer in reversed(all_layers(model))}
    if name not in layers:
        raise UnknownNameError("layer", name, layers)
    return layers[name]


def all_layers(model: keras.Model) -> list[keras.Layer]:
    """The layers of a model and of models within it, those near the input first, without mere inputs."""
    import keras

    found: list[keras.Layer] = []
    for layer in model._flatten_layers(include_self=False, recursive=False):
        if not isinstance(layer, keras.layers.InputLayer):
            found += [layer, *all_layers(layer)]
    return found


def input_shape(model: keras.Model) -> Shape | None:
    """Shape of one example; None of a subclassed model, which takes what it takes.

    Raises:
        UsageError: The model has several inputs.
    """
    shape = getattr(model, "input_shape", None)
    if isinstance(shape, list | dict):
        raise UsageError(f"Only a model with one input can be looked into. Received: inputs of shape {shape}")
    return shape[1:] if shape else None


def layer_output(model: keras.Model, image: NDArray[Any], layer: str) -> NDArray[np.float32]:
    """What a layer puts out for one image, with the model predicting.

    Args:
        model: Any Keras model, with models within it or not.
        image: (height, width, channels) as the model takes it, or any other shape of one example.
        layer: The layer's name.

    Returns:
        The output of the layer, without the axis of examples.

    Raises:
        UnknownNameError: No such layer.
        UsageError: The image has another shape than the model takes, or the model does not use the layer.

    Example:
        >>> import keras
        >>> model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.MaxPooling2D(name="pool")])
        >>> layer_output(model, np.arange(16).reshape(4, 4, 1), "pool").squeeze().tolist()
        [[5.0, 7.0], [13.0, 15.0]]
    """
    import keras

    found = find_layer(model, layer)
    example = _as_example(image, input_shape(model))
    seen: list[Any] = []

    def recording(*args: Any, **kwargs: Any) -> Any:
        output = type(found).call(found, *args, **kwargs)
        seen.append(output)
        return output

    # A layer of a model within the model has no output in terms of the outer input: it is watched instead.
    vars(found)["call"] = recording
    try:
        model(example[None], training=False)
    finally:
        del vars(found)["call"]
    if not seen:
        raise UsageError(f"The model does not use its layer '{layer}'; name another")
    outputs: NDArray[np.float32] = np.asarray(keras.ops.convert_to_numpy(seen[0]), dtype=np.float32)
    return outputs.squeeze(axis=0)


def _as_example(image: NDArray[Any], shape: Shape | None) -> NDArray[np.float32]:
    array = np.asarray(image, dtype=np.float32)
    if shape is None:
        return array
    if array.ndim == 2 and len(shape) == 3:
        array = array[..., None]
    if len(shape) == 1 and array.size == shape[0]:
        array = array.ravel()
    fits = array.ndim == len(shape) and all(n in (None, m) for n, m in zip(shape, array.shape, strict=True))
    if not fits:
        raise UsageError(f"The model takes one image of shape {shape}. Received: shape {np.shape(image)}")
    return array
