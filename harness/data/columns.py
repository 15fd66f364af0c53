"""Turns columns of text cells into numbers, categories and labels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harness.data.csvfile import TextTable, has_decimal_comma, is_number
from harness.errors import DataError

if TYPE_CHECKING:
    import numpy.typing as npt

MISSING = frozenset({"", "?", "NA", "N/A", "#N/A", "NaN", "nan", "NULL", "null", "<NA>"})
MOSTLY = 0.9
_INTEGER = re.compile(r"[+-]?(0|[1-9][0-9]{0,17})")
_CODE = re.compile(r"[+-]?0[0-9]+")


def feature_column(table: TextTable, name: str) -> npt.NDArray[Any]:
    """Converts one feature: float64 if all cells that are not missing are numbers, else str objects.

    Missing cells become NaN.

    Raises:
        DataError: An infinite number, or a column of numbers but for a few cells; the message names the cell.
    """
    import numpy as np

    cells = table.column(name)
    odd = [row for row, cell in enumerate(cells) if cell not in MISSING and not is_number(cell)]
    if not odd:
        return _numbers(table, name, cells)
    _refuse_if_mostly_numbers(table, name, cells, odd)
    if all(has_decimal_comma(cells[row]) for row in odd):
        raise DataError(f"{table.at(name, odd[0])}: {cells[odd[0]]!r} has a decimal comma; write decimal points")
    return np.array([np.nan if cell in MISSING else cell for cell in cells], dtype=object)


def target_column(table: TextTable, name: str, *, labels: bool | None) -> npt.NDArray[Any]:
    """Converts one target: int64, float64 or str, as the file has it.

    Args:
        table: The file.
        name: The column.
        labels: Whether the task is classification; None if that is to be inferred.

    Returns:
        Labels keep their form: codes with leading zeros are text, and so are cells in single quotes, as
        ``'-1'``, which are taken off.

    Raises:
        DataError: A missing cell; a cell that is no number where numbers are needed, or where nearly all are.
    """
    import numpy as np

    cells = table.column(name)
    for row, cell in enumerate(cells):
        if cell in MISSING:
            raise DataError(f"{table.at(name, row)}: the target is missing ({cell!r}); leave the row out")
    odd = [row for row, cell in enumerate(cells) if not is_number(cell)]
    if odd and labels is False:
        raise DataError(f"{table.at(name, odd[0])}: {cells[odd[0]]!r} is no number; regression needs numbers")
    if odd and labels is None:
        _refuse_if_mostly_numbers(table, name, cells, odd)
    if odd or (labels is not False and any(map(_CODE.fullmatch, cells))):
        return np.array([_unquoted(cell) for cell in cells])
    if all(map(_INTEGER.fullmatch, cells)):
        return np.array([int(cell) for cell in cells], dtype=np.int64)
    return _numbers(table, name, cells)


def group_column(table: TextTable, name: str) -> npt.NDArray[Any]:
    """Converts a column of group names to str.

    Raises:
        DataError: A missing cell.
    """
    import numpy as np

    cells = table.column(name)
    for row, cell in enumerate(cells):
        if cell in MISSING:
            raise DataError(f"{table.at(name, row)}: the group is missing ({cell!r})")
    return np.array(cells)


def _numbers(table: TextTable, name: str, cells: list[str]) -> npt.NDArray[Any]:
    import numpy as np

    # float() and not a table reader's: it returns the nearest double, so that a file is read bit for bit.
    values = np.array([np.nan if cell in MISSING else float(cell) for cell in cells], dtype=np.float64)
    infinite = np.flatnonzero(np.isinf(values))
    if len(infinite):
        row = int(infinite[0])
        raise DataError(
            f"{table.at(name, row)}: {_short(cells[row])} is infinite; mend the cell or leave it empty"
        )
    return values


def _refuse_if_mostly_numbers(table: TextTable, name: str, cells: list[str], odd: list[int]) -> None:
    present = sum(cell not in MISSING for cell in cells)
    numbers = present - len(odd)
    if numbers >= MOSTLY * present:
        row = odd[0]
        raise DataError(
            f"{table.at(name, row)}: {_short(cells[row])} is no number, as {numbers} of {present} cells of the "
            "column are; mend the cell or leave it empty"
        )


def _unquoted(cell: str) -> str:
    quoted = len(cell) > 2 and cell[0] == cell[-1] == "'"
    return cell[1:-1] if quoted else cell


def _short(cell: str) -> str:
    return repr(cell if len(cell) <= 40 else cell[:40] + "…")
