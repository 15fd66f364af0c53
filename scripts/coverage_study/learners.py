"""Learners whose true performance is known: trained on every fold at once, for thousands of data sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .population import Floats, Population

FRESH_ROWS = 4000


@dataclass(frozen=True)
class Outcome:
    """What one data set gave.

    Attributes:
        errors: (repeats, folds) share of wrong test rows.
        aucs: (repeats, folds) area under the ROC curve; empty where it was not computed.
        at_folds: Mean true error of the models of the first repeat, at n(k-1)/k rows.
        at_n: True error of the model fitted on all rows.
        auc_at_folds: Mean true AUC of the models of the first repeat, NaN where not computed.
        auc_at_n: True AUC of the model fitted on all rows, NaN where not computed.
    """

    errors: Floats
    aucs: Floats
    at_folds: float
    at_n: float
    auc_at_folds: float = float("nan")
    auc_at_n: float = float("nan")


@dataclass(frozen=True)
class LinearRule:
    """Linear discriminant analysis, on some of the features and with some shrinkage.

    Attributes:
        columns: The features it sees; None for all.
        shrinkage: Share of the identity in the covariance, in [0, 1]; above 0 it works with fewer rows than
            features (Friedman, JASA 84, 1989).
    """

    columns: tuple[int, ...] | None = None
    shrinkage: float = 0.0

    def fit(self, x: Floats, positive: NDArray[np.bool_], tests: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Fits without each set of test rows.

        Args:
            x: (n, p) rows.
            positive: (n,) classes.
            tests: (k, n) rows to leave out.

        Returns:
            (k, p) weights, 0 for features it does not see, and (k,) intercepts.
        """
        columns = np.arange(x.shape[1]) if self.columns is None else np.asarray(self.columns)
        seen = x[:, columns]
        means, counts = _class_means(seen, positive, ~tests)
        covariance = self._covariance(seen, tests, means, counts)
        weights = np.linalg.solve(covariance, (means[1] - means[0])[..., None])[..., 0]
        intercepts = np.log(counts[1] / counts[0]) - (weights * (means[0] + means[1])).sum(axis=1) / 2
        full = np.zeros((len(tests), x.shape[1]))
        full[:, columns] = weights
        return full, intercepts

    def _covariance(self, x: Floats, tests: NDArray[np.bool_], means: Floats, counts: Floats) -> Floats:
        moments = x.T @ x - np.stack([x[test].T @ x[test] for test in tests])
        between = sum(
            counts[side][:, None, None] * means[side][:, :, None] * means[side][:, None, :] for side in (0, 1)
        )
        covariance = (moments - between) / (counts.sum(axis=0) - 2)[:, None, None]
        return np.asarray((1 - self.shrinkage) * covariance + self.shrinkage * np.eye(x.shape[1]))


def run_linear(
    rule: LinearRule, population: Population, x: Floats, positive: NDArray[np.bool_], folds: NDArray[np.int64]
) -> Outcome:
    """Cross-validates a linear rule.

    Args:
        rule: The learner.
        population: Where the rows came from.
        x: (n, p) rows.
        positive: (n,) classes.
        folds: (repeats, n) fold of each row.
    """
    count = int(folds.max()) + 1
    errors, aucs, truths = [], [], []
    for dealt in folds:
        tests = dealt == np.arange(count)[:, None]
        weights, intercepts = rule.fit(x, positive, tests)
        scores = np.take_along_axis(x @ weights.T + intercepts, dealt[:, None], axis=1)[:, 0]
        errors.append([((scores > 0) != positive)[test].mean() for test in tests])
        aucs.append([_auc(scores[test], positive[test]) for test in tests])
        truths.append((population.error(weights, intercepts).mean(), population.auc(weights).mean()))
    weights, intercepts = rule.fit(x, positive, np.zeros((1, len(x)), dtype=bool))
    return Outcome(
        np.asarray(errors),
        np.asarray(aucs),
        at_folds=float(truths[0][0]),
        at_n=float(population.error(weights, intercepts)[0]),
        auc_at_folds=float(truths[0][1]),
        auc_at_n=float(population.auc(weights)[0]),
    )


def run_nearest(
    population: Population,
    x: Floats,
    positive: NDArray[np.bool_],
    folds: NDArray[np.int64],
    rng: np.random.Generator,
) -> Outcome:
    """Cross-validates the nearest neighbour; its true error is counted on fresh rows.

    Args:
        population: Where the rows came from.
        x: (n, p) rows.
        positive: (n,) classes.
        folds: (repeats, n) fold of each row.
        rng: For the fresh rows.
    """
    fresh, truth = population.sample(FRESH_ROWS, rng)
    among, away = _distances(x, x), _distances(fresh, x)
    errors = []
    for dealt in folds:
        barred = np.where(dealt[:, None] == dealt, np.float32(np.inf), among)
        wrong = positive[barred.argmin(axis=1)] != positive
        errors.append(np.bincount(dealt, wrong) / np.bincount(dealt))
    without_first = np.where(folds[0] == 0, np.float32(np.inf), away)
    return Outcome(
        np.asarray(errors),
        np.empty((0, 0)),
        at_folds=float((positive[without_first.argmin(axis=1)] != truth).mean()),
        at_n=float((positive[away.argmin(axis=1)] != truth).mean()),
    )


def _class_means(x: Floats, positive: NDArray[np.bool_], used: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """(2, k, p) means and (2, k) numbers of the rows used, negative class first."""
    sides = np.stack([used & ~positive, used & positive]).astype(np.float64)
    counts = sides.sum(axis=2)
    return sides @ x / counts[..., None], counts


def _auc(scores: Floats, positive: NDArray[np.bool_]) -> float:
    return float((scores[positive][:, None] > scores[~positive]).mean())


def _distances(left: Floats, right: Floats) -> NDArray[np.float32]:
    """Squared distances up to what is the same for a whole row, which does not change the nearest."""
    a, b = left.astype(np.float32), right.astype(np.float32)
    return np.asarray((b**2).sum(axis=1) - 2 * a @ b.T, dtype=np.float32)
