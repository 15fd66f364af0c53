"""Whether a model treats every row by itself, so that rows can be masked out of a batch without a trace."""

from __future__ import annotations

from typing import Any

import keras

_layers = keras.layers
# Layers whose output for a row, random masks included, depends on that row and its place in the batch alone.
_ROWWISE_LAYERS = {
    *(_layers.InputLayer, _layers.Dense, _layers.EinsumDense, _layers.Embedding, _layers.Identity),
    *(_layers.Activation, _layers.ReLU, _layers.LeakyReLU, _layers.PReLU, _layers.ELU, _layers.Softmax),
    *(_layers.Dropout, _layers.SpatialDropout1D, _layers.SpatialDropout2D, _layers.GaussianDropout),
    *(_layers.GaussianNoise, _layers.LayerNormalization, _layers.UnitNormalization, _layers.Normalization),
    *(_layers.Rescaling, _layers.Flatten, _layers.Reshape, _layers.Permute, _layers.RepeatVector),
    *(_layers.Conv1D, _layers.Conv2D, _layers.SeparableConv1D, _layers.SeparableConv2D, _layers.DepthwiseConv2D),
    *(_layers.MaxPooling1D, _layers.MaxPooling2D, _layers.AveragePooling1D, _layers.AveragePooling2D),
    *(_layers.GlobalMaxPooling1D, _layers.GlobalMaxPooling2D),
    *(_layers.GlobalAveragePooling1D, _layers.GlobalAveragePooling2D),
    *(_layers.Add, _layers.Subtract, _layers.Multiply, _layers.Average, _layers.Maximum, _layers.Concatenate),
}
# Losses and metrics that are one number a row.
_ROWWISE_NAMES = {
    *("binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy", "poisson"),
    *("binary_focal_crossentropy", "categorical_focal_crossentropy", "kl_divergence", "cosine_similarity"),
    *("mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error", "huber", "log_cosh"),
    *("mean_squared_logarithmic_error", "hinge", "squared_hinge", "categorical_hinge"),
    *("accuracy", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy"),
    *("top_k_categorical_accuracy", "sparse_top_k_categorical_accuracy"),
}


def is_rowwise(model: keras.Model) -> bool:
    """Tells whether masked rows leave no trace in losses, gradients, statistics and metrics.

    Args:
        model: A compiled model whose loss and metrics have been built.

    Returns:
        True only where that is known of every part of the model.
    """
    if type(model) not in (keras.Sequential, keras.Model) and type(model).__name__ != "Functional":
        return False
    outputs = model.outputs
    if len(outputs) != 1 or len(outputs[0].shape) != 2:
        return False
    layers = all(_is_rowwise_layer(operation) for operation in _operations(model))
    return (
        layers
        and draws_are_rowwise()
        and all(map(_is_rowwise_loss, model._compile_loss._flat_losses))
        and _metrics_are_rowwise(model)
    )


def draws_are_rowwise() -> bool:
    """Tells whether the first of many random numbers are the same however many are drawn.

    JAX has two ways of drawing them; in the one that was its default before version 0.5 they are not.
    """
    if keras.backend.backend() != "jax":
        return True
    import jax

    config: Any = jax.config
    return bool(config.jax_threefry_partitionable)


def _operations(model: keras.Model) -> list[Any]:
    """Everything the model consists of; operations are no layers."""
    functional = model._functional if isinstance(model, keras.Sequential) else model
    return list(functional.operations)


def _is_rowwise_layer(layer: Any) -> bool:
    if type(layer) not in _ROWWISE_LAYERS or layer.activity_regularizer is not None:
        return False
    if _works_along_rows(getattr(layer, "axis", None), len(layer.output.shape)):
        return False
    return getattr(layer, "noise_shape", None) is None and _is_plain(getattr(layer, "activation", None))


def _works_along_rows(axes: Any, dimensions: int) -> bool:
    """Whether one of the axes, or the only one, is that of the rows, counted from either end."""
    axes = axes if isinstance(axes, list | tuple) else [axes]
    return 0 in axes or -dimensions in axes


def _is_plain(function: Any) -> bool:
    """Whether an activation is one of Keras' own."""
    return function is None or getattr(function, "__module__", "").startswith("keras.")


def _is_rowwise_loss(loss: Any) -> bool:
    return loss.loss is None or _is_rowwise_average(loss.loss)


def _is_rowwise_average(loss: Any) -> bool:
    """Whether a loss is the mean or the sum of one number a row: a mask is taken out of these."""
    if not isinstance(loss, keras.losses.Loss) or loss.reduction in (None, "none"):
        return False
    return _is_rowwise_function(getattr(loss, "fn", None)) and not _gets_rows(loss)


def _gets_rows(wrapper: Any) -> bool:
    """Whether the function in a loss or metric is told to work along the rows; outputs are (rows, width)."""
    return _works_along_rows(getattr(wrapper, "_fn_kwargs", {}).get("axis"), 2)


def _metrics_are_rowwise(model: keras.Model) -> bool:
    metrics = model._compile_metrics.metrics if model._compile_metrics is not None else []
    return all(_is_rowwise_metric(metric) for metric in metrics)


def _is_rowwise_metric(metric: Any) -> bool:
    wrapper = keras.metrics.MeanMetricWrapper
    if not isinstance(metric, wrapper) or type(metric).update_state is not wrapper.update_state:
        return False
    function = metric._fn
    if isinstance(function, keras.losses.Loss):
        return _is_rowwise_average(function)
    return _is_rowwise_function(function) and not _gets_rows(metric)


def _is_rowwise_function(function: Any) -> bool:
    return _is_plain(function) and getattr(function, "__name__", None) in _ROWWISE_NAMES
