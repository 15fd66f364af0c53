"""The rows of one fold: which are fitted and which validate, and their features, preprocessed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.data import audit
from harness.errors import DataError, FoldError
from harness.plan import Plan
from harness.preprocessing import Features, FoldPreprocessor
from harness.resampling import Split, inner_split, predefined_inner_split
from harness.seeds import FoldSeeds

Rows = NDArray[np.int64]


def fit_and_val(plan: Plan, split: Split, seeds: FoldSeeds) -> tuple[Rows, Rows]:
    """Numbers of the rows to fit and of those of the inner validation part, which may be empty."""
    if plan.inner_val == 0:
        return split.train, split.train[:0]
    dataset = plan.dataset
    if plan.has_validation_part and dataset.parts is not None:
        return predefined_inner_split(split.train, dataset.parts)
    return inner_split(split.train, dataset.y, dataset.task, plan.groups, plan.inner_val, seeds.inner_split)


def first_features(plan: Plan, fit: Rows, seed: int) -> Features:
    """The first fold's training rows.

    Raises:
        DataError: Any row of the data would not do; nothing was trained yet.
    """
    dataset = plan.dataset
    try:
        x, preprocessor = features(plan, fit, seed)
        preprocessor.transform(dataset.X)
    except (DataError, FoldError, ValueError) as error:
        missing = [f"{each.message} {each.advice}" for each in audit(dataset) if each.code == "missing_values"]
        raise DataError(f"{dataset.name}: {missing[0] if missing else error}") from error
    return x


def features(plan: Plan, fit: Rows, seed: int) -> tuple[Features, FoldPreprocessor]:
    """The rows to fit, preprocessed, and the preprocessor that was fitted on them.

    Raises:
        FoldError: A transformer cannot be fitted on them.
    """
    dataset = plan.dataset
    preprocessor = FoldPreprocessor(plan.transformers, dataset.categorical, seed, dataset.feature_names)
    try:
        return preprocessor.fit_transform(take(dataset.X, fit), dataset.y[fit]), preprocessor
    except ValueError as error:
        raise FoldError(f"The preprocessing cannot be fitted: {error}") from error


def take(X: Any, rows: Rows) -> Any:
    """Rows of a data frame or an array."""
    return X.iloc[rows] if hasattr(X, "iloc") else X[rows]
