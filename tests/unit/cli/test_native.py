from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.cli._native import native_stderr_kept, quiet_import

NAME = "loud_module_under_test"


@pytest.fixture
def loud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A module that writes to file descriptor 2 when it is imported, as TensorFlow's C++ does."""
    path = tmp_path / f"{NAME}.py"
    path.write_text("import os\nos.write(2, b'chatter\\n')\nvalue = 3\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield path
    sys.modules.pop(NAME, None)


def test_a_loud_module_is_imported_quietly(loud: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with quiet_import(NAME, show=False):
        module = importlib.import_module(NAME)
    assert module.value == 3
    assert Path(module.__file__) == loud
    assert "Quiet" not in type(module.__spec__.loader).__name__
    assert capfd.readouterr().err == ""


def test_what_it_said_can_be_shown(loud: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with quiet_import(NAME, show=True):
        importlib.import_module(NAME)
    assert capfd.readouterr().err == "chatter\n"


def test_a_notice_comes_before_it(loud: Path) -> None:
    seen: list[bool] = []
    with quiet_import(NAME, show=False, notice=lambda: seen.append(NAME in sys.modules)):
        importlib.import_module(NAME)
    assert len(seen) == 1


def test_a_failing_import_says_all_it_has_to_say(loud: Path, capfd: pytest.CaptureFixture[str]) -> None:
    loud.write_text(loud.read_text() + "raise ImportError('no')\n")
    with quiet_import(NAME, show=False), pytest.raises(ImportError, match="no"):
        importlib.import_module(NAME)
    assert capfd.readouterr().err == "chatter\n"


def test_without_an_import_nothing_is_loaded_or_left_behind(loud: Path) -> None:
    before = list(sys.meta_path)
    with quiet_import(NAME, show=False):
        pass
    assert NAME not in sys.modules
    assert sys.meta_path == before


def test_other_modules_stay_loud(loud: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with quiet_import("another_module", show=False):
        importlib.import_module(NAME)
    assert capfd.readouterr().err == "chatter\n"


def test_standard_error_is_given_back(capfd: pytest.CaptureFixture[str]) -> None:
    with native_stderr_kept(show=False):
        os.write(2, b"kept")
    os.write(2, b"shown")
    assert capfd.readouterr().err == "shown"
