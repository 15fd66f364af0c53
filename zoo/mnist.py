"""Softmax regression for handwritten digits.

Data: LeCun, Bottou, Bengio and Haffner 1998, "Gradient-based learning applied to document recognition",
Proceedings of the IEEE 86:2278-2324. Recipe: LISA lab, Deep Learning Tutorials, "Classifying MNIST digits
using Logistic Regression".
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from zoo._checks import as_fraction, as_non_negative, as_shape
from zoo._parts import as_learning_rate, as_metrics, classifier_head, fresh_initializer


def mnist_softmax(
    input_shape: tuple[int, ...] = (784,),
    *,
    classes: int = 10,
    kernel_initializer: str | keras.initializers.Initializer = "zeros",
    l1: float = 0.0,
    l2: float = 0.0,
    learning_rate: float | keras.optimizers.schedules.LearningRateSchedule = 0.13,
    momentum: float = 0.0,
    loss: str | keras.losses.Loss | None = None,
    metrics: str | Sequence[str] = ("accuracy",),
) -> keras.Model:
    """Builds multinomial logistic regression: one softmax layer on the flattened image.

    The source reports a test error (zero-one loss, 1 - accuracy) of 7.49 %: 50,000 training rows in
    batches of 600, early stopping by the error on 10,000 others in epoch 74. The loss, the mean negative
    log-likelihood, is convex, so nothing is lost by beginning at zero, as the source does.

    Args:
        input_shape: Shape of an image of floating-point numbers in [0, 1]: `(784,)`, `(28, 28)`,
            `(28, 28, 1)` or any other; two axes or more are flattened.
        classes: Number of classes, 2 or more. Two give one sigmoid unit, which expresses the same as
            a softmax of two; more give a softmax.
        kernel_initializer: Initial weights; the biases begin at 0.
        l1: Factor of the sum of the weights' absolute values in the loss, 0 or more; biases are free.
        l2: Factor of the sum of the weights' squares in the loss, 0 or more; biases are free.
        learning_rate: Step size of stochastic gradient descent, above 0, or a schedule.
        momentum: Momentum of stochastic gradient descent, in [0, 1).
        loss: Loss before the penalties, or `None` for the cross-entropy that fits `classes`.
        metrics: Names of the metrics in the history.

    Returns:
        A compiled `keras.Model` from `(rows, *input_shape)` to `(rows, classes)`, the probabilities of the
        classes, or to `(rows, 1)`, the probability of the second class, where there are two.

    Raises:
        ValueError: If an argument is out of range; the message names it.

    Example:
        >>> mnist_softmax(input_shape=(28, 28), l2=1e-4).count_params()
        7850
    """
    shape = as_shape(input_shape)
    head = classifier_head(classes)

    inputs = keras.Input(shape, name="pixels")
    x = inputs if len(shape) == 1 else layers.Flatten(name="flatten")(inputs)
    outputs = layers.Dense(
        head.units,
        activation=head.activation,
        kernel_initializer=fresh_initializer(kernel_initializer),
        kernel_regularizer=_penalty(l1, l2),
        name="output",
    )(x)

    model = keras.Model(inputs, outputs, name="mnist_softmax")
    optimizer = keras.optimizers.SGD(as_learning_rate(learning_rate), momentum=as_fraction("momentum", momentum))
    model.compile(optimizer, loss=loss or head.loss, metrics=as_metrics(metrics))
    return model


def _penalty(l1: float, l2: float) -> keras.regularizers.Regularizer | None:
    l1, l2 = as_non_negative("l1", l1), as_non_negative("l2", l2)
    return keras.regularizers.L1L2(l1, l2) if l1 or l2 else None
