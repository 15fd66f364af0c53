"""What a comparison of models adds to a report on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.report.table import Table


@dataclass(frozen=True)
class Difference:
    """A model less another one.

    Attributes:
        name: Which two, such as "net_b − net_a".
        mean: Mean difference over the folds.
        interval: Its confidence interval, or None.
        differences: The difference on each fold, or () for none to be shown.
        distinct: Whether a test, adjusted for all that were made, tells the two apart.
    """

    name: str
    mean: float
    interval: tuple[float, float] | None = None
    differences: Sequence[float] = ()
    distinct: bool = False


@dataclass(frozen=True)
class Contrast:
    """Models compared on the same folds.

    Attributes:
        metric: By which metric.
        level: Level of the intervals.
        rope: Half the width of the region of practical equivalence, or None.
        verdict: The outcome in one sentence.
        warnings: What to know when reading it.
        table: A row for each pair.
        differences: The pairs to be drawn.
        record: The comparison as JSON values.
    """

    metric: str
    level: float
    rope: float | None
    verdict: str
    warnings: Sequence[str]
    table: Table
    differences: Sequence[Difference]
    record: Mapping[str, Any]
