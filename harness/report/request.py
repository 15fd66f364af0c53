"""What a report was asked for, and the command that asks for the same."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.report.reproduce import Reproduction
from harness.statistics.intervals import IntervalKind

_LEVEL = 0.95
_KIND: IntervalKind = "corrected"


@dataclass(frozen=True)
class Request:
    """What a report is by.

    Attributes:
        metric: What stands first and is compared by; None for the first run's first metric.
        baseline: The model that the others are compared with; None where every pair is compared.
        rope: Half the width of the region of practical equivalence, in units of the metric; None for none.
        level: Nominal coverage of the intervals, in (0, 1).
        interval: "corrected" or "conservative": which degrees of freedom intervals and tests take.
        custom: Whether that metric is a function of the caller's own, which no command line can name.
    """

    metric: str | None = None
    baseline: str | None = None
    rope: float | None = None
    level: float = _LEVEL
    interval: IntervalKind = _KIND
    custom: bool = False


def report_command(runs: Sequence[str], request: Request) -> Reproduction:
    """Writes the command line that makes a report on the same runs again.

    Args:
        runs: Names of the runs.
        request: What was asked for.

    Example:
        >>> report_command(["net_a-1", "net_b-2"], Request(baseline="net_a", rope=0.01)).command
        'python -m harness report net_a-1 net_b-2 --baseline net_a --rope 0.01 -o report.html'
    """
    words = ["python -m harness report", *map(shlex.quote, runs), *_options(request), "-o report.html"]
    gaps = (f"The metric {request.metric} can only be given in Python.",) if request.custom else ()
    return Reproduction(" ".join(words), gaps)


def _options(request: Request) -> Iterator[str]:
    if request.metric is not None and not request.custom:
        yield f"--metric {shlex.quote(request.metric)}"
    if request.baseline is not None:
        yield f"--baseline {shlex.quote(request.baseline)}"
    if request.rope is not None:
        yield f"--rope {request.rope!r}"
    if request.level != _LEVEL:
        yield f"--ci {request.level!r}"
    if request.interval != _KIND:
        yield f"--interval {request.interval}"
