from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from harness.data.units import target_units


def _dataset(units: dict[str, str], *targets: str, task: str = "regression") -> Any:
    return SimpleNamespace(card=SimpleNamespace(units=units), target_names=targets, task=task)


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ({"y1": "mm"}, {"y1": "mm"}),
        ({"a, y1, b": "mm"}, {"y1": "mm"}),
        ({"y0 … y2": "mm; measured twice"}, {"y1": "mm"}),
        ({"y2 … y9": "mm"}, {}),
        ({"z0 … z2": "mm"}, {}),
        ({"y1": "a unit whose name no axis has room for"}, {}),
        ({}, {}),
    ],
)
def test_the_unit_of_a_target_is_found(units: dict[str, str], expected: dict[str, str]) -> None:
    assert target_units(_dataset(units, "y1")) == expected


def test_classes_have_no_unit() -> None:
    assert target_units(_dataset({"y1": "mm"}, "y1", task="binary")) == {}
