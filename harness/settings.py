"""What a caller may ask of an evaluation, with the defaults that the command line and Python share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from typing import Any, Literal, get_args

import numpy as np

from harness.data.dataset import Dataset
from harness.errors import UnknownNameError, UsageError
from harness.thresholds import Threshold, checked_threshold

Checkpoint = Literal["none", "best", "last", "both"]
EngineName = Literal["auto", "fit", "vectorized", "frozen"]
GrowingPatience = Literal["geometric", "geometric-error"]


@dataclass(frozen=True)
class Settings:
    """An evaluation as asked for; None means what the data set's card or the model's recipe says.

    Attributes:
        dataset: A `Dataset` or the name of one.
        arguments: Keyword arguments of the builder.
        cv: A scheme's name (`harness.resampling.SCHEMES`), a scikit-learn splitter, or (train, test) pairs.
        folds: Folds in a repeat, at least 2.
        repeats: How often to split anew, at least 1.
        test_size: Share of test rows of a hold-out split, in (0, 1).
        shuffle: Whether to shuffle before splitting.
        groups: (n,) groups, the name of a feature column, or "duplicates".
        preprocessing: "default", None, transformer names, or scikit-learn transformers.
        metrics: Names, scikit-learn scorers, or a mapping of names to functions.
        epochs: Epochs at most, at least 1.
        batch_size: Rows in a batch, at least 1.
        callbacks: Factory of a fold's callbacks.
        early_stopping: Patience in epochs, at least 1, on the loss of the inner validation part, "geometric" for
            one that is counted in batches and grows with progress, "geometric-error" for the same on the share of
            wrong answers, or "none" for all epochs whatever the recipe says.
        fine_tune_epochs: Epochs, at least 1, to train on with the model's frozen layers made trainable.
        fine_tune_learning_rate: Step size of these epochs, above 0; None for a tenth of the model's own.
        fine_tune_frozen_layers: Layers of the base, counted from its first, that stay frozen in these epochs.
        inner_val: Share of a fold's training rows for the inner validation part, in [0, 1).
        checkpoint: Which weights of each fold are kept; the best with early stopping, the last otherwise.
        class_weight: "balanced" or a mapping of labels to weights.
        threshold: Of two classes: from which probability on a row is called positive, or the criterion that
            chooses it on the inner validation part.
        seed: Root of all randomness, at least 0.
        init_seeds: How many times each split is trained, from different initial weights.
        engine: What trains the folds.
        memory: Bytes that the process should not exceed: fewer folds are then trained side by side. Results do
            not depend on it.
        augment_copies: Versions of each training image that random layers before a frozen base make once, at least
            1; None: they make a new one whenever it is trained on.
        tensorboard: Folder for TensorBoard logs of every fold, or None.

    Raises:
        UsageError: A setting is out of its range.
    """

    dataset: Dataset | str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    cv: Any = None
    folds: int | None = None
    repeats: int | None = None
    test_size: float | None = None
    shuffle: bool = True
    groups: Any = None
    preprocessing: Any = "default"
    metrics: str | Sequence[Any] | Mapping[str, Any] | None = None
    epochs: int | None = None
    batch_size: int | None = None
    callbacks: Callable[..., Sequence[Any]] | None = None
    early_stopping: int | GrowingPatience | Literal["none"] | None = None
    fine_tune_epochs: int | None = None
    fine_tune_learning_rate: float | None = None
    fine_tune_frozen_layers: int | None = None
    inner_val: float | None = None
    checkpoint: Checkpoint | None = None
    class_weight: Literal["balanced"] | Mapping[Any, float] | None = None
    threshold: Threshold = None
    seed: int | None = None
    init_seeds: int = 1
    engine: EngineName = "auto"
    memory: int | None = None
    augment_copies: int | None = None
    tensorboard: str | PathLike[str] | None = None

    def __post_init__(self) -> None:
        counts = ("repeats", "epochs", "batch_size", "init_seeds", "memory", "augment_copies", "fine_tune_epochs")
        for name in ("folds", "seed", "fine_tune_frozen_layers", *counts):
            object.__setattr__(self, name, _plain_number(getattr(self, name)))
        for name in counts:
            _check_at_least(name, getattr(self, name), 1)
        self._check_phases()
        _check_at_least("folds", self.folds, 2)
        _check_at_least("seed", self.seed, 0)
        _check_at_least("fine_tune_frozen_layers", self.fine_tune_frozen_layers, 0)
        if self.inner_val is not None and not 0 <= self.inner_val < 1:
            raise UsageError(f"inner_val is a share from 0 to below 1. Received: {self.inner_val}")
        object.__setattr__(self, "threshold", checked_threshold(self.threshold))
        if self.checkpoint is not None:
            _check_choice("checkpoint", self.checkpoint, get_args(Checkpoint))
        _check_choice("engine", self.engine, get_args(EngineName))
        if self.tensorboard is not None and not isinstance(self.tensorboard, str | PathLike):
            raise UsageError(f"tensorboard is a folder for the logs, or None. Received: {self.tensorboard!r}")
        if self.callbacks is not None and not callable(self.callbacks):
            raise UsageError(
                "callbacks is a function that makes the callbacks of one fold, so that no fold sees another's "
                f"state. Received: {type(self.callbacks).__name__}; pass lambda: [...]"
            )

    def _check_phases(self) -> None:
        if self.early_stopping not in (*get_args(GrowingPatience), "none"):
            object.__setattr__(self, "early_stopping", _plain_number(self.early_stopping))
            _check_at_least("early_stopping", self.early_stopping, 1)
        for name in ("fine_tune_learning_rate", "fine_tune_frozen_layers"):
            if (value := getattr(self, name)) is not None and self.fine_tune_epochs is None:
                raise UsageError(f"{name} goes with fine_tune_epochs. Received: {value} alone")
        rate = self.fine_tune_learning_rate
        if rate is not None and not 0 < rate < float("inf"):
            raise UsageError(f"fine_tune_learning_rate is a number above 0. Received: {rate}")

    def with_recipe(self, early_stopping: int | GrowingPatience | None) -> Settings:
        """The same, with a recipe's early stopping where nothing was said of it.

        A training without an inner validation part has nothing to stop by, and was asked for as such.
        """
        if self.early_stopping == "none" or (self.early_stopping is None and self.inner_val == 0):
            return replace(self, early_stopping=None)
        return self if self.early_stopping is not None else replace(self, early_stopping=early_stopping)

    @property
    def kept_checkpoint(self) -> Checkpoint:
        """The checkpoint asked for, or the one that made the predictions."""
        return self.checkpoint or ("best" if self.stopping is not None else "last")

    @property
    def stopping(self) -> int | GrowingPatience | None:
        """The early stopping asked for; None where there is to be none."""
        return None if self.early_stopping == "none" else self.early_stopping


def _plain_number(value: Any) -> Any:
    """NumPy's whole numbers as Python's, which JSON can hold."""
    return value.item() if isinstance(value, np.integer) else value


def _check_at_least(name: str, value: Any, least: int) -> None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < least):
        raise UsageError(f"{name} is a whole number from {least} on. Received: {value!r}")


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise UnknownNameError(name, str(value), choices)
