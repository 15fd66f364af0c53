"""What the zoo knows of a model without importing Keras: its recipe and where it comes from."""

from __future__ import annotations

import importlib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from zoo._errors import ModelLoadError

Task = Literal["binary", "multiclass", "regression"]
EarlyStopping = int | Literal["geometric", "geometric-error"] | None

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_BUILDER = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")


@dataclass(frozen=True)
class Reported:
    """A score that the recipe's source reports, to be compared with, not to be trusted.

    Args:
        metric: Name of the metric, such as "accuracy" (a fraction, not a percentage) or "mae".
        mean: The reported figure, in the metric's own units.
        sd: Standard deviation over the folds, or `None` where none is given.
        protocol: How the figure was obtained: splits, repeats, seed.
        source: Who reports it.

    Raises:
        ValueError: If a text is empty, `mean` is not finite, or `sd` is negative or not finite.

    Example:
        >>> Reported("accuracy", 0.8604, 0.0458, "StratifiedKFold(10)", "an article").mean
        0.8604
    """

    metric: str
    mean: float
    sd: float | None
    protocol: str
    source: str

    def __post_init__(self) -> None:
        for name in ("metric", "protocol", "source"):
            _check_text(name, getattr(self, name))
        if not math.isfinite(self.mean):
            raise ValueError(f"`mean` must be finite. Received: mean={self.mean}")
        if self.sd is not None and not 0 <= self.sd < math.inf:
            raise ValueError(f"`sd` must be None or a finite number from 0 up. Received: sd={self.sd}")


@dataclass(frozen=True)
class ModelSpec:
    """A model's entry in the registry: its builder and the recipe it is trained by.

    The protocol it is judged by is not here: that belongs to the data set.

    Args:
        name: Registered name: lower-case letters, digits and underscores.
        builder: Where the builder function is, as "module:function".
        dataset: Name of the data set that the recipe was made for.
        tasks: Kinds of data the builder makes a network for: "binary", "multiclass", "regression".
        epochs: Passes over the training rows, 1 or more.
        batch_size: Rows in a mini-batch, 1 or more.
        description: The model in one line.
        source: Citation of the recipe.
        early_stopping: Epochs, 1 or more, without a better validation loss before training stops; "geometric" for
            a patience that is counted in mini-batches and grows with progress, "geometric-error" for the same by
            the share of wrong answers; `None` trains for all `epochs`.
        preprocessing: Names of the transformers fitted on the training rows of each fold, in order.
        image_size: Height and width in pixels at which folders of images are read, or `None` for what the data
            set's card says.
        arguments: The builder's arguments that make this variant of the model.
        advice: What whoever runs the recipe with just these arguments should know, or `None`.
        reported: The source's main figure, or `None`.
        also_reported: Further figures of the source, under other protocols.

    Raises:
        ValueError: If a field is malformed; the message names it.

    Example:
        >>> spec = ModelSpec(
        ...     name="tiny", builder="my_models:tiny", dataset="sonar", tasks=("binary",), epochs=10,
        ...     batch_size=16, description="A tiny net.", source="Own work",
        ... )
        >>> spec.preprocessing
        ()
    """

    name: str
    builder: str
    dataset: str
    tasks: tuple[Task, ...]
    epochs: int
    batch_size: int
    description: str
    source: str
    early_stopping: EarlyStopping = None
    preprocessing: tuple[str, ...] = ()
    image_size: tuple[int, int] | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict, hash=False)
    advice: str | None = None
    reported: Reported | None = None
    also_reported: tuple[Reported, ...] = ()

    def __post_init__(self) -> None:
        _check_pattern("name", self.name, _NAME, "lower-case letters, digits and underscores")
        _check_pattern("builder", self.builder, _BUILDER, "'module:function'")
        _check_pattern("dataset", self.dataset, _NAME, "lower-case letters, digits and underscores")
        _check_tasks(self.tasks)
        for name in ("epochs", "batch_size"):
            _check_count(name, getattr(self, name))
        if self.early_stopping not in (None, "geometric", "geometric-error"):
            _check_count("early_stopping", self.early_stopping)
        for name in ("description", "source"):
            _check_text(name, getattr(self, name))
        _check_names("preprocessing", self.preprocessing)
        _check_size("image_size", self.image_size)
        object.__setattr__(self, "arguments", dict(self.arguments))

    def load_builder(self) -> Callable[..., Any]:
        """Imports the builder, and Keras with it.

        Returns:
            The function that builds the model and compiles it.

        Raises:
            ModelLoadError: If the module cannot be imported or has no such function.
        """
        module, _, function = self.builder.partition(":")
        try:
            builder = getattr(importlib.import_module(module), function)
        except (ImportError, AttributeError) as error:
            raise ModelLoadError(
                f"Cannot load the builder '{self.builder}' of model '{self.name}': {error}"
            ) from error
        if not callable(builder):
            raise ModelLoadError(f"The builder '{self.builder}' of model '{self.name}' is not a function")
        return builder  # type: ignore[no-any-return]


def _check_text(name: str, value: object) -> None:
    if not isinstance(value, str) or not value.strip() or "\n" in value:
        raise ValueError(f"`{name}` must be one non-empty line of text. Received: {name}={value!r}")


def _check_pattern(name: str, value: object, pattern: re.Pattern[str], expected: str) -> None:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(f"`{name}` must be {expected}. Received: {name}={value!r}")


def _check_count(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"`{name}` must be an integer from 1 up. Received: {name}={value!r}")


def _check_tasks(tasks: object) -> None:
    if not isinstance(tasks, tuple) or not tasks or not set(tasks) <= set(get_args(Task)):
        raise ValueError(f"`tasks` must be a tuple of {', '.join(get_args(Task))}. Received: tasks={tasks!r}")


def _check_names(name: str, value: object) -> None:
    if not isinstance(value, tuple) or not all(isinstance(item, str) and item for item in value):
        raise ValueError(f"`{name}` must be a tuple of names. Received: {name}={value!r}")


def _check_size(name: str, value: object) -> None:
    if value is None:
        return
    if not isinstance(value, tuple) or len(value) != 2:
        raise ValueError(f"`{name}` must be None or `(height, width)`. Received: {name}={value!r}")
    for side in value:
        _check_count(name, side)
