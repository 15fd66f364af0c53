"""Makes any text safe to print in a line."""

from __future__ import annotations

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def printable(text: str) -> str:
    """Joins the lines of a text, and replaces control characters, which a terminal would obey, by "?".

    Example:
        >>> printable("a\\nb\\x1b[31mc")
        'a b?[31mc'
    """
    line = " ".join(text.split())
    return "".join(character if character.isprintable() else "?" for character in line)


def safe_for_spreadsheets(text: str) -> str:
    """Puts an apostrophe before text that a spreadsheet would run as a formula, as OWASP advises for CSV files.

    Example:
        >>> safe_for_spreadsheets("=HYPERLINK(1)"), safe_for_spreadsheets("cat")
        ("'=HYPERLINK(1)", 'cat')
    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
