"""The second phase of transfer learning: the base is trained too, at a lower rate.

As in Chollet, "Transfer learning and fine-tuning", Keras developer guides: the new layers come first, for their
random weights would spoil those of the base.
"""

from __future__ import annotations

import keras

from zoo._checks import as_count
from zoo._parts import as_learning_rate, leaf_layers


def unfreeze(
    model: keras.Model,
    learning_rate: float | keras.optimizers.schedules.LearningRateSchedule,
    *,
    frozen_layers: int = 0,
) -> keras.Model:
    """Makes a trained model's frozen layers trainable and compiles it anew with another learning rate.

    The optimizer is a new one of the same settings: it remembers nothing of the first phase. Loss and metrics
    stay. Batch normalisation that is frozen stays so, for with the statistics of a few batches it would undo what
    the base has learned.

    Args:
        model: A compiled model; it is changed.
        learning_rate: Step size of the second phase, above 0, or a schedule; a tenth of the first one or less is
            usual.
        frozen_layers: Layers to leave frozen, counted from the first one of the base, which is the first model
            among the layers, or of the model itself where there is none.

    Returns:
        The model.

    Raises:
        ValueError: If an argument is out of range, or the model is not compiled.

    Example:
        >>> from zoo.vgg19_transfer import vgg19_transfer
        >>> model = vgg19_transfer(input_shape=(32, 32, 3), regime="truncated", weights=None, learning_rate=1e-3)
        >>> # model.fit(images, labels, epochs=10)
        >>> model = unfreeze(model, learning_rate=1e-5, frozen_layers=2)
        >>> # model.fit(images, labels, epochs=20, initial_epoch=10)
        >>> len(model.get_layer("vgg19").trainable_variables)
        6
    """
    if not model.compiled:
        raise ValueError(f"`model` must be compiled. Received: model={model.name!r}, which is not")
    learning_rate = as_learning_rate(learning_rate)
    frozen_layers = as_count("frozen_layers", frozen_layers, minimum=0)
    frozen = [layer for layer in leaf_layers(model) if isinstance(layer, keras.layers.BatchNormalization)]
    frozen = [layer for layer in frozen if not layer.trainable]
    # Twice, for Keras passes on to the layers only what is a change to the model.
    model.trainable = False
    model.trainable = True
    base = next((layer for layer in model.layers if isinstance(layer, keras.Model)), model)
    for layer in [*base.layers[:frozen_layers], *frozen]:
        layer.trainable = False
    optimizer = type(model.optimizer).from_config({**model.optimizer.get_config(), "learning_rate": learning_rate})
    # As it was passed to `compile`, not as it would be read from a file: a caller's own loss may be in it.
    model.compile(**{**model._compile_config.config, "optimizer": optimizer})
    return model
