from __future__ import annotations

from typing import Any

import pytest

from harness.cli._settings import parse_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("1e-3", 0.001),
        ("[120, 60]", [120, 60]),
        ("(120, 60)", (120, 60)),
        ('"3"', "3"),
        ("True", True),
        ("false", False),
        ("null", None),
        ("he_normal", "he_normal"),
        ("", ""),
        ("__import__('os').getcwd()", "__import__('os').getcwd()"),
        ("(" * 300, "(" * 300),
    ],
)
def test_values_are_json_or_literals_or_text(text: str, value: Any) -> None:
    parsed = parse_value(text)
    assert parsed == value
    assert type(parsed) is type(value)
