"""Two Gaussian classes with unit covariance: a linear rule's error and AUC are known in closed form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Population:
    """Where data sets are drawn from.

    Attributes:
        features: Number of features, all alike.
        distance: Mahalanobis distance of the class means.
        prevalence: Share of the positive class, in every data set exactly.
    """

    features: int
    distance: float
    prevalence: float

    @property
    def shift(self) -> Floats:
        """(features,) mean of the positive class minus that of the negative one."""
        return np.full(self.features, self.distance / np.sqrt(self.features))

    def sample(self, n: int, rng: np.random.Generator) -> tuple[Floats, NDArray[np.bool_]]:
        """Draws n rows; the negative ones first."""
        positive = np.arange(n) >= n - round(n * self.prevalence)
        rows = rng.normal(size=(n, self.features)) + np.outer(positive - 0.5, self.shift)
        return rows, positive

    def error(self, weights: Floats, intercepts: Floats) -> Floats:
        """True error of the rules `x·w + b > 0`: (…,) for weights (…, features) and intercepts (…,)."""
        norms = np.linalg.norm(weights, axis=-1)
        half = weights @ self.shift / 2
        false_alarms, misses = ndtr((intercepts - half) / norms), ndtr(-(intercepts + half) / norms)
        return np.asarray((1 - self.prevalence) * false_alarms + self.prevalence * misses)

    def auc(self, weights: Floats) -> Floats:
        """True area under the ROC curve of linear scores."""
        return np.asarray(ndtr(weights @ self.shift / (np.sqrt(2) * np.linalg.norm(weights, axis=-1))))


def deal_folds(positive: NDArray[np.bool_], folds: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """(n,) fold of each row: a random stratified split whose fold sizes differ by one at most."""
    order = np.concatenate([rng.permutation(np.flatnonzero(positive == side)) for side in (False, True)])
    dealt = np.empty(len(positive), dtype=np.int64)
    dealt[order] = np.arange(len(positive)) % folds
    return dealt
