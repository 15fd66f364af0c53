"""The data sets that come with scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy.typing as npt

_OPTIONS: dict[str, dict[str, Any]] = {"diabetes": {"scaled": False}}


class Bundled(NamedTuple):
    """Features and targets, with the names scikit-learn gives them."""

    X: npt.NDArray[Any]
    y: npt.NDArray[Any]
    feature_names: tuple[str, ...]


def load_bundled(loader: str) -> Bundled:
    """Loads a data set that comes with scikit-learn.

    Args:
        loader: "breast_cancer", "diabetes", "digits" or "linnerud".

    Returns:
        The features as measured: the diabetes features unscaled, since scaling them on all rows would carry
        knowledge of the test rows into training. Class labels are the class names.
    """
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{loader}")(**_OPTIONS.get(loader, {}))
    is_classification = loader in ("breast_cancer", "digits")
    y = bunch.target_names[bunch.target] if is_classification else bunch.target
    return Bundled(bunch.data, y, tuple(bunch.feature_names))
