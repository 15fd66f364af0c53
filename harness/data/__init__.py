"""Data sets: cards, CSV files, arrays, generators, downloads, and an audit of what they hold.

The names are imported when first used, so that listing the data sets costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness._lazy import lazy_names

if TYPE_CHECKING:
    from harness.data.arrays import from_arrays
    from harness.data.auditing import Finding, audit
    from harness.data.cards import Card, EvaluationProtocol, Trap, default_protocol, get_card
    from harness.data.dataset import Dataset, Task
    from harness.data.downloads import prepare
    from harness.data.duplicates import duplicate_groups
    from harness.data.image_rows import ImageRows
    from harness.data.images import from_image_folder
    from harness.data.labels import infer_task
    from harness.data.load import load_dataset
    from harness.data.parquet import from_parquet
    from harness.data.registry import CardSummary, dataset_summaries, list_datasets
    from harness.data.table import from_csv

_MODULES = {
    "Card": "cards",
    "CardSummary": "registry",
    "Dataset": "dataset",
    "EvaluationProtocol": "cards",
    "Finding": "auditing",
    "ImageRows": "image_rows",
    "Task": "dataset",
    "Trap": "cards",
    "audit": "auditing",
    "dataset_summaries": "registry",
    "default_protocol": "cards",
    "duplicate_groups": "duplicates",
    "from_arrays": "arrays",
    "from_csv": "table",
    "from_image_folder": "images",
    "from_parquet": "parquet",
    "get_card": "cards",
    "infer_task": "labels",
    "list_datasets": "registry",
    "load_dataset": "load",
    "prepare": "downloads",
}

__all__ = [
    "Card",
    "CardSummary",
    "Dataset",
    "EvaluationProtocol",
    "Finding",
    "ImageRows",
    "Task",
    "Trap",
    "audit",
    "dataset_summaries",
    "default_protocol",
    "duplicate_groups",
    "from_arrays",
    "from_csv",
    "from_image_folder",
    "from_parquet",
    "get_card",
    "infer_task",
    "list_datasets",
    "load_dataset",
    "prepare",
]


__getattr__ = lazy_names(__name__, _MODULES)


def __dir__() -> list[str]:
    return __all__
