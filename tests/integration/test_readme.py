"""The README's blocks do what they say. (Continuous integration runs the first two as they stand.)"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.cli._group import COMMANDS
from tests.fakes import two_blobs

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.S | re.M)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the blocks run, one after the other as a reader would, in the order of the README."""
    folder = tmp_path_factory.mktemp("readme")
    X, y = two_blobs(40)
    lines = [",".join([*map(str, row), label]) for row, label in zip(X, y, strict=True)]
    (folder / "rows.csv").write_text("\n".join(["a,b,c,d,label", *lines]))
    return folder


def test_python_blocks_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    X, y = two_blobs(40)
    names: dict[str, Any] = {"X": X, "y": y}
    for block in _blocks("python"):
        exec(compile(block, "README.md", "exec"), names)
    assert names["run"].repeats == 3
    assert names["model"].input_shape == (None, 60)


COMMANDS_SHOWN = [block.strip() for block in _blocks("bash")[2:]]
PHOTOGRAPHS = [command for command in COMMANDS_SHOWN if "evaluate pets_cnn" in command]


def run_command(folder: Path, command: str) -> None:
    words = shlex.split(command.replace(".venv/bin/python", sys.executable))
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", COMMANDS_SHOWN)
def test_commands_run(folder: Path, command: str) -> None:
    """The network that learns photographs from nothing is trained for fewer epochs."""
    run_command(folder, command.replace("--epochs 20", "--epochs 2") if command in PHOTOGRAPHS else command)


@pytest.mark.slow
@pytest.mark.parametrize("command", PHOTOGRAPHS)
def test_photographs_are_learned_as_the_command_stands(folder: Path, command: str) -> None:
    assert "--epochs 20" in command
    run_command(folder, command)


def test_every_command_is_listed() -> None:
    listed = set(re.findall(r"^harness ([a-z-]+)", README, re.M))
    assert listed == set(COMMANDS)
