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
class Ranks:
    """Models ranked over several data sets.

    Attributes:
        ranks: Average rank of each model, 1 for the best.
        critical_difference: Nemenyi's; None with too few data sets.
        groups: The largest groups of models of which no two are told apart, the best first.
        too_few: Why there is no test, or "".
        means: Mean scores, a row for each data set.
        matrix: Every pair: difference, wins/ties/losses, p.
    """

    ranks: Mapping[str, float]
    critical_difference: float | None
    groups: Sequence[Sequence[str]]
    too_few: str
    means: Table
    matrix: Table


@dataclass(frozen=True)
class Contrast:
    """Models compared on the same folds, or over several data sets.

    Attributes:
        metric: By which metric.
        level: Level of the intervals.
        rope: Half the width of the region of practical equivalence, or None.
        verdict: The outcome in one sentence.
        warnings: What to know when reading it.
        table: A row for each pair.
        row_tests: McNemar's test of each pair of classifiers on one data set; None of others.
        differences: The pairs to be drawn.
        record: The comparison as JSON values.
        ranks: Over several data sets the models' ranks; None on one.
    """

    metric: str
    level: float
    rope: float | None
    verdict: str
    warnings: Sequence[str]
    table: Table
    differences: Sequence[Difference]
    record: Mapping[str, Any]
    ranks: Ranks | None = None
    row_tests: Table | None = None

    @property
    def caption(self) -> str:
        """What a row of the table says, and which difference was declared not to matter."""
        text = f"Differences in {self.metric}, the first model less the second"
        if self.record.get("interval") == "conservative" and self.ranks is None:
            text += "; intervals and tests are conservative, with the degrees of freedom of one repeat"
        if self.rope is None or self.ranks is not None:
            return text
        return (
            f"{text}. ROPE ±{self.rope:g}, declared beforehand: P(rope) is the probability that the difference "
            "lies within it, P(worse) and P(better) that the first model is worse or better by more"
        )

    @property
    def all_drawn(self) -> bool:
        """Whether no pair is left out of the figure."""
        return len(self.differences) == len(self.table.rows)

    @property
    def heading(self) -> str:
        """What the pairs were compared on."""
        return "Differences on the same folds" if self.ranks is None else "Differences over data sets"
