"""What every engine is given and what it gives back.

An engine never receives a test label: `FoldData` has no place for one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from harness.errors import FoldError
from harness.progress import Progress
from harness.seeds import FoldKey, FoldSeeds

if TYPE_CHECKING:
    import keras

    from harness.data.image_rows import ImageRows

Checkpoint = Literal["none", "best", "last", "both"]
GrowingPatience = Literal["geometric", "geometric-error"]
EarlyStopping = int | GrowingPatience | None
Shape = tuple[int, ...]


@dataclass(frozen=True)
class FoldContext:
    """What a callback factory is told of the fold it makes callbacks for.

    Attributes:
        key: The fold.
        directory: An empty folder of the fold's own; files that callbacks leave in it are kept with the run.
        has_validation: Whether there is an inner validation part, so that `val_loss` can be monitored.
        epochs: Epochs to be trained at most, those of fine-tuning among them.
        steps_per_epoch: Batches in an epoch.
        validation_data: The inner validation part as `fit` takes it, or None; the fit engine gives it to callbacks
            that look at it within an epoch.
    """

    key: FoldKey
    directory: Path
    has_validation: bool
    epochs: int
    steps_per_epoch: int
    validation_data: Any = None


Features: TypeAlias = "NDArray[np.float32] | ImageRows"
CallbackFactory = Callable[[FoldContext], Sequence[Any]]


@dataclass(frozen=True)
class Recipe:
    """How every fold is trained.

    Attributes:
        epochs: Epochs at most.
        batch_size: Rows in a batch.
        callbacks: Called once a fold; a stateful callback is never shared.
        early_stopping: Epochs without a better validation loss before training stops and the best weights are
            restored, "geometric" for `GeometricPatience`, "geometric-error" for it on the zero-one loss, or None.
        checkpoint: Which weights are saved as `.keras`: those of the best validation loss, the last, both, none.
        widths: Columns of each output of the model; targets are cut into them.
        streamed: Whether the folds hold images that are read from disk while training.
        predict_validation: Whether to predict the inner validation part, too.
        memory: Bytes that the process should not exceed while folds are trained side by side, or None.
        preprocessed: Whether what a fold's rows look like depends on its training rows.
        augment_copies: Versions of each training image that random layers make once and for all, at least 1; None:
            they make a new one whenever it is trained on.
        fine_tune_epochs: Epochs of a second phase with frozen layers made trainable, or None.
        fine_tune_learning_rate: Step size of the second phase; None for a tenth of the first one's.
        fine_tune_frozen_layers: Layers of the base that stay frozen in the second phase.
    """

    epochs: int
    batch_size: int
    callbacks: CallbackFactory | None = None
    early_stopping: EarlyStopping = None
    checkpoint: Checkpoint = "last"
    widths: tuple[int, ...] = (1,)
    streamed: bool = False
    predict_validation: bool = False
    memory: int | None = None
    preprocessed: bool = False
    augment_copies: int | None = None
    fine_tune_epochs: int | None = None
    fine_tune_learning_rate: float | None = None
    fine_tune_frozen_layers: int = 0


@dataclass(frozen=True)
class FoldData:
    """The arrays of one fold, preprocessed and encoded; the x of a streamed recipe are images on disk.

    Attributes:
        x_train, y_train: Rows to fit.
        x_test: Rows to predict, without their labels.
        x_val, y_val: The inner validation part, or None.
        sample_weight: (n_train,) weights or None.
        val_sample_weight: (n_val,) weights or None.
    """

    x_train: Features
    y_train: NDArray[Any]
    x_test: Features
    x_val: Features | None = None
    y_val: NDArray[Any] | None = None
    sample_weight: NDArray[np.float32] | None = None
    val_sample_weight: NDArray[np.float32] | None = None

    @property
    def input_shape(self) -> Shape:
        """Shape of one example."""
        return self.x_train.shape[1:]


@dataclass(frozen=True)
class FoldTask:
    """One fold to train.

    Attributes:
        key: Which fold.
        seeds: Its random streams.
        prepare: Makes its arrays; called in the fold's turn, so that only the folds at work are in memory.
        directory: Where its callbacks and checkpoints write.
    """

    key: FoldKey
    seeds: FoldSeeds
    prepare: Callable[[], FoldData]
    directory: Path


@dataclass(frozen=True)
class FoldOutcome:
    """A trained fold.

    Attributes:
        key: Which fold.
        outputs: (n_test, width) raw outputs of the model, several heads side by side.
        history: Metric name to its value after each epoch, as in `keras.callbacks.History`.
        best_epoch: Epoch (from 0) of the lowest validation loss over all phases, or None without validation.
        files: What was saved, by name.
        seconds: Wall time.
        val_outputs: (n_val, width) raw outputs for the inner validation part, where the recipe asks for them.
    """

    key: FoldKey
    outputs: NDArray[np.float32]
    history: Mapping[str, Sequence[float]]
    best_epoch: int | None
    seconds: float
    files: Mapping[str, Path] = field(default_factory=dict)
    val_outputs: NDArray[np.float32] | None = None

    @property
    def epochs(self) -> int:
        """Epochs trained."""
        return max((len(values) for values in self.history.values()), default=0)


@dataclass(frozen=True)
class FoldFailure:
    """A fold that could not be trained."""

    key: FoldKey
    error: Exception


class Engine(Protocol):
    """Trains folds, yielding each as soon as it is done, in any order."""

    name: str

    def train(
        self,
        tasks: Sequence[FoldTask],
        build: Callable[[Shape], keras.Model],
        recipe: Recipe,
        progress: Progress,
    ) -> Iterator[FoldOutcome | FoldFailure]:
        """Trains every task; `build` makes a new compiled model for an input shape."""
        ...


def split_heads(y: NDArray[Any], widths: Sequence[int]) -> Any:
    """Cuts target columns into one array for each output of the model; leaves a single output's as they are.

    Example:
        >>> [head.shape for head in split_heads(np.zeros((4, 3)), (1, 2))]
        [(4, 1), (4, 2)]
    """
    if len(widths) == 1:
        return y
    return tuple(np.split(y, np.cumsum(widths)[:-1], axis=1))


def joined_heads(outputs: Any) -> NDArray[np.float32]:
    """Puts the outputs of a model side by side, one row an example."""
    import keras

    # Flattened by Keras: it lists the outputs of a dictionary by name, as `model.outputs` does.
    heads = keras.tree.flatten(outputs)
    return np.hstack([np.asarray(head, dtype=np.float32).reshape(len(head), -1) for head in heads])


def check_finite(outcome: FoldOutcome, weights: Sequence[NDArray[Any]]) -> None:
    """Refuses a fold whose loss, weights or predictions are not numbers.

    With relu a single NaN input leaves the loss finite and the weights NaN: all three are looked at.

    Raises:
        FoldError: Naming what is not finite, and since which epoch.
    """
    for name, values in outcome.history.items():
        bad = np.flatnonzero(~np.isfinite(np.asarray(values, dtype=np.float64)))
        if len(bad):
            raise FoldError(f"{name} is not finite from epoch {bad[0]} on; a smaller learning rate may help")
    if not all(np.isfinite(w).all() for w in weights if np.issubdtype(w.dtype, np.floating)):
        raise FoldError("The trained weights are not finite; a smaller learning rate may help")
    for outputs in (outcome.outputs, outcome.val_outputs):
        if outputs is not None and not np.isfinite(outputs).all():
            raise FoldError("The predictions are not finite")
