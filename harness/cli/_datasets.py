"""The data that a command line asks for, loaded once however many models it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.data import Dataset


class ChosenData:
    """Finds the data set of each model.

    Args:
        options: The parameters of the command: dataset, data, targets, task, groups, data_dir, download.

    Raises:
        UsageError: The options contradict each other.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options
        self._loaded: dict[str, Dataset] = {}
        _check(options)

    def for_model(self, model: str) -> Dataset | None:
        """Loads the data for a model.

        Args:
            model: A registered name, or "module:function".

        Returns:
            The data asked for, else the model's own; None where it has none.
        """
        name = self._options["data"] or self._options["dataset"] or _own_dataset(model)
        if name is None:
            return None
        if name not in self._loaded:
            self._loaded[name] = self._table() if self._options["data"] else self._named(name)
        return self._loaded[name]

    @property
    def groups(self) -> str | None:
        """The groups that are left to be found in the data: those of a table were read with it."""
        return None if self._group_column() else self._options["groups"]

    def _group_column(self) -> str | None:
        groups = self._options["groups"]
        return groups if self._options["data"] and groups != "duplicates" else None

    def _table(self) -> Dataset:
        from harness.data import from_csv

        target = list(self._options["targets"])
        return from_csv(
            self._options["data"],
            target[0] if len(target) == 1 else target,
            task=self._options["task"],
            groups=self._group_column(),
        )

    def _named(self, name: str) -> Dataset:
        from harness.data import load_dataset

        return load_dataset(name, data_dir=self._options["data_dir"], download=self._options["download"])


def _own_dataset(model: str) -> str | None:
    if ":" in model:
        return None
    import zoo

    return zoo.get_spec(model).dataset


def _check(options: Mapping[str, Any]) -> None:
    if options["data"] and options["dataset"]:
        raise UsageError("--data and --dataset both name the data. Received: both; give one of them")
    if options["data"] and not options["targets"]:
        raise UsageError("--data needs to know what to predict; add --target COLUMN")
    if not options["data"] and (options["targets"] or options["task"]):
        raise UsageError("--target and --task describe a table of your own; add --data FILE.csv")
