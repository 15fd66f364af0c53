from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from harness import xla

PROGRAM = """
import os
from harness import xla
xla.set_up()
import tensorflow as tf
xla.settle()
print("XLA_FLAGS", os.environ.get("XLA_FLAGS"))
"""
BESIDE = """
import sys
from harness import xla
xla.set_up()
import keras
before = set(sys.modules)
with xla.settling():
    pass
print(sorted(set(sys.modules) - before))
"""


def _run(cache: Path, **environment: str) -> str:
    variables = {**os.environ, "HARNESS_PROGRAM_CACHE": str(cache), **environment}
    variables.pop("TF_XLA_FLAGS", None)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=variables, capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout


def test_programs_are_kept_in_a_folder_of_the_users_own(tmp_path: Path) -> None:
    assert "XLA_FLAGS mine" not in _run(tmp_path / "cache")
    assert list((tmp_path / "cache").glob("*/*.pb"))
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700


def test_settling_beside_something_else_imports_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BESIDE],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env=dict(os.environ),
    )
    assert done.stdout.strip() == "[]"


def test_what_goes_wrong_while_settling_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("unknown flag")

    monkeypatch.setattr(xla, "settle", fail)
    with pytest.raises(RuntimeError, match="unknown flag"), xla.settling():
        pass


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TF_XLA_FLAGS", raising=False)


@pytest.mark.usefixtures("fresh")
def test_a_folder_that_others_can_write_to_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "open").mkdir(mode=0o777)
    (tmp_path / "open").chmod(0o777)
    monkeypatch.setenv(xla.ENVIRONMENT, str(tmp_path / "open"))
    assert xla._programs("2.21.0") is None


@pytest.mark.usefixtures("fresh")
def test_versions_and_flags_have_folders_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(xla.ENVIRONMENT, str(tmp_path))
    folders = {xla._programs("2.21.0"), xla._programs("2.20.0")}
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=true")
    assert len({*folders, xla._programs("2.21.0")}) == 3


@pytest.mark.usefixtures("fresh")
def test_it_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(xla.ENVIRONMENT, "off")
    assert xla._programs("2.21.0") is None


@pytest.mark.usefixtures("fresh")
def test_the_oldest_programs_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(xla.ENVIRONMENT, str(tmp_path))
    monkeypatch.setattr(xla, "_MOST_BYTES", 20)
    folder = xla._programs("2.21.0")
    assert folder is not None
    for age, name in enumerate(["new.pb", "middle.pb", "old.pb"]):
        (folder / name).write_bytes(b"0123456789")
        os.utime(folder / name, (1000 - age, 1000 - age))
    xla._programs("2.21.0")
    assert sorted(path.name for path in folder.iterdir()) == ["middle.pb", "new.pb"]
