"""A compiled model as functions of its state: what a step of training makes of weights, optimizer and seeds.

Keras offers `stateless_call` on every backend but no stateless optimizer on TensorFlow, whose optimizers write to
`tf.Variable`s through a distribution strategy. While a step is traced, the optimizer is given the methods that all
backends share, so that inside a `keras.StatelessScope` one whole training step, the same as in
`keras.Model.train_step`, reads and writes nothing but the state it is given.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.python.framework.func_graph import FuncGraph

from harness.engines.vectorized.hyperparameters import as_variables
from harness.engines.vectorized.rows import Batch
from harness.errors import EngineError

State = list[tf.Tensor]


class StatelessModel:
    """A compiled model whose state is passed in and handed back.

    Args:
        model: A compiled, built model, which belongs to this object from now on.
        example: Two rows or so, to build the metrics on.

    Attributes:
        own: Weights, statistics and seeds, then the optimizer's variables: what a file of the model holds.
        hyperparameters: The numbers that are passed in with the state.
        variables: Whose values make up a state: its own, then those of the hyper-parameters.
        metrics: The variables of loss and metrics.
    """

    def __init__(self, model: keras.Model, example: Batch) -> None:
        self.model = model
        _build_metrics(model, example)
        model.optimizer.build(model.trainable_variables)
        self.own: list[Any] = [
            *model.trainable_variables,
            *model.non_trainable_variables,
            *model.optimizer.variables,
        ]
        self.hyperparameters = as_variables(model)
        self.variables = [*self.own, *(each.variable for each in self.hyperparameters)]
        self.metrics: list[Any] = list(model.metrics_variables)
        weights = len(model.trainable_variables) + len(model.non_trainable_variables)
        self._optimizer = slice(weights, len(self.own))  # where its variables are, which no prediction needs
        self._tracing = threading.Lock()
        self._predictor: Any = None

    def state(self, values: Sequence[Any]) -> State:
        """The state of these values, arrays or tensors, in the order of `variables`."""
        return [tf.convert_to_tensor(value) for value in values]

    def empty_metrics(self) -> State:
        """The metrics before the first batch of an epoch."""
        with keras.StatelessScope([(v, v.value) for v in self.metrics]) as scope:
            self.model.reset_metrics()
        return _values(scope, self.metrics)

    def train_step(
        self, state: State, metrics: State, batch: Batch, mask: tf.Tensor | None
    ) -> tuple[State, State]:
        """One step of gradient descent on the rows of a batch that are not masked out.

        Args:
            state: Weights, statistics, seeds, optimizer and hyper-parameters.
            metrics: Loss and metrics of the epoch so far.
            batch: The rows.
            mask: (rows,) bool, whether each counts, or None if all do.

        Returns:
            The new state, and the new metrics.
        """
        model = self.model
        with self._scope(state, metrics) as scope:
            weights = [variable.value for variable in model.trainable_variables]
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(weights)
                loss, outputs = self._loss(batch, mask, training=True)
                loss = model.optimizer.scale_loss(loss)
            model.optimizer.apply(tape.gradient(loss, weights), model.trainable_variables)
            model.compute_metrics(batch.x, batch.y, outputs, sample_weight=batch.sample_weight)
        return _values(scope, self.variables), _values(scope, self.metrics)

    def test_step(self, state: State, metrics: State, batch: Batch, mask: tf.Tensor | None) -> tuple[State, State]:
        """Adds one batch of held-out rows to the metrics; some layers draw random numbers even there."""
        with self._scope(state, metrics) as scope:
            _, outputs = self._loss(batch, mask, training=False)
            self.model.compute_metrics(batch.x, batch.y, outputs, sample_weight=batch.sample_weight)
        return _values(scope, self.variables), _values(scope, self.metrics)

    def results(self, metrics: State) -> dict[str, tf.Tensor]:
        """What loss and metrics are now, by name in alphabetical order."""
        with keras.StatelessScope(list(zip(self.metrics, metrics, strict=True))):
            results = self.model.get_metrics_result()
        several = [name for name, value in results.items() if value.shape.rank]
        if several:
            raise EngineError(f"The metric '{several[0]}' is several numbers; use the fit engine")
        return {name: tf.cast(results[name], tf.float32) for name in sorted(results)}

    def predict(self, state: State, x: NDArray[Any]) -> Any:
        """The model's outputs for rows `x`."""
        with self._tracing:
            if self._predictor is None:
                variables = self._without_optimizer(self.variables)
                specs = [tf.TensorSpec(variable.shape, variable.dtype) for variable in variables]
                function = tf.function(self._predicted, autograph=False)
                self._predictor = function.get_concrete_function(
                    specs, tf.TensorSpec((None, *x.shape[1:]), x.dtype)
                )
        return self._predictor(self._without_optimizer(state), tf.convert_to_tensor(x))

    def _predicted(self, state: State, x: tf.Tensor) -> Any:
        with keras.StatelessScope(list(zip(self._without_optimizer(self.variables), state, strict=True))):
            return self._outputs(x, training=False)

    def _without_optimizer(self, state: Sequence[Any]) -> list[Any]:
        return [*state[: self._optimizer.start], *state[self._optimizer.stop :]]

    def finalized(self, state: State) -> State:
        """The state after the last epoch: moving averages of the weights, if kept, take their place."""
        optimizer = self.model.optimizer
        if not optimizer.use_ema:
            return state
        values = dict(zip(map(id, self.variables), state, strict=True))
        for weight, average in zip(
            self.model.trainable_variables, optimizer._model_variables_moving_average, strict=True
        ):
            values[id(weight)] = values[id(weight if average is None else average)]
        return list(values.values())

    def _scope(self, state: State, metrics: State | None = None) -> keras.StatelessScope:
        mapping = list(zip(self.variables, state, strict=True))
        if metrics is not None:
            mapping += zip(self.metrics, metrics, strict=True)
        return keras.StatelessScope(mapping, collect_losses=True)

    def _loss(self, batch: Batch, mask: tf.Tensor | None, training: bool) -> tuple[tf.Tensor, Any]:
        outputs = self._outputs(batch.x, training)
        if mask is not None:
            outputs._keras_mask = mask  # which Keras' losses and metrics respect
        loss = self.model.compute_loss(
            batch.x, batch.y, outputs, sample_weight=batch.sample_weight, training=training
        )
        count = batch.x.shape[0] if mask is None else tf.math.count_nonzero(mask, dtype=tf.float32)
        self.model._loss_tracker.update_state(loss, sample_weight=count)
        return loss, outputs

    def _outputs(self, x: Any, training: bool) -> Any:
        return self.model(x, training=training) if self.model._call_has_training_arg else self.model(x)


