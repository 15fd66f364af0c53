"""What each column of a table is for: to be predicted, to group rows by, to predict from, or nothing."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from harness.errors import DataError, unknown_name_message

DUPLICATES = "duplicates"
"""In place of a column to group by: rows with equal features belong together."""


@dataclass(frozen=True)
class Roles:
    """The columns of a table by what they are for.

    Attributes:
        targets: What is to be predicted.
        group: Rows of equal value here stay on one side of a split; or None.
        features: All others but those left out, in their order.
    """

    targets: list[str]
    group: str | None
    features: list[str]


def assign_roles(
    names: Sequence[str],
    where: str,
    target: str | int | Sequence[str | int],
    groups: str | int | None = None,
    leave_out: Sequence[str | int] = (),
    hint: str = "",
) -> Roles:
    """Finds the columns that a caller means.

    Args:
        names: The columns.
        where: What messages call the table.
        target: The column to predict, by name or position; or several.
        groups: A column, by name or position, or "duplicates", which is no column unless one is called so.
        leave_out: Columns that are no features, such as the name of a row, by name or position.
        hint: Added to the message where a column is not found.

    Raises:
        DataError: No such column, or one that is to be two things.

    Example:
        >>> assign_roles(["file", "width", "kind"], "rows.csv", "kind", leave_out=["file"]).features
        ['width']
    """

    def find(column: str | int, role: str) -> str:
        return _find(names, column, role, where, hint)

    targets = [find(column, "target") for column in ([target] if isinstance(target, str | int) else target)]
    if not targets:
        raise DataError(f"{where}: no target given; name one of {', '.join(_nearest('', names))}")
    by_duplicates = groups == DUPLICATES and DUPLICATES not in names
    group = None if groups is None or by_duplicates else find(groups, "group")
    unused = [find(column, "left-out") for column in leave_out]
    features = [name for name in names if name not in (*targets, *unused, group)]
    _check(where, targets, group, unused, features)
    return Roles(targets, group, features)


def _find(names: Sequence[str], column: str | int, role: str, where: str, hint: str) -> str:
    """The name of a column given by name or position."""
    if column in names:
        return str(column)
    try:
        return names[int(column)]
    except (ValueError, IndexError):
        message = unknown_name_message(f"{role} column", str(column), _nearest(str(column), names))
        raise DataError(f"{where}: {message}{hint}") from None


def _nearest(name: str, names: Sequence[str], most: int = 30) -> Sequence[str]:
    """The names worth showing: all of them, or those most like the one that was asked for."""
    return names if len(names) <= most else difflib.get_close_matches(name, names, n=most, cutoff=0.0)


def _check(where: str, targets: list[str], group: str | None, unused: list[str], features: list[str]) -> None:
    if len(set(targets)) < len(targets):
        raise DataError(f"{where}: a target is named twice in {', '.join(targets)}")
    if group in targets:
        raise DataError(f"{where}: column {group!r} cannot be both target and group")
    for name in unused:
        if name in (*targets, group):
            raise DataError(f"{where}: column {name!r} cannot be left out, for it is the target or the group")
    if not features:
        raise DataError(f"{where}: no feature column is left beside {', '.join(targets)}; wrong delimiter?")
