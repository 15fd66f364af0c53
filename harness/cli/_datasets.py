"""The data that a command line asks for, loaded once however many models it names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.data import Dataset

ImageSize = tuple[int, int]


class ChosenData:
    """Finds the data set of each model.

    Args:
        options: The parameters of the command: dataset, data, targets, task, groups, data_dir, download,
            and where the command has them leave_out, image_size and arguments.

    Raises:
        UsageError: The options contradict each other.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options
        self._loaded: dict[tuple[str, ImageSize | None], Dataset] = {}
        self._images = _is_folder(options["data"])
        _check(options, self._images)

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
        key = (name, _own_image_size(model))
        if key not in self._loaded:
            self._loaded[key] = self._table() if self._is_table else self._named(*key)
        return self._loaded[key]

    @property
    def groups(self) -> str | None:
        """The groups that are left to be found in the data: those of a table were read with it."""
        return None if self._group_column() else self._options["groups"]

    def arguments_for(self, model: str) -> dict[str, Any]:
        """The arguments that are left to the builder: those of the data set were read with it."""
        own = self._own_arguments(self._options["dataset"] or _own_dataset(model))
        return {name: value for name, value in self._arguments.items() if name not in own}

    @property
    def _is_table(self) -> bool:
        return bool(self._options["data"]) and not self._images

    def _own_arguments(self, name: str | None) -> dict[str, Any]:
        """Those of `--argument` that the data set takes, not the builder."""
        if self._options["data"] or not name or not self._arguments:
            return {}
        from harness.data.load import dataset_arguments

        known = dataset_arguments(name)
        return {key: value for key, value in self._arguments.items() if key in known}

    @property
    def _arguments(self) -> Mapping[str, Any]:
        return self._options.get("arguments") or {}

    def _group_column(self) -> str | None:
        groups = self._options["groups"]
        return groups if self._is_table and groups != "duplicates" else None

    def _table(self) -> Dataset:
        from harness.data import from_csv, from_parquet

        path, target = self._options["data"], list(self._options["targets"])
        read = from_parquet if Path(path).suffix == ".parquet" else from_csv
        return read(
            path,
            target[0] if len(target) == 1 else target,
            task=self._options["task"],
            groups=self._group_column(),
            leave_out=self._options.get("leave_out", ()),
        )

    def _named(self, name: str, model_size: ImageSize | None) -> Dataset:
        from harness.data import from_image_folder, load_dataset

        image_size = self._options.get("image_size")
        if self._options["data"]:
            return from_image_folder(name, image_size=image_size or model_size)
        return load_dataset(
            name,
            data_dir=self._options["data_dir"],
            download=self._options["download"],
            image_size=image_size,
            default_image_size=model_size,
            arguments=self._own_arguments(name),
        )


def _own_dataset(model: str) -> str | None:
    if ":" in model:
        return None
    import zoo

    return zoo.get_spec(model).dataset


def _own_image_size(model: str) -> ImageSize | None:
    if ":" in model:
        return None
    import zoo

    return zoo.get_spec(model).image_size


def _is_folder(path: str | None) -> bool:
    return path is not None and Path(path).is_dir()


def _check(options: Mapping[str, Any], images: bool) -> None:
    if options["data"] and options["dataset"]:
        raise UsageError("--data and --dataset both name the data. Received: both; give one of them")
    if options["data"] and not images and not options["targets"]:
        raise UsageError("--data needs to know what to predict; add --target COLUMN")
    if options["data"] and not images and options.get("image_size"):
        raise UsageError("--image-size is for images. Received: a table; name a folder with a sub-folder a class")
    if (images or not options["data"]) and (options["targets"] or options["task"]):
        raise UsageError("--target and --task describe a table of your own; add --data FILE.csv")
    if (images or not options["data"]) and options.get("leave_out"):
        raise UsageError("--leave-out is for columns of a table of your own; add --data FILE.csv")
