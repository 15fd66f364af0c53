"""A network for the Pima diabetes data.

Data: Smith et al. 1988, "Using the ADAP learning algorithm to forecast the onset of diabetes mellitus",
Proceedings of the Symposium on Computer Applications and Medical Care, 261-265. Network: Brownlee,
"Evaluate the Performance of Deep Learning Models in Keras".
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from zoo._checks import as_features, as_units
from zoo._parts import as_metrics, classifier_head, fresh_initializer, fresh_optimizer


def pima_mlp(
    input_shape: tuple[int, ...] = (8,),
    *,
    classes: int = 2,
    units: Sequence[int] = (12, 8),
    activation: str = "relu",
    kernel_initializer: str | keras.initializers.Initializer = "glorot_uniform",
    optimizer: str = "adam",
    learning_rate: float | keras.optimizers.schedules.LearningRateSchedule = 0.001,
    loss: str | keras.losses.Loss | None = None,
    metrics: str | Sequence[str] = ("accuracy",),
) -> keras.Model:
    """Builds a perceptron with hidden layers of 12 and 8 units.

    The source reports an accuracy of 64.68 % (SD 15.50 %) by StratifiedKFold(10, shuffle=True,
    random_state=7): 150 epochs in batches of 10, inputs as they are.

    Args:
        input_shape: `(features,)`, floating-point features.
        classes: Number of classes, 2 or more. Two give one sigmoid unit, more a softmax.
        units: Width of each hidden layer.
        activation: Activation of the hidden layers.
        kernel_initializer: Initial weights of all layers. "random_uniform", from -0.05 to 0.05, is the
            variant of the older recipe. An object is copied for each layer.
        optimizer: Name of a Keras optimizer; no object, for it would be shared between models.
        learning_rate: Step size of the optimizer, above 0, or a schedule.
        loss: Loss, or `None` for the cross-entropy that fits `classes`.
        metrics: Names of the metrics in the history.

    Returns:
        A compiled `keras.Model` from `(rows, features)` to `(rows, 1)`, the probability of the second
        class, or to `(rows, classes)` where there are more than two.

    Raises:
        ValueError: If an argument is out of range; the message names it.

    Example:
        >>> pima_mlp(kernel_initializer="random_uniform").count_params()
        221
    """
    head = classifier_head(classes)

    inputs = keras.Input(as_features(input_shape), name="features")
    x = inputs
    for number, width in enumerate(as_units(units), start=1):
        x = layers.Dense(
            width,
            activation=activation,
            kernel_initializer=fresh_initializer(kernel_initializer),
            name=f"hidden_{number}",
        )(x)
    outputs = layers.Dense(
        head.units,
        activation=head.activation,
        kernel_initializer=fresh_initializer(kernel_initializer),
        name="output",
    )(x)

    model = keras.Model(inputs, outputs, name="pima_mlp")
    model.compile(fresh_optimizer(optimizer, learning_rate), loss=loss or head.loss, metrics=as_metrics(metrics))
    return model
