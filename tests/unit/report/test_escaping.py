from __future__ import annotations

import pytest

from harness.report.latex import escape_latex
from harness.report.markdown import escape_markdown


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("net_a & b", r"net\_a \& b"),
        ("5% of $3", r"5\% of \$3"),
        ("\\input{x}", r"\textbackslash{}input\{x\}"),
        ("a ~ b^2 # {c}", r"a \textasciitilde{} b\textasciicircum{}2 \# \{c\}"),
        ("10×3", r"10$\times$3"),
        ("two\nlines", "two lines"),
    ],
)
def test_latex_sees_no_command_in_a_label(text: str, written: str) -> None:
    assert escape_latex(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("net_a", "net_a"),
        ("_net_", r"\_net\_"),
        ("<img src=x>", r"\<img src=x\>"),
        ("[a](b)", r"\[a\](b)"),
        ("`code` *b*", r"\`code\` \*b\*"),
        ("two\nlines", "two lines"),
    ],
)
def test_markdown_sees_no_markup_in_a_label(text: str, written: str) -> None:
    assert escape_markdown(text) == written
