"""A table of plain cells, and its three ways out: CSV, Markdown, and the terminal."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.report.text import printable, safe_for_spreadsheets

if TYPE_CHECKING:
    from rich.table import Table as RichTable

Cell = str | int | float | None


@dataclass(frozen=True)
class Table:
    """Rows under named columns.

    Args:
        columns: The columns' names.
        rows: One tuple of cells a row, as long as `columns`. Numbers are exported untouched.
        title: One line above the table.
        right: The columns that are set flush right.

    Example:
        >>> table = Table(("model", "accuracy"), (("sonar_dropout", 0.835),))
        >>> print(table.to_csv(), end="")
        model,accuracy
        sonar_dropout,0.835
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    title: str = ""
    right: frozenset[str] = frozenset()

    @classmethod
    def from_records(cls, records: Iterable[Mapping[str, Any]], columns: Sequence[str], title: str = "") -> Table:
        """Lays out mappings as rows, in the order of the columns; a missing key is an empty cell."""
        rows = tuple(tuple(record.get(column) for column in columns) for record in records)
        return cls(tuple(columns), rows, title)

    def to_csv(self) -> str:
        """Writes CSV as RFC 4180 has it, with a header line, but with the line ends of Unix.

        Text that a spreadsheet would run as a formula (it starts with ``= + - @``, a tab or a line end) is
        prefixed with an apostrophe, as OWASP advises against CSV injection.
        """
        return "".join(map(_csv_line, (self.columns, *self.rows)))

    def to_markdown(self) -> str:
        """Writes a table of GitHub Flavored Markdown; pipes, backslashes and tags in cells are escaped."""
        rule = ["---:" if column in self.right else "---" for column in self.columns]
        lines = [_markdown_row(self.columns), f"| {' | '.join(rule)} |", *map(_markdown_row, self.rows)]
        heading = [f"**{_markdown_cell(self.title)}**", ""] if self.title else []
        return "\n".join([*heading, *lines]) + "\n"

    def to_rich(self) -> RichTable:
        """Builds the table for a terminal, without its title; nothing in a cell is taken as markup."""
        from rich import box
        from rich.table import Table as RichTable
        from rich.text import Text

        table = RichTable(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
        for number, column in enumerate(self.columns):
            # Where room is short, the text in the middle is wrapped, not names and numbers.
            right = column in self.right
            name = Text(printable(column))
            table.add_column(
                name, justify="right" if right else "left", overflow="fold", no_wrap=right or not number
            )
        for row in self.rows:
            table.add_row(*[Text(printable(_text(cell))) for cell in row])
        return table


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell)


def _csv_line(cells: Sequence[Cell]) -> str:
    stream = io.StringIO()
    # Line ends inside cells are quoted only where they are part of the writer's own.
    csv.writer(stream, lineterminator="\r\n").writerow([_csv_cell(cell) for cell in cells])
    return stream.getvalue().removesuffix("\r\n") + "\n"


def _csv_cell(cell: Cell) -> Cell:
    if isinstance(cell, float) and not math.isfinite(cell):
        return None
    return safe_for_spreadsheets(cell) if isinstance(cell, str) else cell


def _markdown_row(cells: Sequence[Cell]) -> str:
    return f"| {' | '.join(_markdown_cell(cell) for cell in cells)} |"


def _markdown_cell(cell: Cell) -> str:
    text = printable(_text(cell)).replace("\\", "\\\\")
    return text.replace("|", "\\|").replace("<", "\\<")
