from __future__ import annotations

from collections import OrderedDict

import pytest

from harness.engines.vectorized import shared_programs


@pytest.fixture(autouse=True)
def no_programs_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs are shared in a process, and how fast they were decides how many epochs a call runs."""
    monkeypatch.setattr(shared_programs, "_kept", OrderedDict())
