from __future__ import annotations

import functools
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from harness.fingerprint import describe_function, describe_value, source

LIMIT = 3


def _adds(number: Any) -> Callable[[float], float]:
    return lambda x: x + number


def _reads_global(x: int) -> int:
    return x + LIMIT


class Scaler:
    def __init__(self, factor: float) -> None:
        self.factor = factor

    def __call__(self, x: float) -> float:
        return self.factor * x

    def scale(self, x: float) -> float:
        return self.factor * x


def test_equal_code_has_equal_text() -> None:
    assert describe_function(_adds(1)) == describe_function(_adds(1))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (_adds(1), _adds(2)),
        (_adds(_adds(1)), _adds(_adds(2))),
        (_adds(np.zeros(2)), _adds(np.ones(2))),
        (_adds([1]), _adds([2])),
        (functools.partial(_adds, 1), functools.partial(_adds, 2)),
        (Scaler(1.0), Scaler(2.0)),
        (max, min),
        (_adds, _reads_global),
        (Scaler, int),
    ],
    ids=["closure", "nested", "array", "list", "partial", "object", "builtin", "code", "class"],
)
def test_other_code_or_values_have_another_text(one: Any, other: Any) -> None:
    assert describe_function(one) != describe_function(other)


def test_a_global_that_is_read_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    before = describe_function(_reads_global)
    monkeypatch.setattr(sys.modules[__name__], "LIMIT", 4)
    assert describe_function(_reads_global) != before


def test_code_without_a_file_is_told_by_its_instructions() -> None:
    names: dict[str, Any] = {}
    exec("def f(x):\n    return x + 1\ndef g(x):\n    return x + 2", names)  # as typed at a prompt
    assert source(names["f"]) != source(names["g"])


@pytest.mark.parametrize("value", [object(), _adds(1), Scaler(1.0), {"a": object()}])
def test_no_address_in_memory_is_told(value: Any) -> None:
    assert "0x" not in describe_value(value)


def test_the_text_is_the_same_in_another_process() -> None:
    code = "def f(x, k={'b': 2, 'a': 1}):\n    return lambda y: (x, y, 'text')"
    program = f"from harness.fingerprint import describe_function\nexec({code!r})\nprint(describe_function(f))"
    runs = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert runs[0] == runs[1] != ""
