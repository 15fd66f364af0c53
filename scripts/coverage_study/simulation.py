"""The learner tier: which settings are simulated, and one data set of a setting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from .learners import LinearRule, Outcome, run_linear, run_nearest
from .population import Population, deal_folds

REPEATS = (1, 3, 10)
_SIZES = (50, 100, 200, 500, 2000)
_FOLDS = (5, 10)
_PREVALENCES = (0.5, 0.1)
_WIDE_SIZES = (50, 100)


@dataclass(frozen=True)
class Setting:
    """One cell of the study.

    Attributes:
        learner: "lda", "wide lda", "1-nn" or "subspace".
        n: Rows of a data set.
        folds: Folds in a repeat.
        prevalence: Share of the rarer class.
    """

    learner: str
    n: int
    folds: int
    prevalence: float

    @property
    def name(self) -> str:
        """For files."""
        return f"{self.learner.replace(' ', '-')}_n{self.n}_k{self.folds}_p{self.prevalence:g}"

    @cached_property
    def population(self) -> Population:
        """Where its data sets are drawn from."""
        features, distance = {"wide lda": (100, 3.0), "subspace": (20, 2.5)}.get(self.learner, (10, 2.0))
        return Population(features, distance, self.prevalence)


SETTINGS: tuple[Setting, ...] = tuple(
    Setting(learner, n, folds, prevalence)
    for learner, n, folds, prevalence in product(
        ("lda", "wide lda", "1-nn", "subspace"), _SIZES, _FOLDS, _PREVALENCES
    )
    # A stratified split needs a row of the rarer class in every fold.
    if n * prevalence >= folds and (learner != "wide lda" or n in _WIDE_SIZES)
)


def simulate(setting: Setting, numbers: Sequence[int], seed: int = 0) -> dict[str, NDArray[np.float64]]:
    """Draws data sets and cross-validates on each with the most repeats.

    Args:
        setting: What to simulate.
        numbers: Which data sets: each has random streams of its own, whatever was drawn before.
        seed: Root of all randomness.

    Returns:
        Arrays with one entry a data set: "errors" and "aucs" (…, repeats, folds), "differences" of two equal
        learners (only of "subspace"), and the truths "at_folds", "at_n", "auc_at_folds", "auc_at_n".
    """
    drawn = [_one(setting, np.random.default_rng(_stream(setting, number, seed))) for number in numbers]
    fields = ("errors", "aucs", "at_folds", "at_n", "auc_at_folds", "auc_at_n")
    arrays = {field: np.asarray([getattr(outcome, field) for outcome, _ in drawn]) for field in fields}
    if setting.learner == "subspace":
        arrays["differences"] = np.asarray([outcome.errors - other.errors for outcome, other in drawn if other])
    return arrays


def _one(setting: Setting, rng: np.random.Generator) -> tuple[Outcome, Outcome | None]:
    population = setting.population
    x, positive = population.sample(setting.n, rng)
    folds = np.stack([deal_folds(positive, setting.folds, rng) for _ in range(max(REPEATS))])
    if setting.learner == "1-nn":
        return run_nearest(population, x, positive, folds, rng), None
    if setting.learner == "lda":
        return run_linear(LinearRule(), population, x, positive, folds), None
    if setting.learner == "wide lda":
        return run_linear(LinearRule(shrinkage=0.5), population, x, positive, folds), None
    first, second = (run_linear(_subspace(seed), population, x, positive, folds) for seed in (1, 2))
    return first, second


def _subspace(seed: int) -> LinearRule:
    """A rule that sees half of the features, drawn by its seed; all features being alike, so are all seeds."""
    chosen = np.random.default_rng(seed).choice(20, size=10, replace=False)
    return LinearRule(columns=tuple(sorted(chosen.tolist())))


def _stream(setting: Setting, number: int, seed: int) -> np.random.SeedSequence:
    return np.random.SeedSequence(seed, spawn_key=(SETTINGS.index(setting), number))
