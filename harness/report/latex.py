"""Tables for LaTeX, in the style of the package booktabs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.report.content import Report
from harness.report.table import Cell, Table
from harness.report.tables import run_table
from harness.report.text import printable

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "×": r"$\times$",
    "−": "$-$",
    "±": r"$\pm$",
    "–": "--",
    "…": r"\ldots{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}


def render_latex(report: Report) -> str:
    r"""Writes the report's tables as LaTeX.

    Args:
        report: What it says.

    Returns:
        One or two `table` environments that need `\usepackage{booktabs}` and `\usepackage[T1]{fontenc}`.
    """
    first = run_table(report.runs[0]) if len(report.sources) == 1 else report.table
    blocks = [
        r"% Needs \usepackage{booktabs} and \usepackage[T1]{fontenc}",
        _table(first, report.answer, "scores"),
    ]
    if report.contrast is not None:
        heading = report.contrast.heading.replace("Differences", f"Differences in {report.contrast.metric}")
        caption = f"{heading}."
        blocks.append(_table(report.contrast.table, caption, "differences"))
    return "\n".join(blocks)


def escape_latex(text: str) -> str:
    r"""Makes text stand in LaTeX as it is.

    Example:
        >>> print(escape_latex("net_a: 5% {x}"))
        net\_a: 5\% \{x\}
    """
    return "".join(_ESCAPES.get(character, character) for character in printable(text))


def _table(table: Table, caption: str, name: str) -> str:
    return "\n".join(_lines(table, caption, name)) + "\n"


def _lines(table: Table, caption: str, name: str) -> Iterator[str]:
    columns = "".join("r" if column in table.right else "l" for column in table.columns)
    yield from (r"\begin{table}", r"\centering", rf"\caption{{{escape_latex(caption)}}}", rf"\label{{tab:{name}}}")
    yield from (rf"\begin{{tabular}}{{{columns}}}", r"\toprule", _row(table.columns), r"\midrule")
    yield from (_row(row) for row in table.rows)
    yield from (r"\bottomrule", r"\end{tabular}", r"\end{table}")


def _row(cells: Sequence[Cell]) -> str:
    return " & ".join(escape_latex("" if cell is None else str(cell)) for cell in cells) + r" \\"
