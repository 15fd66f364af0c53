"""Synthetic data sets that a card may ask for by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from harness.data.shapes import shapes
from harness.errors import DataError, UnknownNameError

if TYPE_CHECKING:
    import numpy.typing as npt

Arrays: TypeAlias = "tuple[npt.NDArray[Any], npt.NDArray[Any]]"


def linear(
    *,
    n_samples: int = 1000,
    weights: Sequence[float] = (2.0, -3.4),
    bias: float = 4.2,
    noise: float = 0.01,
    seed: int = 0,
) -> Arrays:
    """Draws y = Xw + b + ε with X ~ N(0, 1) and ε ~ N(0, noise²).

    Args:
        n_samples: Number of rows, 1 or more.
        weights: The true w, one a feature.
        bias: The true b.
        noise: Standard deviation of ε, 0 or more, in the units of y.
        seed: Of the random numbers, 0 or more.

    Returns:
        X ``(n_samples, len(weights))`` and y ``(n_samples,)``, both float64.

    Example:
        >>> X, y = linear(n_samples=3, noise=0.0)
        >>> bool(abs(y - X @ [2.0, -3.4] - 4.2).max() < 1e-12)
        True
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n_samples, len(weights)))
    return X, X @ np.asarray(weights, dtype=np.float64) + bias + noise * rng.standard_normal(n_samples)


def make_regression(
    *,
    n_samples: int,
    n_features: int,
    n_informative: int,
    n_targets: int = 1,
    noise: float = 0.0,
    random_state: int,
) -> Arrays:
    """Draws a random linear regression problem with scikit-learn's function of the same name.

    Args:
        n_samples: Number of rows, 1 or more.
        n_features: Number of features.
        n_informative: How many of them the targets depend on.
        n_targets: Number of targets, 1 or more.
        noise: Standard deviation of the noise on the targets, 0 or more.
        random_state: Seed of the random numbers.

    Returns:
        X ``(n_samples, n_features)`` and y ``(n_samples,)`` or ``(n_samples, n_targets)``, both float64.
    """
    from sklearn import datasets

    X, y = datasets.make_regression(
        n_samples=n_samples,
        n_features=n_features,
        n_informative=n_informative,
        n_targets=n_targets,
        noise=noise,
        random_state=random_state,
    )
    return X, y


GENERATORS: Mapping[str, Callable[..., Arrays]] = {
    "linear": linear,
    "make_regression": make_regression,
    "shapes": shapes,
}


def generate(generator: str, arguments: Mapping[str, Any], where: str) -> Arrays:
    """Draws the data of a generator.

    Args:
        generator: A name of `GENERATORS`; nothing else can be called from a card.
        arguments: Its keyword arguments.
        where: What messages call the card.

    Returns:
        X and y.

    Raises:
        UnknownNameError: No generator of that name.
        DataError: Arguments it does not take, or cannot work with.
    """
    if generator not in GENERATORS:
        raise UnknownNameError("generator", generator, GENERATORS)
    function = GENERATORS[generator]
    try:
        inspect.signature(function).bind(**arguments)
        return function(**arguments)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"{where}: field 'source.arguments' does not suit the generator {generator}: {error}"
        ) from None
