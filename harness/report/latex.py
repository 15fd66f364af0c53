"""Tables for LaTeX, in the style of the package booktabs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.report.content import Report
from harness.report.contrast import Contrast
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
    "χ": r"$\chi$",
    "²": "$^2$",
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
        `table` environments: scores; of compared models their differences, and over several data sets the means
        with average ranks and every model against every other. They need `\usepackage{booktabs}` and
        `\usepackage[T1]{fontenc}`.
    """
    first = run_table(report.runs[0]) if len(report.sources) == 1 else report.table
    blocks = [
        r"% Needs \usepackage{booktabs} and \usepackage[T1]{fontenc}",
        _table(first, report.answer, "scores"),
    ]
    if report.contrast is not None:
        blocks += _comparison(report.contrast)
    return "\n".join(blocks)


def _comparison(contrast: Contrast) -> Iterator[str]:
    if contrast.ranks is not None:
        means = f"Mean {contrast.metric} of every model on every data set, and its average rank (1 is best)."
        yield _table(contrast.ranks.means, means, "ranks")
        untested = f" No test: {contrast.ranks.too_few}." if contrast.ranks.too_few else ""
        matrix = f"Mean difference in {contrast.metric}, wins/ties/losses, and p adjusted by Holm.{untested}"
        yield _table(contrast.ranks.matrix, matrix, "matrix")
    yield _table(contrast.table, f"{contrast.caption}.", "differences")
    if contrast.row_tests is not None:
        yield _table(contrast.row_tests, f"{contrast.row_tests.title}.", "mcnemar")


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
