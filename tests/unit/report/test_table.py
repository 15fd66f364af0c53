from __future__ import annotations

import csv
import io

import pytest
from rich.console import Console

from harness.report.table import Table


def render(table: Table, width: int = 60) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width).print(table.to_rich())
    return stream.getvalue()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_csv_disarms_text_that_a_spreadsheet_would_run(start: str) -> None:
    table = Table(("cell",), ((f"{start}1+1",),))
    assert list(csv.reader(io.StringIO(table.to_csv(), newline="")))[1] == [f"'{start}1+1"]


def test_csv_disarms_column_names() -> None:
    assert Table(("=cmd()",), ()).to_csv() == "'=cmd()\n"


def test_csv_leaves_numbers_as_they_are() -> None:
    table = Table(("a", "b", "c"), ((-0.1234567890123, -3, None),))
    assert table.to_csv() == "a,b,c\n-0.1234567890123,-3,\n"


def test_csv_has_no_word_for_what_is_not_a_number() -> None:
    assert Table(("a", "b"), ((float("nan"), float("inf")),)).to_csv() == "a,b\n,\n"


def test_csv_quotes_commas_and_quotes() -> None:
    assert Table(("a",), (('x, "y"',),)).to_csv() == 'a\n"x, ""y"""\n'


@pytest.mark.parametrize(
    ("cell", "escaped"),
    [
        ("a|b", r"a\|b"),
        ("a\\|b", r"a\\\|b"),
        ("<img src=x onerror=alert(1)>", r"\<img src=x onerror=alert(1)>"),
        ("two\nlines", "two lines"),
        (None, ""),
    ],
)
def test_markdown_escapes_what_would_break_the_table(cell: str | None, escaped: str) -> None:
    assert Table(("h",), ((cell,),)).to_markdown() == f"| h |\n| --- |\n| {escaped} |\n"


def test_markdown_sets_numbers_flush_right_under_a_title() -> None:
    table = Table(("model", "mae"), (("net", "8.18"),), title="Result", right=frozenset({"mae"}))
    assert table.to_markdown() == "**Result**\n\n| model | mae |\n| --- | ---: |\n| net | 8.18 |\n"


def test_the_terminal_takes_no_cell_as_markup() -> None:
    assert "[red]x[/red]" in render(Table(("[b]h[/b]",), (("[red]x[/red]",),)))


def test_the_terminal_gets_no_control_characters() -> None:
    assert "\x1b" not in render(Table(("\x1b[31mh",), (("\x1b[2J",),)))


def test_a_narrow_terminal_wraps_text_without_losing_any() -> None:
    word = "abcdefghij" * 6
    lines = render(Table(("name", "text"), (("net", word),)), width=30).splitlines()
    assert "".join(line[3:].strip() for line in lines[2:]) == word


def test_records_are_laid_out_by_column_and_may_lack_one() -> None:
    table = Table.from_records([{"b": 2, "a": 1}, {"a": 3}], ("a", "b"))
    assert table.rows == ((1, 2), (3, None))
