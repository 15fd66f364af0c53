"""What the study must show before the intervals may be called honest, and what must fail for it to be a test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from .exact import ExactCoverage

MOST_REPEATS = 10


@dataclass(frozen=True)
class Gate:
    """One demand.

    Attributes:
        name: What is demanded.
        value: What was found: the worst of what the demand is about.
        met: Whether it is met.
        where: Which learner the value belongs to, or "".
    """

    name: str
    value: float
    met: bool
    where: str = ""

    def __str__(self) -> str:
        where = f" [{self.where}]" if self.where else ""
        return f"{'met    ' if self.met else 'NOT MET'} {self.name}{where}: {self.value:.3f}"


def check(exact: Sequence[ExactCoverage], covered: pd.DataFrame, rejected: pd.DataFrame) -> list[Gate]:
    """Checks every demand.

    Demands on learners are about the mean coverage of the expected error at n(k-1)/k, over folds and prevalences,
    of each learner, number of rows and number of repeats; the worst of them counts.

    Args:
        exact: The exact tier.
        covered: A row a setting, method, metric and number of repeats.
        rejected: A row a setting and number of repeats.
    """
    return [
        *(_exact(exact) if exact else ()),
        *_learners(covered),
        *_sizes(rejected),
        *_negative_controls(covered, rejected),
    ]


def pooled(covered: pd.DataFrame, metric: str = "error") -> pd.DataFrame:
    """Means over folds and prevalences: a row a learner, n, method and number of repeats."""
    keys = ["learner", "n", "method", "repeats"]
    numbers = ["at_folds", "at_n", "fitted", "left", "right", "width", "datasets"]
    return covered[covered["metric"] == metric].groupby(keys, sort=False, as_index=False)[numbers].mean()


def _exact(exact: Sequence[ExactCoverage]) -> Iterator[Gate]:
    wrong = max(abs(each.corrected - 0.95) for each in exact)
    yield Gate("exact tier: corrected covers 0.95 to within 0.005", wrong, wrong <= 0.005)
    wrong = max(abs(each.uncorrected - each.expected) for each in exact)
    yield Gate("exact tier: uncorrected covers what theory says to within 0.01", wrong, wrong <= 0.01)


def _learners(covered: pd.DataFrame) -> Iterator[Gate]:
    corrected = pooled(covered)
    corrected = corrected[corrected["method"] == "corrected"]
    for learner, rows in corrected.groupby("learner", sort=False):
        for name, chosen, limit in (
            ("corrected covers at least 0.93 at n of 500 and more", rows["n"] >= 500, 0.93),
            ("corrected covers at least 0.85 at n = 100", rows["n"] == 100, 0.85),
        ):
            if chosen.any():
                worst = float(rows.loc[chosen, "at_folds"].min())
                yield Gate(name, worst, worst >= limit, str(learner))


def _sizes(rejected: pd.DataFrame) -> Iterator[Gate]:
    by_n = rejected[rejected["tier"] == "learners"].groupby(["n", "repeats"])["corrected"].mean()
    worst = float(by_n.max())
    yield Gate("corrected test rejects a true null in at most 0.06", worst, worst <= 0.06)


def _negative_controls(covered: pd.DataFrame, rejected: pd.DataFrame) -> Iterator[Gate]:
    many = pooled(covered)
    many = many[many["repeats"] == MOST_REPEATS]
    for method in ("uncorrected z", "uncorrected t over repeats"):
        best = float(many.loc[many["method"] == method, "at_folds"].max())
        yield Gate(f"negative control: {method} covers less than 0.60 at 10 repeats", best, best < 0.60)
    often = rejected[rejected["repeats"] == MOST_REPEATS].groupby("n")["uncorrected"].mean()
    yield Gate(
        "negative control: uncorrected paired t rejects a true null in more than 0.40 at 10 repeats",
        float(often.min()),
        bool(often.min() > 0.40),
    )
