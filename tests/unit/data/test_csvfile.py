"""How a CSV file is cut into cells, and what is said when it cannot be."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from harness.data.csvfile import is_number, read_table
from harness.errors import DataError


def written(folder: Path, content: str | bytes, name: str = "rows.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("cell", ["1", "-1", "+1.5", ".5", "5.", "1e3", "1E-3", "inf", "-Infinity", "007"])
def test_numbers_are_recognised(cell: str) -> None:
    assert is_number(cell)


@pytest.mark.parametrize("cell", ["", "-", ".", "1_000", "1,5", "0x10", "1e", "nan", "١", "1 2", "one", "1.5.2"])
def test_what_only_looks_like_a_number_is_none(cell: str) -> None:
    assert not is_number(cell)


def test_a_cell_of_many_digits_takes_no_time() -> None:
    assert not is_number("1" * 100_000 + "x")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_are_found(tmp_path: Path, delimiter: str) -> None:
    path = written(tmp_path, f"a{delimiter}b\n1{delimiter}2\n")
    assert read_table(path).names == ("a", "b")


def test_semicolons_win_over_decimal_commas(tmp_path: Path) -> None:
    assert read_table(written(tmp_path, "1,5;2,5\n3,5;4,5\n")).rows[0] == ["1,5", "2,5"]


def test_a_delimiter_in_quotes_belongs_to_the_cell(tmp_path: Path) -> None:
    assert read_table(written(tmp_path, 'a,b\n"x, y",2\n')).rows == [["x, y", "2"]]


def test_white_space_around_cells_is_dropped(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, ' a , "b" \n 1 ,\t2 \n'.replace('" ', '"')))
    assert (table.names, table.rows) == (("a", "b"), [["1", "2"]])


def test_the_first_line_is_no_header_if_it_holds_a_number(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "x,1\ny,2\n"))
    assert (table.has_header, table.names, len(table.rows)) == (False, ("x0", "x1"), 2)


def test_columns_without_a_header_can_be_given_names(tmp_path: Path) -> None:
    assert read_table(written(tmp_path, "x,1\ny,2\n"), ("letter", "number")).names == ("letter", "number")


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    assert read_table(written(tmp_path, b"\xef\xbb\xbfa,b\n1,2\n")).names == ("a", "b")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_in_any_way(tmp_path: Path, end: str) -> None:
    assert read_table(written(tmp_path, end.join(["a,b", "1,2", "3,4"]))).rows == [["1", "2"], ["3", "4"]]


def test_empty_lines_are_skipped_but_counted(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "\na,b\n\n1,2\n  \n3,4\n\n"))
    assert (table.rows, table.lines) == ([["1", "2"], ["3", "4"]], [4, 6])


def test_a_row_is_where_it_begins_even_if_a_cell_has_line_breaks(tmp_path: Path) -> None:
    assert read_table(written(tmp_path, 'a,b\n"x\ny",1\nz,2\n')).lines == [2, 4]


def test_line_breaks_in_a_name_become_blanks(tmp_path: Path) -> None:
    assert read_table(written(tmp_path, '"a\nb",c\n1,2\n')).names == ("a b", "c")


def test_compressed_files_are_known_by_their_content(tmp_path: Path) -> None:
    assert read_table(written(tmp_path, gzip.compress(b"a,b\n1,2\n"), "rows.csv")).rows == [["1", "2"]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; expected rows of comma-separated cells"),
        (b" \n\n", "is empty; expected rows of comma-separated cells"),
        (b'""\n', "is empty; expected rows"),
        (b"a,b\n", "holds a header and no rows; line 2 should be the first row"),
        (b"a,b\n\xff,1\n", "is not UTF-8: byte 0xff at offset 4; save it as UTF-8"),
        (b"a,b\n" + "ü".encode("latin-1"), "is not UTF-8: byte 0xfc at offset 4"),
        (b"\xef\xbb\xbfa,b\n\xff,1\n", "is not UTF-8: byte 0xff at offset 7"),
        ("a,b\n1,2\n".encode("utf-16"), "is not UTF-8: byte 0xff at offset 0"),
        (b"a,b\n1,\x002\n", "is no text: byte 0x00 at offset 6"),
        (b"a,b\n1,2\n1,2,3\n", "line 3: 3 cells; expected 2, as above"),
        (b"a,b\n1,2\n1\n", "line 3: 1 cells; expected 2, as above"),
        (b"1,2\n1\n", "line 2: 1 cells; expected 2, as above"),
        (b'a,b\n1,2\n"3,4\n5,6\n', "line 3: unexpected end of data; expected comma-separated cells"),
        (b'a,b\n1,2\n"3"x,4\n', "line 3: ',' expected after '\"'"),
        (b"a,b\n1," + b"9" * 140_000 + b"\n", "line 2: field larger than field limit"),
        (b",b\n0,1\n", "line 1: column 1 has no name; pandas writes"),
        (b"a,,b\n1,2,3\n", "line 1: column 2 has no name$"),
        (b"a,b,a\n1,2,3\n", "line 1: 2 columns are named 'a'; names must differ"),
        (b"a,\x1b[31mb\n1,2\n", r"line 1: the column name '\\x1b\[31mb' has unprintable characters"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0)[:-6], "cannot be read: Compressed file ended"),
        (b"\x1f\x8bnonsense", "cannot be read: "),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(DataError, match=message) as caught:
        read_table(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none.csv does not exist; expected a CSV file"):
        read_table(tmp_path / "none.csv")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder; expected a CSV file"):
        read_table(tmp_path)


def test_names_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has 2 columns; expected 3: a, b, c"):
        read_table(written(tmp_path, "1,2\n"), ("a", "b", "c"))


def test_a_file_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.data.csvfile._MAX_BYTES", 1000)
    with pytest.raises(DataError, match="it unpacks to more than 1000 bytes"):
        read_table(written(tmp_path, gzip.compress(b"1" * 1001)))
