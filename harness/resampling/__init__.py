"""Splitting schemes: from a data set to the train and test rows of every fold."""

from harness.resampling.custom import custom_splits
from harness.resampling.inner import inner_split
from harness.resampling.predefined import predefined_inner_split, predefined_splits
from harness.resampling.schemes import SCHEMES, Resampling
from harness.resampling.splits import Split, Splits

__all__ = [
    "SCHEMES",
    "Resampling",
    "Split",
    "Splits",
    "custom_splits",
    "inner_split",
    "predefined_inner_split",
    "predefined_splits",
]
