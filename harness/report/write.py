"""Reports as text in any of the formats."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import UnknownNameError, UsageError
from harness.report.content import Report, make_report
from harness.report.tables import scores_table

if TYPE_CHECKING:
    from harness.report.html.page import Figures
    from harness.run import Run

SUFFIXES = {
    ".html": "html",
    ".htm": "html",
    ".md": "md",
    ".markdown": "md",
    ".tex": "latex",
    ".csv": "csv",
    ".json": "json",
}
FORMATS = ("html", "md", "latex", "csv", "json")


def render_report(
    runs: Sequence[Run],
    output: str = "html",
    *,
    rope: float | None = None,
    level: float = 0.95,
    figures: Figures = "auto",
) -> str:
    """Writes a report on finished runs; starts neither TensorFlow nor Keras.

    Args:
        runs: At least one run. Several are compared where they were judged on the same folds.
        output: "html" (one self-contained page), "md", "latex" (booktabs), "csv" or "json".
        rope: Half the width of the region of practical equivalence, in units of the first metric.
        level: Nominal coverage of the intervals, in (0, 1).
        figures: Of the page: "all", "main", "none", or "auto": all up to three models.

    Raises:
        UnknownNameError: No such format.
        UsageError: No run.
    """
    if output not in FORMATS:
        raise UnknownNameError("format", output, FORMATS)
    report = make_report(runs, rope, level)
    if output == "html":
        from harness.report.html.page import render_page

        return render_page(report, figures)
    return _writers()[output](report)


def format_of(path: Path) -> str:
    """The format that a file's suffix asks for.

    Raises:
        UsageError: An unknown suffix.

    Example:
        >>> format_of(Path("table.tex"))
        'latex'
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"A report is written as {', '.join(SUFFIXES)}. Received: '{path}'; use one, or --format")
    return SUFFIXES[suffix]


def report_record(report: Report) -> dict[str, Any]:
    """The report as JSON values."""
    return {
        "question": report.question,
        "answer": report.answer,
        "runs": report.runs,
        "comparison": report.comparison.to_dict() if report.comparison else None,
        "reproduce": {run: how.command for run, how in report.reproductions},
    }


def _writers() -> dict[str, Callable[[Report], str]]:
    from harness.report.latex import render_latex
    from harness.report.markdown import render_markdown

    return {
        "md": render_markdown,
        "latex": render_latex,
        "csv": lambda report: scores_table(report.runs).to_csv(),
        "json": lambda report: json.dumps(report_record(report), indent=2, allow_nan=False) + "\n",
    }
