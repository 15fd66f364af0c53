from __future__ import annotations

from harness.report.text import printable


def test_lines_are_joined() -> None:
    assert printable("one\n  two\r\n\tthree ") == "one two three"


def test_what_a_terminal_would_obey_is_replaced() -> None:
    assert printable("a\x1b]0;title\x07b\x9b2J") == "a?]0;title?b?2J"


def test_letters_of_any_script_stay() -> None:
    assert printable("größe × 5 – 試験") == "größe × 5 – 試験"
