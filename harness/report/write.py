"""Reports as text in any of the formats."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import UnknownNameError, UsageError
from harness.report.content import Report
from harness.report.record import report_record

if TYPE_CHECKING:
    from harness.report.html.page import Figures

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


def write_report(report: Report, output: str = "html", figures: Figures = "auto") -> str:
    """Writes a report in one of the formats.

    Args:
        report: What it says.
        output: "html" (one self-contained page), "md", "latex" (booktabs), "csv" or "json".
        figures: Of the page: "all", "main", "none", or "auto": all up to three models.

    Raises:
        UnknownNameError: No such format.
    """
    if output not in FORMATS:
        raise UnknownNameError("format", output, FORMATS)
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


def _writers() -> dict[str, Callable[[Report], str]]:
    from harness.report.latex import render_latex
    from harness.report.long_table import long_table
    from harness.report.markdown import render_markdown

    return {
        "md": render_markdown,
        "latex": render_latex,
        "csv": lambda report: long_table(report).to_csv(),
        "json": lambda report: json.dumps(report_record(report), indent=2, allow_nan=False) + "\n",
    }
