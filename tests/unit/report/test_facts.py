from __future__ import annotations

from typing import Any

import pytest

from harness.report.facts import facts_table


@pytest.mark.parametrize(
    ("facts", "rows"),
    [
        ({"a": {"b": {"c": 1}}}, [("a.b.c", "1")]),
        ({"yes": True, "no": False, "zero": 0}, [("yes", "yes"), ("no", "no"), ("zero", "0")]),
        ({"none": None, "empty": "", "nothing": [], "void": ()}, []),
        ({"flags": ["avx", "avx2"]}, [("flags", "avx, avx2")]),
        ({"shape": (3, 4)}, [("shape", "3, 4")]),
        ({"notes": ["A sentence of its own, rather long.", "Two."]},
         [("notes", "A sentence of its own, rather long."), ("notes", "Two.")]),
        ({"traps": [{"code": "sorted", "text": "Shuffle it."}]}, [("traps.sorted", "Shuffle it.")]),
        ({"figures": [{"metric": "mae", "mean": 8.1}]}, [("figures", "metric=mae, mean=8.1")]),
    ],
)  # fmt: skip
def test_facts_are_laid_out_in_rows(facts: dict[str, Any], rows: list[tuple[str, str]]) -> None:
    assert list(facts_table(facts).rows) == rows