def _values(scope: keras.StatelessScope, variables: Sequence[Any]) -> State:
    return [scope.get_current_value(variable) for variable in variables]


def _build_metrics(model: keras.Model, example: Batch) -> None:
    """Metrics get their variables when they first see data: in a graph, for no operation is set up there."""
    values = [(variable, variable.value) for variable in model.variables]
    with keras.StatelessScope(values), FuncGraph("metrics").as_default():
        outputs = model(example.x, training=False)
        model.compute_loss(example.x, example.y, outputs, sample_weight=example.sample_weight)
        model.compute_metrics(example.x, example.y, outputs, sample_weight=example.sample_weight)
    # `model.fit` does not know the batch size while it traces, so that these count every batch the same.
    for tracker in model._compile_loss.metrics:
        object.__setattr__(tracker, "update_state", _counting_batches(tracker.update_state))


def _counting_batches(update: Callable[..., Any]) -> Callable[..., Any]:
    return lambda value, sample_weight=None: update(value)


@contextmanager
def common_methods(optimizer: Any) -> Iterator[None]:
    """Gives an optimizer the methods that all backends share, in place of TensorFlow's own."""
    original = type(optimizer)
    classes: dict[str, Any] = {cls.__name__: cls for cls in original.__mro__}
    tensorflow, base = classes["TFOptimizer"], classes["BaseOptimizer"]
    names = vars(tensorflow).keys() & vars(base).keys() - {"__init__", "__module__", "__doc__"}
    methods: dict[str, Any] = {name: vars(base)[name] for name in names}
    keys = {id(v): tensorflow._var_key(optimizer, v) for v in optimizer._trainable_variables}
    methods["_var_key"] = lambda _, variable: keys[id(variable)]
    methods["_backend_apply_gradients"] = _overwriting(base._backend_apply_gradients)
    # Between the optimizer's class and TensorFlow's, so that `super()` finds them, too.
    common = type("CommonMethods", (tensorflow,), methods)
    optimizer.__class__ = type(original.__name__, (original, common), {})
    try:
        yield
    finally:
        optimizer.__class__ = original


def _overwriting(apply: Callable[..., None]) -> Callable[..., None]:
    """Averages overwrite the weights by a choice of values: Keras writes in a branch, which cannot be traced."""

    def applied(optimizer: Any, gradients: Any, variables: Any) -> None:
        frequency, optimizer.ema_overwrite_frequency = optimizer.ema_overwrite_frequency, None
        try:
            apply(optimizer, gradients, variables)
        finally:
            optimizer.ema_overwrite_frequency = frequency
        if optimizer.use_ema and frequency:
            due = keras.ops.equal((optimizer.iterations + 1) % frequency, 0)
            averages = optimizer._model_variables_moving_average
            for variable, average in zip(optimizer._trainable_variables, averages, strict=True):
                variable.assign(keras.ops.where(due, average, variable))

    return applied
