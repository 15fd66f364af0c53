"""Parameter recovery: what a linear model learned, beside the parameters its data were made with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from harness.data import load_dataset
from harness.errors import UsageError
from harness.run import Run

if TYPE_CHECKING:
    import pandas as pd


def parameter_recovery(run: Run) -> pd.DataFrame:
    """Compares the weights of every fold with the true ones on the data set's card.

    Args:
        run: A run of a linear model on a generated data set whose card names its weights and bias; with saved
            models and no preprocessing, so that the weights are in the data's own units.

    Returns:
        One row a fold and parameter: repeat, fold, init, parameter, true, estimate, error (estimate - true).

    Raises:
        UsageError: The data set's parameters are unknown, or the model is not linear in the features.

    Example:
        >>> table = parameter_recovery(load_run("linear_regression-1f3a9c2b"))  # doctest: +SKIP
        >>> table["error"].abs().max() < 0.01  # doctest: +SKIP
        True
    """
    import pandas as pd

    names, true = _true_parameters(run.dataset)
    rows = [
        (*key, name, truth, estimate, estimate - truth)
        for key, model in run.models.items()
        for name, truth, estimate in zip(names, true, _learned(model, len(true)), strict=True)
    ]
    columns = ["repeat", "fold", "init", "parameter", "true", "estimate", "error"]
    return pd.DataFrame(rows, columns=columns)


def _true_parameters(name: str) -> tuple[list[str], list[float]]:
    dataset = load_dataset(name)
    arguments = getattr(dataset.card.source, "arguments", {}) if dataset.card is not None else {}
    if not {"weights", "bias"} <= set(arguments):
        raise UsageError(f"The card of '{name}' does not say with which weights and bias its data were made")
    return [*(f"w[{feature}]" for feature in dataset.feature_names), "b"], [
        *arguments["weights"],
        arguments["bias"],
    ]


def _learned(model: object, count: int) -> list[float]:
    weights = model.get_weights()  # type: ignore[attr-defined]
    if sum(weight.size for weight in weights) != count:
        raise UsageError(f"The model must have one weight a feature and a bias, {count} numbers in all")
    return [float(value) for value in np.concatenate([weight.ravel() for weight in weights])]
