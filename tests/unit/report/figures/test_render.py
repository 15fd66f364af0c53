from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib.figure import Figure

from harness.errors import UsageError
from harness.report.figures._style import described
from harness.report.figures.render import figure_format, render, write_figure


@pytest.mark.parametrize(
    ("kind", "beginning"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")], ids=["svg", "png", "pdf"]
)
def test_each_format_begins_as_it_should(kind: str, beginning: bytes) -> None:
    assert render(Figure(figsize=(1, 1)), kind).startswith(beginning)


def test_an_unknown_suffix_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"\.svg, \.png, \.pdf.*Received: 'roc\.jpg'"):
        figure_format(Path("roc.jpg"))


def test_the_suffix_of_a_file_says_what_is_written(tmp_path: Path) -> None:
    write_figure(Figure(figsize=(1, 1)), tmp_path / "empty.png")
    assert (tmp_path / "empty.png").read_bytes().startswith(b"\x89PNG")


def test_a_description_is_escaped_in_the_svg() -> None:
    svg = render(described(Figure(figsize=(1, 1)), "a < b & c")).decode()
    assert "a &lt; b &amp; c" in svg
