from __future__ import annotations

import subprocess
import sys

import pytest

from harness import memory
from harness.memory import memory_since, peak_memory

pytestmark = pytest.mark.skipif(peak_memory() is None, reason="the system does not tell")


def test_the_peak_is_in_bytes_and_grows_by_what_is_held() -> None:
    program = (
        "from harness.memory import memory_since, peak_memory\n"
        "start = peak_memory()\n"
        "held = bytearray(b'x') * (64 << 20)\n"
        "print(memory_since(start)['growth'] >> 20)\n"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert 55 <= int(told) <= 80


def test_a_system_that_does_not_tell_has_no_growth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "peak_memory", lambda: None)
    assert memory_since(5) is None
    assert memory_since(None) is None
