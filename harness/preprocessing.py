"""Preprocessing: scikit-learn transformers, cloned and fitted on the training rows of each fold."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from harness.data.dataset import is_images
from harness.errors import DataError, UnknownNameError, UsageError

if TYPE_CHECKING:
    from harness.data.image_rows import ImageRows

Features: TypeAlias = "NDArray[np.float32] | ImageRows"
Preprocessing = str | Sequence[str] | Any | None


def _standardize() -> Any:
    from sklearn.preprocessing import StandardScaler

    return StandardScaler()


def _minmax() -> Any:
    from sklearn.preprocessing import MinMaxScaler

    return MinMaxScaler()


def _robust() -> Any:
    from sklearn.preprocessing import RobustScaler

    return RobustScaler()


def _power() -> Any:
    from sklearn.preprocessing import PowerTransformer

    return PowerTransformer()


def _quantile() -> Any:
    from sklearn.preprocessing import QuantileTransformer

    return QuantileTransformer()


def _impute() -> Any:
    from sklearn.impute import SimpleImputer

    return SimpleImputer(strategy="median")


def _mean_image() -> Any:
    from harness.data.mean_image import MeanImage

    return MeanImage()


TRANSFORMERS: dict[str, Callable[[], Any]] = {
    "impute": _impute,
    "mean_image": _mean_image,
    "minmax": _minmax,
    "power": _power,
    "quantile": _quantile,
    "robust": _robust,
    "standardize": _standardize,
}


def resolve_transformers(preprocessing: Preprocessing) -> list[Any]:
    """Turns what a caller passed as preprocessing into unfitted scikit-learn transformers.

    Args:
        preprocessing: None, a name or several (`TRANSFORMERS`), one transformer, or a list mixing both.

    Raises:
        UnknownNameError: No transformer of that name.
        UsageError: An object without `fit`, `transform` and `get_params`, or a class of them.

    Example:
        >>> resolve_transformers("impute,standardize")
        [SimpleImputer(strategy='median'), StandardScaler()]
    """
    if preprocessing is None:
        return []
    if isinstance(preprocessing, str):
        preprocessing = [name.strip() for name in preprocessing.split(",")]
    steps = list(preprocessing) if isinstance(preprocessing, (list, tuple)) else [preprocessing]
    return [_resolve_step(step) for step in steps if step not in ("none", "")]


def _resolve_step(step: Any) -> Any:
    if isinstance(step, str):
        name = step.replace("-", "_")
        if name not in TRANSFORMERS:
            raise UnknownNameError("transformer", step, TRANSFORMERS)
        return TRANSFORMERS[name]()
    methods = ("fit", "transform", "get_params")
    if isinstance(step, type) or not all(hasattr(step, method) for method in methods):
        what = f"the class {step.__name__} itself" if isinstance(step, type) else type(step).__name__
        raise UsageError(
            "preprocessing takes names or scikit-learn transformers (with fit, transform and get_params). "
            f"Received: {what}"
        )
    return step


def describe_transformers(transformers: Sequence[Any]) -> list[str]:
    """Every transformer with all its parameters, as text: equal text means equal preprocessing."""
    from sklearn import config_context

    with config_context(print_changed_only=False):
        return [repr(transformer) for transformer in transformers]


class FoldPreprocessor:
    """The preprocessing of one fold: categorical columns one-hot encoded, then the transformers in turn.

    Images on disk become an array where all of the data set's fit into memory, and stay on disk otherwise.

    Args:
        transformers: Unfitted scikit-learn transformers; they are cloned, never changed.
        categorical: Names of the columns to one-hot encode; a category that the training rows do not have
            becomes zeros.
        seed: For transformers that draw numbers and were given no `random_state`.
        columns: Names of the features; a `ColumnTransformer` in the first place chooses by them, and encodes what
            it wants encoded.

    Example:
        >>> scaler = FoldPreprocessor(resolve_transformers("standardize"))
        >>> scaler.fit(np.array([[0.0], [2.0]])).transform(np.array([[4.0]]))
        array([[3.]], dtype=float32)
    """

    def __init__(
        self,
        transformers: Sequence[Any],
        categorical: Sequence[str] = (),
        seed: int = 0,
        columns: Sequence[str] = (),
    ) -> None:
        from sklearn.base import clone

        steps = [with_seed(clone(transformer), seed) for transformer in transformers]
        self._columns = list(columns) if steps and _chooses_columns(steps[0]) else []
        if categorical and not self._columns:
            steps.insert(0, _one_hot(categorical))
        self.steps = steps

    def fit(self, X: Any, y: Any = None) -> FoldPreprocessor:
        """Fits every step on the training rows, each on what the one before made of them."""
        self._fitted_rows(X, y)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Features:
        """Fits every step and applies it to the rows it was fitted on, as a scikit-learn pipeline does.

        That may differ from `transform`: a target encoder fits these rows crosswise, lest they tell their target.

        Raises:
            DataError: Missing or infinite values are left.
        """
        return _network_input(self._fitted_rows(X, y))

    def transform(self, X: Any) -> Features:
        """Applies the fitted steps.

        Returns:
            (n, …) float32 array for the network, or images on disk.

        Raises:
            DataError: Missing or infinite values are left.
        """
        X = self._named(X)
        for step in self.steps:
            _check_takes(step, X)
            X = step.transform(X)
        return _network_input(X)

    @property
    def mean_image(self) -> NDArray[np.float32] | None:
        """The fitted mean image, where subtracting it is all that is done; None where there is more, or less."""
        if len(self.steps) != 1:
            return None
        from harness.data.mean_image import MeanImage

        (step,) = self.steps
        return step.mean_ if isinstance(step, MeanImage) else None

    def _named(self, X: Any) -> Any:
        if not self._columns or hasattr(X, "iloc") or X.ndim != 2:
            return X
        import pandas as pd

        return pd.DataFrame(X, columns=self._columns)

    def _fitted_rows(self, X: Any, y: Any) -> Any:
        X = self._named(X)
        for step in self.steps:
            _check_takes(step, X)
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message="n_quantiles", category=UserWarning)
                X = step.fit_transform(X, y) if hasattr(step, "fit_transform") else step.fit(X, y).transform(X)
        return X


def with_seed(transformer: Any, seed: int) -> Any:
    """A transformer or estimator with a seed wherever it would draw from NumPy's global state."""
    parameters = transformer.get_params()
    unseeded = [name for name, value in parameters.items() if name.endswith("random_state") and value is None]
    return transformer.set_params(**dict.fromkeys(sorted(unseeded), seed))


