"""A compiled model as functions of its state, on the JAX backend.

A step does what it does in `fit` there: the gradient of a function of the weights, `optimizer.stateless_apply`,
then the metrics; only that rows of a batch may be masked out.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
from keras.src.backend import set_keras_mask
from numpy.typing import NDArray

from harness.backend import device
from harness.engines.vectorized.hyperparameters import as_variables
from harness.engines.vectorized.rows import Batch
from harness.engines.vectorized.rowwise import is_rowwise
from harness.errors import EngineError

State = list[jax.Array | NDArray[Any]]

_PREDICTED_TOGETHER = 32


def compiler_options() -> dict[str, Any]:
    """Has a GPU add and choose algorithms the same way each time, which it does not by itself."""
    return {"xla_gpu_deterministic_ops": True} if device() == "gpu" else {}


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
        # Metrics get their variables when they first see data.
        model._symbolic_build(data_batch=tuple(example))
        model.optimizer.build(model.trainable_variables)
        self.own: list[Any] = [
            *model.trainable_variables,
            *model.non_trainable_variables,
            *model.optimizer.variables,
        ]
        self.hyperparameters = as_variables(model)
        self.variables = [*self.own, *(each.variable for each in self.hyperparameters)]
        self.metrics: list[Any] = list(model.metrics_variables)
        self._is_rowwise = is_rowwise(model)
        self._tracing = threading.Lock()
        self._predictors: dict[Any, Any] = {}

    def state(self, values: Sequence[Any]) -> State:
        """The state of these values, in the order of `variables`; arrays of NumPy's are brought over by a call."""
        return list(values)

    def empty_metrics(self) -> State:
        """The metrics before the first batch of an epoch."""
        with keras.StatelessScope([(v, v.value) for v in self.metrics]) as scope:
            self.model.reset_metrics()
        return _values(scope, self.metrics)

    def train_step(
        self, state: State, metrics: State, batch: Batch, mask: jax.Array | None
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
        weights = self._weights(state)
        gradient = jax.grad(self._loss, has_aux=True)
        gradients, (loss, outputs, state, metrics) = gradient(weights, state, metrics, batch, mask, True)
        with keras.StatelessScope(self._mapping(state)) as scope:
            self.model.optimizer.apply(gradients)
        return _values(scope, self.variables), self._measured(metrics, loss, outputs, batch, mask)

    def test_step(self, state: State, metrics: State, batch: Batch, mask: jax.Array | None) -> tuple[State, State]:
        """Adds one batch of held-out rows to the metrics; some layers draw random numbers even there."""
        _, (loss, outputs, state, metrics) = self._loss(self._weights(state), state, metrics, batch, mask, False)
        return state, self._measured(metrics, loss, outputs, batch, mask)

    def results(self, metrics: State) -> dict[str, jax.Array]:
        """What loss and metrics are now, by name in alphabetical order."""
        with keras.StatelessScope(list(zip(self.metrics, metrics, strict=True))):
            results = self.model.get_metrics_result()
        several = [name for name, value in results.items() if jnp.ndim(value)]
        if several:
            raise EngineError(f"The metric '{several[0]}' is several numbers; use the fit engine")
        return {name: jnp.asarray(results[name], jnp.float32) for name in sorted(results)}

    def predict(self, state: State, x: NDArray[Any]) -> Any:
        """The model's outputs for rows `x`."""
        filled = x
        if self._is_rowwise:  # then folds that differ by a row need no program each
            filled = np.pad(filled, [(0, -len(x) % _PREDICTED_TOGETHER)] + [(0, 0)] * (x.ndim - 1))
        with self._tracing:  # which Keras does not do in two threads at a time
            if filled.shape not in self._predictors:
                lowered = jax.jit(self._predicted).lower(state, filled)
                self._predictors[filled.shape] = lowered.compile(compiler_options())
        outputs = self._predictors[filled.shape](state, filled)
        return keras.tree.map_structure(lambda output: np.asarray(output)[: len(x)], outputs)

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

    def _weights(self, state: State) -> State:
        return state[: len(self.model.trainable_variables)]

    def _loss(
        self,
        weights: State,
        state: State,
        metrics: State,
        batch: Batch,
        mask: jax.Array | None,
        training: bool,
    ) -> tuple[jax.Array, tuple[jax.Array, Any, State, State]]:
        """The loss twice, as the optimizer scales it and as it is, with the outputs and what changed on the way.

        The weights are those of the state; they are given once more as what the gradient is of.
        """
        mapping = self._mapping([*weights, *state[len(weights) :]], metrics)
        with keras.StatelessScope(mapping, collect_losses=True) as scope:
            outputs = self._outputs(batch.x, training)
            if mask is not None:
                set_keras_mask(outputs, mask)  # which Keras' losses and metrics respect
            loss = self.model.compute_loss(
                batch.x, batch.y, outputs, sample_weight=batch.sample_weight, training=training
            )
        scaled = self.model.optimizer.scale_loss(loss)
        return scaled, (loss, outputs, _values(scope, self.variables), _values(scope, self.metrics))

    def _measured(
        self, metrics: State, loss: jax.Array, outputs: Any, batch: Batch, mask: jax.Array | None
    ) -> State:
        """Loss and metrics with one more batch in them."""
        with keras.StatelessScope(self._mapping([], metrics)) as scope:
            if mask is not None:
                set_keras_mask(outputs, mask)
            count = len(batch.x) if mask is None else jnp.sum(mask)
            self.model._loss_tracker.update_state(loss, sample_weight=count)
            self.model.compute_metrics(batch.x, batch.y, outputs, sample_weight=batch.sample_weight)
        return _values(scope, self.metrics)

    def _predicted(self, state: State, x: jax.Array) -> Any:
        with keras.StatelessScope(self._mapping(state)):
            return self._outputs(x, training=False)

    def _mapping(self, state: Sequence[Any], metrics: Sequence[Any] = ()) -> list[tuple[Any, Any]]:
        """Variables with their values: as many as there are, from the first on."""
        return [*zip(self.variables, state, strict=False), *zip(self.metrics, metrics, strict=False)]

    def _outputs(self, x: Any, training: bool) -> Any:
        return self.model(x, training=training) if self.model._call_has_training_arg else self.model(x)


def _values(scope: keras.StatelessScope, variables: Sequence[Any]) -> State:
    return [scope.get_current_value(variable) for variable in variables]
