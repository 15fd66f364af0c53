"""Early stopping by a patience that is counted in mini-batches and grows with progress."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

import keras

Monitor = Literal["val_loss", "val_zero_one_loss"]

PATIENCE = 5000
"""Iterations that the tutorial trains at least."""


class _GeometricRule(keras.callbacks.Callback):  # type: ignore[misc]
    """What the callbacks of this rule have in common: how losses are compared, and what is kept and restored.

    A training that goes on, as `fit` with `initial_epoch` does, keeps the best of what came before, and has the
    patience anew.
    """

    def __init__(
        self,
        patience: int,
        patience_increase: float,
        improvement_threshold: float,
        monitor: Monitor,
        report: str | os.PathLike[str] | None,
    ) -> None:
        super().__init__()
        _check("patience", patience, patience >= 1, "1 or more")
        _check("patience_increase", patience_increase, patience_increase > 1, "above 1")
        _check("improvement_threshold", improvement_threshold, 0 < improvement_threshold <= 1, "in (0, 1]")
        self.patience = patience
        self.patience_increase = patience_increase
        self.improvement_threshold = improvement_threshold
        _check("monitor", monitor, monitor in get_args(Monitor), "val_loss or val_zero_one_loss")
        self.monitor = monitor
        self.report = None if report is None else Path(report)
        self._begin()

    def _begin(self) -> None:
        self.best, self.best_iteration = math.inf, -1
        self.best_epoch: int | None = None
        self.stopped_iteration: int | None = None
        self.losses: list[tuple[int, float]] = []
        self._weights: list[Any] | None = None
        self._iteration = -1
        self._patience: float = self.patience
        self._epoch = 0
        self._goes_on = False

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Notes that a training begins; whether it goes on with an earlier one, its first epoch tells."""
        self._goes_on = True

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Forgets an earlier training as the first epoch begins."""
        if epoch == 0:
            self._begin()
        elif self._goes_on:
            self._patience = max(self._patience, self._iteration + 1 + self.patience)
            self.stopped_iteration = None
        self._epoch, self._goes_on = epoch, False

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """Restores the best weights."""
        if self._weights is not None:
            self.model.set_weights(self._weights)
        if self.report is not None:
            names = ("best_iteration", "best_epoch", "stopped_iteration")
            content = {**{name: getattr(self, name) for name in names}, "validations": len(self.losses)}
            self.report.write_text(json.dumps(content), encoding="utf-8")

    def _monitored(self, logs: Mapping[str, float], prefix: str = "") -> float:
        """What is to be compared, of the numbers that Keras gives."""
        if self.monitor == "val_loss":
            return float(logs.get(f"{prefix}loss", math.inf))
        if f"{prefix}accuracy" not in logs:
            raise ValueError(
                "The zero-one loss is watched by the metric 'accuracy' on validation data; compile the model with "
                f"it. Received: {', '.join(logs) or 'no metrics'}"
            )
        return 1 - float(logs[f"{prefix}accuracy"])

    def _stop_at(self, iteration: int) -> None:
        self.stopped_iteration = iteration
        self.model.stop_training = True

    def _compare(self, loss: float) -> None:
        self.losses.append((self._iteration, loss))
        if not loss < self.best:
            return
        if loss < self.best * self.improvement_threshold:
            self._patience = max(self._patience, self._iteration * self.patience_increase)
        self.best, self.best_iteration, self.best_epoch = loss, self._iteration, self._epoch
        self._weights = self.model.get_weights()


class GeometricPatience(_GeometricRule):
    """Stops when nothing much better has been seen for as long again as it took to find the best.

    Iterations, that is mini-batches, are counted from 0 over all epochs. After every one with
    `(iteration + 1) % validation_frequency == 0` the validation loss is computed. If it is below the best so far,
    then

    - if it is also below `best * improvement_threshold`, patience becomes
      `max(patience, iteration * patience_increase)`,
    - and it is the best from now on, and the weights are kept.

    Training ends as soon as `patience <= iteration`; the best weights are restored. This is the rule of the LISA
    lab's Deep Learning Tutorials, "Classifying MNIST digits using Logistic Regression". A training that goes on
    with `initial_epoch` keeps the best of what came before, and has the patience anew.

    Args:
        validation_data: What Keras' `fit` takes under this name. In the harness, `FoldContext.validation_data`.
        patience: Iterations to train at least, 1 or more.
        patience_increase: What the iteration of a marked improvement is multiplied by, above 1.
        improvement_threshold: A loss below this share of the best is a marked improvement, in (0, 1].
        validation_frequency: Iterations from one validation to the next; None for an epoch, or half of `patience`
            where that is less.
        batch_size: Rows to evaluate at a time.
        monitor: The validation loss to compare: "val_loss", or "val_zero_one_loss" for the share of rows that are
            classified wrongly, as in the tutorial, where the model is compiled with the metric "accuracy".
        report: A JSON file to write `best_iteration`, `best_epoch`, `stopped_iteration` and the number of
            validations to, or None.

    Attributes:
        best: The lowest validation loss.
        best_iteration: When it was reached.
        best_epoch: The epoch, from 0, in which it was; None before any validation.
        stopped_iteration: The last iteration, or None if training ended otherwise.
        losses: Iteration and validation loss of every validation.

    Raises:
        ValueError: If an argument is out of range; or, as training begins, without validation data or where a
            call of the model runs several batches (`steps_per_execution`).

    Example:
        >>> stop = GeometricPatience((X_val, y_val), monitor="val_zero_one_loss")  # doctest: +SKIP
        >>> history = model.fit(X, y, batch_size=600, epochs=1000, callbacks=[stop])  # doctest: +SKIP
        >>> stop.best_iteration, stop.stopped_iteration  # doctest: +SKIP
        (13943, 14274)
    """

    def __init__(
        self,
        validation_data: Any = None,
        *,
        patience: int = PATIENCE,
        patience_increase: float = 2,
        improvement_threshold: float = 0.995,
        validation_frequency: int | None = None,
        batch_size: int = 1024,
        monitor: Monitor = "val_loss",
        report: str | os.PathLike[str] | None = None,
    ) -> None:
        super().__init__(patience, patience_increase, improvement_threshold, monitor, report)
        if validation_frequency is not None:
            _check("validation_frequency", validation_frequency, validation_frequency >= 1, "1 or more, or None")
        self.validation_data = validation_data
        self.validation_frequency = validation_frequency
        self.batch_size = batch_size

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Checks that every batch will be seen."""
        super().on_train_begin(logs)
        if self.model.steps_per_execution != 1:
            raise ValueError(
                "GeometricPatience counts single batches; compile the model with steps_per_execution=1. "
                f"Received: steps_per_execution={self.model.steps_per_execution}"
            )
        self._frequency = self.validation_frequency or self._default_frequency()

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Counts the iteration, validates if it is time, and ends training if patience has run out."""
        self._iteration += 1
        if (self._iteration + 1) % self._frequency == 0:
            self._compare(self.validation_loss())
        if self._patience <= self._iteration:
            self._stop_at(self._iteration)

    def validation_loss(self) -> float:
        """Evaluates the model as it is, in the middle of an epoch."""
        if self.validation_data is None:
            raise ValueError("GeometricPatience needs validation_data. Received: None")
        model = self.model
        # `evaluate` begins its metrics anew, and they are those in which the epoch adds up its training rows.
        kept = [keras.ops.convert_to_numpy(variable) for variable in model.metrics_variables]
        result = self._evaluated(model)
        for variable, value in zip(model.metrics_variables, kept, strict=True):
            variable.assign(value)
        return self._monitored(result)

    def _evaluated(self, model: keras.Model) -> dict[str, float]:
        settings: dict[str, Any] = {"verbose": 0, "return_dict": True}
        if not isinstance(self.validation_data, list | tuple):
            return dict(model.evaluate(self.validation_data, **settings))
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(self.validation_data)
        if y is None:
            return dict(model.evaluate(x, **settings))
        return dict(model.evaluate(x, y, sample_weight=sample_weight, batch_size=self.batch_size, **settings))

    def _default_frequency(self) -> int:
        steps = self.params.get("steps") or math.inf
        return max(1, int(min(steps, self.patience // 2)))


class GeometricPatienceByEpoch(_GeometricRule):
    """`GeometricPatience` with a validation at the end of every epoch, for which no batch has to be looked at.

    It is told the loss that `fit` computes anyway, so that all batches of an epoch run without returning to
    Python. The rule is the same, to the iteration. Only, where patience runs out within an epoch, the rest of that
    epoch is trained all the same; its loss is not compared, and the best weights are restored.

    Args:
        steps_per_epoch: Iterations in an epoch, 1 or more.
        patience: As of `GeometricPatience`, like all that follow.
        patience_increase: Above 1.
        improvement_threshold: In (0, 1].
        monitor: "val_loss" or "val_zero_one_loss".
        report: A JSON file to write, or None.

    Attributes:
        best, best_iteration, best_epoch, losses: As of `GeometricPatience`.
        stopped_iteration: The iteration at which the rule ends training, or None if training ended otherwise.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> stop = GeometricPatienceByEpoch(steps_per_epoch=83)
        >>> stop.patience
        5000
    """

    def __init__(
        self,
        steps_per_epoch: int,
        *,
        patience: int = PATIENCE,
        patience_increase: float = 2,
        improvement_threshold: float = 0.995,
        monitor: Monitor = "val_loss",
        report: str | os.PathLike[str] | None = None,
    ) -> None:
        super().__init__(patience, patience_increase, improvement_threshold, monitor, report)
        _check("steps_per_epoch", steps_per_epoch, steps_per_epoch >= 1, "1 or more")
        self.steps_per_epoch = steps_per_epoch

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Compares the epoch's loss, unless patience ran out before the epoch's last iteration."""
        first, self._iteration = self._iteration + 1, self._iteration + self.steps_per_epoch
        runs_out = max(first, math.ceil(self._patience))
        if runs_out < self._iteration:
            self._stop_at(runs_out)
            return
        self._compare(self._monitored(logs or {}, "val_"))
        if self._patience <= self._iteration:
            self._stop_at(self._iteration)


def _check(name: str, value: Any, holds: bool, expected: str) -> None:
    if not holds:
        raise ValueError(f"`{name}` must be {expected}. Received: {name}={value!r}")
