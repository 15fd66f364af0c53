"""McNemar's tests of pairs of classifiers as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.report.numbers import format_p
from harness.report.table import Table


def row_test_table(tests: Sequence[Mapping[str, Any]]) -> Table | None:
    """Lays out McNemar's tests, a row for each pair.

    Args:
        tests: "row_tests" of the JSON object of a comparison.

    Returns:
        Columns pair, rows that only the first and only the second model gets right, χ² with continuity correction,
        the exact p value and Holm's; None without tests.

    Example:
        >>> test = {"first": "a", "second": "b", "n": 90, "only_first": 7, "only_second": 1, "exact_p": 0.0703,
        ...         "statistic": 3.125, "p": 0.0771, "exact_p_holm": 0.0703}
        >>> row_test_table([test]).rows
        (('a − b', '7', '1', '3.12', '0.07', '0.07'),)
    """
    if not tests:
        return None
    columns = ("pair", "only the first right", "only the second right", "χ²", "exact p", "p Holm")
    title = f"McNemar's test on the {tests[0]['n']} rows of one repeat, the models taken as trained"
    return Table(columns, tuple(map(_cells, tests)), title, frozenset(columns[1:]))


def _cells(test: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        f"{test['first']} − {test['second']}",
        *(str(test[side]) for side in ("only_first", "only_second")),
        f"{test['statistic']:.2f}",
        *(format_p(test[name]) for name in ("exact_p", "exact_p_holm")),
    )
