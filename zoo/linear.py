"""Linear regression as a network of one layer.

Recipe: Zhang, Lipton, Li and Smola 2023, "Dive into Deep Learning", chapter 3.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from zoo._checks import as_count, as_features, as_fraction, as_non_negative, as_positive
from zoo._parts import as_learning_rate, as_metrics


def linear_regression(
    input_shape: tuple[int, ...] = (2,),
    *,
    num_outputs: int = 1,
    stddev: float = 0.01,
    learning_rate: float | keras.optimizers.schedules.LearningRateSchedule = 0.03,
    momentum: float = 0.0,
    loss: str | keras.losses.Loss = "mse",
    loss_weights: float = 0.5,
    metrics: str | Sequence[str] = (),
) -> keras.Model:
    """Builds y = Xw + b, to be fitted by mini-batch gradient descent on half the squared error.

    The source recovers w and b to within 3e-4 to 1e-3, at a loss of about 5e-5, from 1,000 rows with noise
    of standard deviation 0.01: 3 epochs in batches of 10. The true w and b would give half the variance of
    the noise, 5e-5, as well.

    Args:
        input_shape: `(features,)`, floating-point features.
        num_outputs: Number of targets, 1 or more.
        stddev: Standard deviation of the normal distribution of the initial w, 0 or more; b begins at 0.
        learning_rate: Step size of stochastic gradient descent, above 0, or a schedule.
        momentum: Momentum of stochastic gradient descent, in [0, 1).
        loss: Loss before weighting.
        loss_weights: Factor of the loss, above 0.
        metrics: Names of the metrics in the history, besides the loss.

    Returns:
        A compiled `keras.Model` from `(rows, features)` to `(rows, num_outputs)`, in the targets' units. Its
        layer "output" holds w, `(features, num_outputs)`, as kernel and b, `(num_outputs,)`, as bias.

    Raises:
        ValueError: If an argument is out of range; the message names it.

    Example:
        >>> w, b = linear_regression().get_layer("output").get_weights()
        >>> w.shape, b.shape
        ((2, 1), (1,))
    """
    inputs = keras.Input(as_features(input_shape), name="features")
    outputs = layers.Dense(
        as_count("num_outputs", num_outputs),
        kernel_initializer=keras.initializers.RandomNormal(stddev=as_non_negative("stddev", stddev)),
        name="output",
    )(inputs)

    model = keras.Model(inputs, outputs, name="linear_regression")
    model.compile(
        keras.optimizers.SGD(as_learning_rate(learning_rate), momentum=as_fraction("momentum", momentum)),
        loss=loss,
        loss_weights=as_positive("loss_weights", loss_weights),
        metrics=as_metrics(metrics),
    )
    return model
