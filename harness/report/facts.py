"""Nested facts, such as a card or the description of a machine, as a table of two columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.report.table import Table


def facts_table(facts: Mapping[str, Any], title: str = "") -> Table:
    """Lays out nested mappings as a row for each fact.

    Args:
        facts: Names and values; values may be mappings and lists. What is None or empty is left out.
        title: One line above the table.

    Returns:
        Columns "what" and "value"; a nested name is written "outer.inner".

    Example:
        >>> facts_table({"rows": 208, "protocol": {"folds": 10}, "licence": None}).rows
        (('rows', '208'), ('protocol.folds', '10'))
    """
    return Table(("what", "value"), tuple(_rows(facts, "")), title)


def _rows(facts: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in facts.items():
        if isinstance(value, Mapping):
            yield from _rows(value, f"{prefix}{name}.")
        elif isinstance(value, list | tuple) and any(isinstance(item, Mapping | str) for item in value):
            yield from _items(f"{prefix}{name}", value)
        elif value not in (None, "", [], ()):
            yield f"{prefix}{name}", _text(value)


def _items(name: str, items: list[Any] | tuple[Any, ...]) -> Iterator[tuple[str, str]]:
    """Short words in one row, sentences and records in a row each."""
    if all(isinstance(item, str) and len(item) < 30 for item in items):
        yield name, ", ".join(items)
        return
    for item in items:
        yield _record(name, item) if isinstance(item, Mapping) else (name, str(item))


def _record(name: str, record: Mapping[str, Any]) -> tuple[str, str]:
    """A record with a code under that code."""
    if "code" in record:
        return f"{name}.{record['code']}", " ".join(str(value) for key, value in record.items() if key != "code")
    return name, ", ".join(f"{key}={_text(value)}" for key, value in record.items())


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)
