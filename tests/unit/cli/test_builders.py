from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness.cli._builders import Argument, builder_arguments

SOURCE = '''
raise RuntimeError("this module must not be imported")

def net(input_shape, units=(60, 30), /, rate: float = 0.2, *, seed, name="net", **rest):
    """Builds it.

    Args:
        input_shape: `(features,)`.
        rate: Share of units to drop,
            in [0, 1).
        name: Name: of the model.

    Returns:
        seed: not an argument.
    """
'''


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "builders_under_test.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    return "builders_under_test"


def test_arguments_are_read_from_the_source_without_importing_it(module: str) -> None:
    assert builder_arguments(f"{module}:net") == [
        Argument("input_shape", None, "`(features,)`."),
        Argument("units", "(60, 30)"),
        Argument("rate", "0.2", "Share of units to drop, in [0, 1)."),
        Argument("seed", None),
        Argument("name", "'net'", "Name: of the model."),
    ]
    assert module not in sys.modules


@pytest.mark.parametrize("builder", ["builders_under_test:other", "no_such_module_at_all:net", "math:sqrt"])
def test_what_has_no_source_has_no_arguments(module: str, builder: str) -> None:
    assert builder_arguments(builder) == []
