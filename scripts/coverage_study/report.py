"""The study's report: every figure as CSV, a table and a picture for `docs/statistics.md`, and the gates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pandas as pd

from .analysis import coverages, sizes
from .collecting import Arrays, Collection
from .exact import DESIGNS, ExactCoverage, exact_coverage
from .gates import UNMET, Gate, check, unmet
from .markdown import insert, report_text
from .networks import FOLDS as NETWORK_FOLDS
from .networks import POPULATION as NETWORK_POPULATION
from .networks import REPEATS as NETWORK_REPEATS
from .networks import SIZES as NETWORK_SIZES
from .picture import draw
from .simulation import REPEATS, SETTINGS, Setting

LEAST_DATASETS = 20
"""With fewer data sets a setting is left out: its coverage could be anything."""
FILES = ("coverage.csv", "coverage-size.csv")


def write_report(work: Path, docs: Path) -> bool:
    """Writes coverage.csv, coverage-size.csv, coverage.svg and the generated part of statistics.md.

    Args:
        work: Where simulated data sets are.
        docs: Where the report goes.

    Returns:
        Whether the gates that are not met are those that are known not to be.
    """
    docs.mkdir(parents=True, exist_ok=True)
    for name, frame in zip(FILES, _frames(work, docs), strict=True):
        frame.round(4).to_csv(docs / name, index=False)
    # What is said follows from the files alone, to the last digit.
    covered, rejected = (pd.read_csv(docs / name) for name in FILES)
    exact = [exact_coverage(folds, repeats) for folds, repeats in DESIGNS]
    gates = check(exact, covered, rejected)
    draw(covered, docs / "coverage.svg")
    insert(docs / "statistics.md", report_text(exact, covered, rejected, gates))
    _print(exact, gates)
    return unmet(gates) == UNMET


def _frames(work: Path, docs: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Coverage and size of every setting: of simulated data sets, or as reported before where there are none."""
    before = [_reported(docs / name) for name in FILES]
    covered: list[dict[str, Any]] = []
    rejected: list[dict[str, Any]] = []
    for tier, setting, arrays, repeats in _settings(work):
        about = {"tier": tier, **asdict(setting)}
        if not arrays:
            covered += before[0].get(tuple(about.values()), [])
            rejected += before[1].get(tuple(about.values()), [])
            continue
        covered += [{**about, **asdict(each)} for each in coverages(arrays, setting.folds, repeats)]
        if "differences" in arrays:
            rejected += [
                {**about, **asdict(each)} for each in sizes(arrays["differences"], setting.folds, repeats)
            ]
    return pd.DataFrame(covered), pd.DataFrame(rejected)


def _reported(path: Path) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
    """The rows of a file by their setting."""
    if not path.is_file():
        return {}
    keys = ["tier", *(field.name for field in fields(Setting))]
    groups = pd.read_csv(path).groupby(keys, sort=False)
    return {key: rows.to_dict("records") for key, rows in groups}


def _settings(work: Path) -> Iterator[tuple[str, Setting, Arrays, tuple[int, ...]]]:
    """Every setting of the study, with its data sets or {} where there are too few."""
    networks = {
        name: Setting("keras mlp", n, NETWORK_FOLDS, NETWORK_POPULATION.prevalence)
        for name, n in NETWORK_SIZES.items()
    }
    tiers = {"learners": {each.name: each for each in SETTINGS}, "keras": networks}
    for tier, settings in tiers.items():
        for name, setting in settings.items():
            arrays = Collection.at(work / tier / f"{name}.npz").read()
            enough = arrays and len(arrays["at_n"]) >= LEAST_DATASETS
            yield (
                tier,
                setting,
                arrays if enough else {},
                (REPEATS if tier == "learners" else (1, NETWORK_REPEATS)),
            )


def _print(exact: list[ExactCoverage], gates: list[Gate]) -> None:
    for design in exact:
        print(design)
    for gate in gates:
        print(gate)