def _chooses_columns(transformer: Any) -> bool:
    if "sklearn.compose" not in sys.modules:
        return False  # so it is of no class of that module, which takes a while to import
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import Pipeline

    if isinstance(transformer, Pipeline):
        return _chooses_columns(transformer.steps[0][1])
    return isinstance(transformer, ColumnTransformer)


def _one_hot(categorical: Sequence[str]) -> Any:
    from sklearn.compose import make_column_transformer
    from sklearn.preprocessing import OneHotEncoder

    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return make_column_transformer((encoder, list(categorical)), remainder="passthrough")


def _check_takes(step: Any, X: Any) -> None:
    """A transformer of tables would read all the images at once, only to refuse them."""
    if is_images(X) and not getattr(step, "takes_images", False):
        raise DataError(f"{type(step).__name__} cannot transform images on disk; 'mean_image' can")


def _network_input(X: Any) -> Features:
    if is_images(X):
        return X.load() if X.in_memory else X
    dense = X.toarray() if hasattr(X, "toarray") else X
    with np.errstate(over="ignore"):
        array = np.ascontiguousarray(dense, dtype=np.float32)
    if not np.isfinite(array).all():
        column = np.argwhere(~np.isfinite(array.reshape(len(array), -1)))[0][1]
        raise DataError(
            f"Missing or infinite values reach the network in column {column}; "
            "add 'impute' to the preprocessing, or drop the rows"
        )
    return array
