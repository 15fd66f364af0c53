"""The card of a data set: what it is, where it comes from, and the protocol that judges models on it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from harness.data.dataset import TASKS, Task
from harness.data.registry import CARD_FILE, find_folder, read_toml
from harness.data.sources import Source, Strict
from harness.errors import DataError


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple), Field(min_length=1)]
Scheme = Literal["kfold", "stratified", "group", "stratified_group", "holdout", "leave_one_out", "predefined"]

# Without folds of their own.
_UNFOLDED = ("holdout", "leave_one_out", "predefined")


class Trap(Strict):
    """Something about the data that has misled people, and what the harness does about it."""

    code: str
    text: str


class EvaluationProtocol(Strict):
    """How models are judged on a data set, unless the caller says otherwise.

    Args:
        cv: The scheme; "predefined" for the split that the data come with.
        folds: Number of folds, 2 or more; only for the schemes that have folds.
        repeats: How often the scheme is repeated with another shuffle, 1 or more.
        test_size: The fraction of rows tested, in (0, 1); only for a hold-out.
        seed: Root of all random numbers, 0 or more.
        metrics: Names of metrics, the headline first.
        groups: A column of the file, or "duplicates"; None: every row for itself.
    """

    cv: Scheme
    folds: Annotated[int, Field(ge=2)] | None = None
    repeats: Annotated[int, Field(ge=1)] = 1
    test_size: Annotated[float, Field(gt=0, lt=1)] | None = None
    seed: Annotated[int, Field(ge=0)] = 1
    metrics: Names
    groups: str | None = None

    @model_validator(mode="after")
    def _sizes_suit_the_scheme(self) -> Self:
        if (self.cv == "holdout") != (self.test_size is not None):
            raise ValueError("test_size belongs to cv = 'holdout', and only to it")
        if (self.cv in _UNFOLDED) != (self.folds is None):
            raise ValueError("folds belongs to the k-fold schemes, and only to them")
        if "group" in self.cv and self.groups is None:
            raise ValueError("groups is missing: a column, or 'duplicates'")
        return self


class Card(Strict):
    """The card of a data set: the content of its ``dataset.toml``.

    Only ``name``, ``task``, ``target`` and ``source`` must be given. Where ``rows``, ``columns``, ``classes``
    or ``features`` are, loading checks them. A file without a header has the columns ``features`` and then
    ``target``.

    Example:
        >>> get_card("sonar").protocol.folds
        10
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    version: Annotated[int, Field(ge=1)] = 1
    title: str = ""
    description: str = ""
    task: Task
    target: Names
    features: tuple[str, ...] = ()
    rows: Annotated[int, Field(ge=1)] | None = None
    columns: Annotated[int, Field(ge=1)] | None = None
    classes: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    units: dict[str, str] = Field(default_factory=dict)
    citation: str = ""
    licence: str = "not stated"
    licence_text: str = ""
    url: str = ""
    traps: tuple[Trap, ...] = ()
    protocol: EvaluationProtocol
    source: Source

    @model_validator(mode="before")
    @classmethod
    def _fill_protocol(cls, card: dict[str, Any]) -> dict[str, Any]:
        """A card without a protocol, or a protocol without metrics, gets those of its task."""
        task, target = card.get("task"), card.get("target")
        if task not in TASKS or not isinstance(target, str | list):
            return card
        default = default_protocol(task, len(_as_tuple(target)))
        protocol = card.get("protocol", default.model_dump())
        if isinstance(protocol, dict):
            protocol = {"metrics": default.metrics} | protocol
        return card | {"protocol": protocol}


def default_protocol(task: Task, targets: int = 1) -> EvaluationProtocol:
    """Returns the protocol for data whose card has none: ten folds, stratified for classification.

    Args:
        task: What is predicted.
        targets: Number of targets, 1 or more.

    Returns:
        The protocol, with the headline metric first.

    Example:
        >>> default_protocol("binary").metrics
        ('accuracy', 'balanced_accuracy', 'roc_auc', 'mcc', 'log_loss')
    """
    metrics: tuple[str, ...] = ("accuracy", "balanced_accuracy", "mcc", "log_loss")
    if task == "binary":
        metrics = ("accuracy", "balanced_accuracy", "roc_auc", "mcc", "log_loss")
    elif task == "regression":
        metrics = ("mae", "rmse", "r2") if targets == 1 else ("mae", "mae_per_output", "rmse", "r2")
    scheme: Scheme = "kfold" if task == "regression" else "stratified"
    return EvaluationProtocol(cv=scheme, folds=10, metrics=metrics)


def get_card(name_or_folder: str | os.PathLike[str]) -> Card:
    """Reads and validates a data set's card, without loading the data.

    Args:
        name_or_folder: A name of `list_datasets`, or a folder that holds a ``dataset.toml``.

    Returns:
        The card.

    Raises:
        UnknownNameError: No data set of that name.
        DataError: The card is malformed; the message names the file and the field.

    Example:
        >>> get_card("sonar").classes
        {'M': 111, 'R': 97}
    """
    return read_card(find_folder(name_or_folder) / CARD_FILE)


def read_card(path: Path) -> Card:
    """Reads and validates one ``dataset.toml``.

    Raises:
        DataError: Malformed; the message names the file and the first wrong field.
    """
    try:
        return Card.model_validate(read_toml(path))
    except ValidationError as error:
        first, *others = error.errors(include_url=False)
        more = f" (and {len(others)} more)" if others else ""
        raise DataError(f"{path}: {_explain(first)}{more}") from None


def _explain(error: ErrorDetails) -> str:
    field = ".".join(str(step) for step in error["loc"]) or "the card"
    reason = " ".join(error["msg"].removeprefix("Value error, ").split())
    if error["type"] in ("missing", "value_error"):
        return f"field '{field}': {reason}"
    return f"field '{field}': {reason}. Received: {repr(error['input'])[:80]}"
