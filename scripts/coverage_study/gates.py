"""What the study must show before the intervals may be called honest, and what must fail for it to be a test."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from .exact import ExactCoverage

MOST_REPEATS = 10
METRICS = {"error": "error rate", "auc": "AUC"}
AT_LEAST = "corrected interval of the {metric} covers at least {limit} at {where}"
DEMANDS = ((500, float("inf"), 0.93, "n of 500 and more"), (100, 100, 0.85, "n = 100"))
"""Least and greatest n, coverage that is demanded there, and how to say it."""

UNMET = frozenset(
    {
        (AT_LEAST.format(metric="error rate", limit=0.93, where="n of 500 and more"), "1-nn"),
        (AT_LEAST.format(metric="AUC", limit=0.85, where="n = 100"), "wide lda"),
    }
)
"""The demands that are known not to be met, by name and learner; `docs/statistics.md` says why."""


@dataclass(frozen=True)
class Gate:
    """One demand.

    Attributes:
        name: What is demanded.
        value: What was found: of what the demand is about, the mean that is worst.
        met: Whether it is met.
        where: Which learner the value belongs to, or "".
        worst: The worst of the single settings behind it; None where there are none.
        cell: Which setting that is, or "".
    """

    name: str
    value: float
    met: bool
    where: str = ""
    worst: float | None = None
    cell: str = ""

    def __str__(self) -> str:
        where = f" [{self.where}]" if self.where else ""
        worst = "" if self.worst is None else f" (worst cell {self.worst:.3f}, {self.cell})"
        return f"{'met    ' if self.met else 'NOT MET'} {self.name}{where}: {self.value:.3f}{worst}"


def check(exact: Sequence[ExactCoverage], covered: pd.DataFrame, rejected: pd.DataFrame) -> list[Gate]:
    """Checks every demand.

    Demands on learners are about the mean coverage of the expected score at n(k-1)/k, over folds and prevalences,
    of each learner, number of rows and number of repeats; the worst of these means counts. Beside it stands the
    worst single setting, on which nothing is demanded: it is the least of many, each with an error of its own.

    Args:
        exact: The exact tier.
        covered: A row a setting, method, metric and number of repeats.
        rejected: A row a setting and number of repeats.
    """
    return [
        *(_exact(exact) if exact else ()),
        *(gate for metric in METRICS for gate in _learners(covered, metric)),
        *_sizes(rejected),
        *_negative_controls(covered, rejected),
    ]


def unmet(gates: Iterable[Gate]) -> frozenset[tuple[str, str]]:
    """Name and learner of each demand that is not met."""
    return frozenset((gate.name, gate.where) for gate in gates if not gate.met)


def pooled(covered: pd.DataFrame, metric: str = "error") -> pd.DataFrame:
    """A row a learner, n, method and number of repeats: means over folds and prevalences.

    Beside them "cells", the number of settings, and "worst", the least coverage of one.
    """
    keys = ["learner", "n", "method", "repeats"]
    numbers = ["at_folds", "at_n", "fitted", "left", "right", "width", "datasets"]
    groups = covered[covered["metric"] == metric].groupby(keys, sort=False, as_index=False)
    coverage = groups["at_folds"].agg(["min", "count"])
    # Rounded, so that the digits printed do not hang on the order in which numbers are added.
    return groups[numbers].mean().round(6).assign(worst=coverage["min"], cells=coverage["count"])


def _exact(exact: Sequence[ExactCoverage]) -> Iterator[Gate]:
    wrong = max(abs(each.corrected - 0.95) for each in exact)
    yield Gate("exact tier: corrected covers 0.95 to within 0.005", wrong, wrong <= 0.005)
    wrong = max(abs(each.uncorrected - each.expected) for each in exact)
    yield Gate("exact tier: uncorrected covers what theory says to within 0.01", wrong, wrong <= 0.01)


def _learners(covered: pd.DataFrame, metric: str) -> Iterator[Gate]:
    cells = covered[(covered["metric"] == metric) & (covered["method"] == "corrected")]
    for learner, own in cells.groupby("learner", sort=False):
        for least, greatest, limit, where in DEMANDS:
            chosen = own[(own["n"] >= least) & (own["n"] <= greatest)]
            if len(chosen):
                worst = float(pooled(chosen, metric)["at_folds"].min())
                name = AT_LEAST.format(metric=METRICS[metric], limit=limit, where=where)
                cell = chosen.loc[chosen["at_folds"].idxmin()]
                yield Gate(name, worst, worst >= limit, str(learner), float(cell["at_folds"]), _cell(cell))


def _sizes(rejected: pd.DataFrame) -> Iterator[Gate]:
    for learner, own in rejected.groupby("learner", sort=False):
        worst = float(own.groupby(["n", "repeats"])["corrected"].mean().round(6).max())
        cell = own.loc[own["corrected"].idxmax()]
        yield Gate(
            "corrected test tells two equal models apart in at most 0.06",
            worst,
            worst <= 0.06,
            str(learner),
            float(cell["corrected"]),
            _cell(cell),
        )


def _negative_controls(covered: pd.DataFrame, rejected: pd.DataFrame) -> Iterator[Gate]:
    many = covered[(covered["repeats"] == MOST_REPEATS) & (covered["metric"] == "error")]
    for method in ("uncorrected z", "uncorrected t over repeats"):
        own = many[many["method"] == method]
        best, cell = float(pooled(own)["at_folds"].max()), own.loc[own["at_folds"].idxmax()]
        name = f"negative control: {method} covers less than 0.60 at 10 repeats"
        yield Gate(name, best, best < 0.60, "", float(cell["at_folds"]), _cell(cell))
    own = rejected[rejected["repeats"] == MOST_REPEATS]
    least, cell = float(own.groupby("n")["uncorrected"].mean().min()), own.loc[own["uncorrected"].idxmin()]
    yield Gate(
        "negative control: uncorrected paired t tells two equal models apart in more than 0.40 at 10 repeats",
        least,
        least > 0.40,
        "",
        float(cell["uncorrected"]),
        _cell(cell),
    )


def _cell(row: pd.Series[Any]) -> str:
    """A setting in a few letters."""
    return f"n={row['n']}, {row['folds']} folds, prevalence {row['prevalence']:g}, r={row['repeats']}"
