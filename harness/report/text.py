"""Makes any text safe to print in a line."""

from __future__ import annotations


def printable(text: str) -> str:
    """Joins the lines of a text, and replaces control characters, which a terminal would obey, by "?".

    Example:
        >>> printable("a\\nb\\x1b[31mc")
        'a b?[31mc'
    """
    line = " ".join(text.split())
    return "".join(character if character.isprintable() else "?" for character in line)
