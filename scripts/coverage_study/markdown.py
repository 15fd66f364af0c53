"""The generated part of `docs/statistics.md`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from .exact import DATASETS, ExactCoverage
from .gates import Gate, pooled

BEGIN = "<!-- Written by scripts/coverage.py report: begin -->"
END = "<!-- Written by scripts/coverage.py report: end -->"
NAMES = {
    "lda": "LDA",
    "wide lda": "LDA, p > n",
    "1-nn": "1-NN",
    "subspace": "random subspace",
    "keras mlp": "Keras MLP",
}


def insert(page: Path, text: str) -> None:
    """Puts the text between its markers on a page, leaving the rest as it is.

    Raises:
        ValueError: The page lacks the markers.
    """
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} lacks the lines {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")


def report_text(
    exact: Sequence[ExactCoverage], covered: pd.DataFrame, rejected: pd.DataFrame, gates: Sequence[Gate]
) -> str:
    """Writes tables of all tiers and the gates."""
    learners, networks = (covered[covered["tier"] == tier] for tier in ("learners", "keras"))
    sections = [
        f"**Exact tier** ({DATASETS:,} simulated evaluations each)",
        _exact(exact),
        f"**Learner tier, error rate** ({_datasets(learners)} data sets a setting; means over 5 and 10 folds "
        "and over prevalences 0.5 and 0.1; *worst cell* is the least of these settings)",
        _coverage(learners, "error", most=10),
        "**Learner tier, AUC** (the same data sets)",
        _coverage(learners, "auc", most=10),
        "**Two equal learners** (random subspaces of two seeds: the null hypothesis is true; share of tests at "
        "5 % that tell them apart)",
        _sizes(rejected[rejected["tier"] == "learners"]),
    ]
    if len(networks):
        sections += [
            f"**Keras tier, error rate** ({_datasets(networks)} data sets a setting, 5 folds, prevalence 0.5)",
            _coverage(networks, "error", most=3),
            "**Keras tier, two seeds of the same network**",
            _sizes(rejected[rejected["tier"] == "keras"]),
        ]
    sections += ["**Gates**", _gates(gates)]
    return "\n\n".join(sections) + "\n"


def _exact(exact: Sequence[ExactCoverage]) -> str:
    rows = [
        (
            f"{each.folds}×{each.repeats}",
            f"{each.corrected:.4f}",
            f"{each.uncorrected:.4f}",
            f"{each.expected:.4f}",
        )
        for each in exact
    ]
    return _table(("folds × repeats", "corrected", "uncorrected z", "uncorrected z, theory"), rows)


def _coverage(covered: pd.DataFrame, metric: str, most: int) -> str:
    """A row a learner and n: coverage for every number of repeats, and all else for the most repeats.

    Where a row is the mean of several settings, the worst of them stands beside it.
    """
    cells: dict[tuple[Any, ...], dict[str, Any]] = {
        (each["learner"], each["n"], each["method"], each["repeats"]): each
        for each in _records(pooled(covered, metric))
    }
    settings = list(dict.fromkeys(key[:2] for key in cells))
    repeats = sorted({key[3] for key in cells})
    several = any(each["cells"] > 1 for each in cells.values())
    others = ("conservative", "uncorrected z", "uncorrected t over repeats")
    header = (
        *("learner", "n"),
        *(f"corrected, r={r}" for r in repeats),
        *([f"worst cell, r={most}"] if several else []),
        *(f"{method}, r={most}" for method in others),
        *("truth at n", "fitted model", "truth below / above", "width"),
    )
    rows = [
        (
            *(NAMES[learner], str(n)),
            *(f"{cells[learner, n, 'corrected', r]['at_folds']:.3f}" for r in repeats),
            *([f"{cells[learner, n, 'corrected', most]['worst']:.3f}"] if several else []),
            *(f"{cells[learner, n, method, most]['at_folds']:.3f}" for method in others),
            *_more(cells[learner, n, "corrected", most]),
        )
        for learner, n in settings
    ]
    return _table(header, rows)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False)]


def _more(cell: Mapping[str, Any]) -> tuple[str, ...]:
    misses = f"{cell['left']:.3f} / {cell['right']:.3f}"
    return f"{cell['at_n']:.3f}", f"{cell['fitted']:.3f}", misses, f"{cell['width']:.3f}"


def _sizes(rejected: pd.DataFrame) -> str:
    names = ("corrected", "uncorrected")
    cells = rejected.groupby(["n", "repeats"])[list(names)].mean().round(6).to_dict("index")
    keys: list[Any] = list(cells)
    repeats = sorted({r for _, r in keys})
    header = ("n", *(f"{name}, r={r}" for name in names for r in repeats))
    rows = [
        (str(n), *(f"{cells[n, r][name]:.3f}" for name in names for r in repeats))
        for n in dict.fromkeys(n for n, _ in keys)
    ]
    return _table(header, rows)


def _gates(gates: Iterable[Gate]) -> str:
    rows = [
        (
            gate.name,
            NAMES.get(gate.where, gate.where),
            f"{gate.value:.3f}",
            "met" if gate.met else "**not met**",
            "" if gate.worst is None else f"{gate.worst:.3f} ({gate.cell})",
        )
        for gate in gates
    ]
    return _table(("gate", "learner", "found", "", "worst cell"), rows)


def _datasets(covered: pd.DataFrame) -> str:
    least, most = int(covered["datasets"].min()), int(covered["datasets"].max())
    return str(least) if least == most else f"{least} to {most}"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
