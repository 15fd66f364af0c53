"""Splits a CSV file into named columns of text cells, and says in which line what is wrong."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import os
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.errors import DataError

_GZIP = b"\x1f\x8b"
_MAX_BYTES = 2**31  # what a compressed file may unfold to
# Alternatives that cannot match the same digits: linear in the length of the cell.
_NUMBER = re.compile(r"[+-]?(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|inf|infinity)", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")


@dataclass(frozen=True)
class TextTable:
    """The cells of a CSV file.

    Args:
        path: The file, for messages.
        names: One a column.
        rows: The cells, stripped of white space.
        lines: The line of the file (from 1) that each row begins in.
        has_header: Whether the names were in the file.
    """

    path: str
    names: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]
    has_header: bool

    def column(self, name: str) -> list[str]:
        """The cells of a column."""
        at = self.names.index(name)
        return [row[at] for row in self.rows]

    def at(self, name: str, row: int) -> str:
        """Where a cell stands, for messages."""
        return f"{self.path}, column {name!r}, line {self.lines[row]}"


def is_number(cell: str) -> bool:
    """Whether a cell is a decimal number, infinity included.

    Example:
        >>> is_number("-1.5e3"), is_number("1,5"), is_number("0x10")
        (True, False, False)
    """
    return _NUMBER.fullmatch(cell) is not None


def has_decimal_comma(cell: str) -> bool:
    """Whether a cell is a number written with a decimal comma.

    Example:
        >>> has_decimal_comma("-1,5"), has_decimal_comma("1.5")
        (True, False)
    """
    return _DECIMAL_COMMA.fullmatch(cell) is not None


def read_table(path: str | os.PathLike[str], names: tuple[str, ...] = ()) -> TextTable:
    """Reads a CSV file, plain or gzip-compressed, separated by commas, semicolons or tabs.

    The first line is the header unless one of its cells is a number.

    Args:
        path: The file, UTF-8.
        names: What to call the columns of a file without a header; empty: x0, x1, …

    Returns:
        The table, with one row at least.

    Raises:
        DataError: Not a readable, rectangular UTF-8 table with rows.
    """
    where = os.fspath(path)
    text = _decode(_read(Path(path), where), where)
    lines, rows = _split(text, where)
    has_header = not any(is_number(cell) or has_decimal_comma(cell) for cell in rows[0])
    if has_header:
        names = tuple(" ".join(cell.split()) for cell in rows[0])
        _check_header(names, lines[0], where)
        rows, lines = rows[1:], lines[1:]
    elif len(names) != len(rows[0]):
        if names:
            raise DataError(f"{where} has {len(rows[0])} columns; expected {len(names)}: {', '.join(names)}")
        names = tuple(f"x{i}" for i in range(len(rows[0])))
    if not rows:
        raise DataError(f"{where} holds a header and no rows; line 2 should be the first row")
    _check_widths(rows, lines, names, where)
    return TextTable(where, names, rows, lines, has_header)


def _read(path: Path, where: str) -> bytes:
    try:
        data = path.read_bytes()
        return _unpack(data) if data.startswith(_GZIP) else data
    except FileNotFoundError:
        raise DataError(f"{where} does not exist; expected a CSV file") from None
    except IsADirectoryError:
        raise DataError(f"{where} is a folder; expected a CSV file") from None
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise DataError(f"{where} cannot be read: {error}") from None


def _unpack(data: bytes) -> bytes:
    with gzip.open(io.BytesIO(data)) as file:
        text = file.read(_MAX_BYTES + 1)
    if len(text) > _MAX_BYTES:
        raise ValueError(f"it unpacks to more than {_MAX_BYTES} bytes")
    return text


def _decode(data: bytes, where: str) -> str:
    if not data.strip():
        raise DataError(f"{where} is empty; expected rows of comma-separated cells")
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        byte = data[error.start]
        raise DataError(
            f"{where} is not UTF-8: byte 0x{byte:02x} at offset {error.start}; save it as UTF-8"
        ) from None
    if "\0" in text:
        offset = data.index(0)
        raise DataError(f"{where} is no text: byte 0x00 at offset {offset}; expected a CSV file in UTF-8")
    return text


def _split(text: str, where: str) -> tuple[list[int], list[list[str]]]:
    """The rows that hold anything, with the line each begins in."""
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=_delimiter(text), skipinitialspace=True, strict=True
    )
    lines, rows = [], []
    begin = 1
    try:
        for cells in reader:
            row = [cell.strip() for cell in cells]
            if row not in ([], [""]):
                lines.append(begin)
                rows.append(row)
            begin = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"{where}, line {begin}: {error}; expected comma-separated cells") from None
    if not rows:
        raise DataError(f"{where} is empty; expected rows of comma-separated cells")
    return lines, rows


def _delimiter(text: str) -> str:
    """The first of tab, semicolon and comma that cuts the head of the file into rows of one width."""
    head = list(itertools.islice(_solid_lines(text), 20))
    for delimiter in "\t;,":
        if len(widths := _widths(head, delimiter)) == 1 and widths != {1}:
            return delimiter
    return max(",;\t", key=head[0].count) if head else ","


def _widths(head: list[str], delimiter: str) -> set[int]:
    try:
        return {len(row) for row in csv.reader(head, delimiter=delimiter, skipinitialspace=True)}
    except csv.Error:
        return set()


def _solid_lines(text: str) -> Iterator[str]:
    return (line for line in io.StringIO(text, newline="") if line.strip())


def _check_header(names: tuple[str, ...], line: int, where: str) -> None:
    if "" in names:
        at = names.index("") + 1
        hint = "; pandas writes such a column of row numbers unless told index=False" if at == 1 else ""
        raise DataError(f"{where}, line {line}: column {at} has no name{hint}")
    odd = [name for name in names if not name.isprintable()]
    if odd:
        raise DataError(f"{where}, line {line}: the column name {odd[0]!r} has unprintable characters")
    name, times = Counter(names).most_common(1)[0]
    if times > 1:
        raise DataError(f"{where}, line {line}: {times} columns are named {name!r}; names must differ")


def _check_widths(rows: list[list[str]], lines: list[int], names: tuple[str, ...], where: str) -> None:
    for row, line in zip(rows, lines, strict=True):
        if len(row) != len(names):
            raise DataError(f"{where}, line {line}: {len(row)} cells; expected {len(names)}, as above")
