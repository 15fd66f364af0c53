"""The page of pictures: every picture is there, is small, and is what it says it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PICTURES = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (DOCS / "pictures.md").read_text(encoding="utf-8"))
BEGINS = {".png": b"\x89PNG", ".gif": b"GIF89a", ".svg": b"<?xml"}


def test_the_page_shows_all_pictures() -> None:
    assert {DOCS / name for name in PICTURES} == set((DOCS / "pictures").iterdir())


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_small_and_of_its_kind(name: str) -> None:
    content = (DOCS / name).read_bytes()
    assert content.startswith(BEGINS[Path(name).suffix])
    assert len(content) < (500_000 if name.endswith(".gif") else 300_000)
