"""The study's report: every figure as CSV, a table and a picture for `docs/statistics.md`, and the gates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from .analysis import coverages, sizes
from .collecting import Arrays, Collection
from .exact import DESIGNS, ExactCoverage, exact_coverage
from .gates import Gate, check
from .markdown import insert, report_text
from .networks import FOLDS as NETWORK_FOLDS
from .networks import POPULATION as NETWORK_POPULATION
from .networks import REPEATS as NETWORK_REPEATS
from .networks import SIZES as NETWORK_SIZES
from .picture import draw
from .simulation import REPEATS, SETTINGS, Setting

LEAST_DATASETS = 20
"""With fewer data sets a setting is left out: its coverage could be anything."""


def write_report(work: Path, docs: Path) -> bool:
    """Writes coverage.csv, coverage-size.csv, coverage.svg and the generated part of statistics.md.

    Args:
        work: Where simulated data sets are.
        docs: Where the report goes.

    Returns:
        Whether every gate is met.
    """
    exact = [exact_coverage(folds, repeats) for folds, repeats in DESIGNS]
    covered, rejected = _frames(work)
    gates = check(exact, covered, rejected)
    docs.mkdir(parents=True, exist_ok=True)
    covered.round(4).to_csv(docs / "coverage.csv", index=False)
    rejected.round(4).to_csv(docs / "coverage-size.csv", index=False)
    draw(covered, docs / "coverage.svg")
    insert(docs / "statistics.md", report_text(exact, covered, rejected, gates))
    _print(exact, gates)
    return all(gate.met for gate in gates)


def _frames(work: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    covered: list[dict[str, Any]] = []
    rejected: list[dict[str, Any]] = []
    for tier, setting, arrays, repeats in _settings(work):
        about = {"tier": tier, **asdict(setting)}
        covered += [{**about, **asdict(each)} for each in coverages(arrays, setting.folds, repeats)]
        if "differences" in arrays:
            rejected += [
                {**about, **asdict(each)} for each in sizes(arrays["differences"], setting.folds, repeats)
            ]
    return pd.DataFrame(covered), pd.DataFrame(rejected)


def _settings(work: Path) -> Iterator[tuple[str, Setting, Arrays, tuple[int, ...]]]:
    networks = {
        name: Setting("keras mlp", n, NETWORK_FOLDS, NETWORK_POPULATION.prevalence)
        for name, n in NETWORK_SIZES.items()
    }
    tiers = {"learners": {each.name: each for each in SETTINGS}, "keras": networks}
    for tier, settings in tiers.items():
        for name, setting in settings.items():
            arrays = Collection.at(work / tier / f"{name}.npz").read()
            if arrays and len(arrays["at_n"]) >= LEAST_DATASETS:
                yield tier, setting, arrays, (REPEATS if tier == "learners" else (1, NETWORK_REPEATS))


def _print(exact: list[ExactCoverage], gates: list[Gate]) -> None:
    for design in exact:
        print(design)
    for gate in gates:
        print(gate)
