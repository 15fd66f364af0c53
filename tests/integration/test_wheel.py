"""The wheel, installed in an environment of its own and run from another folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CARD_FILES = {".toml", ".csv", ".gz"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for name in ("harness", "zoo", "datasets"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    options = ["--no-deps", "--no-build-isolation", "-q", "-w", str(folder)]
    command = [sys.executable, "-m", "pip", "wheel", *options, str(source)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


class Environment:
    """A virtual environment that borrows the dependencies, but not the project, of the one that runs the tests."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        venv.create(folder, with_pip=False)
        self.python = folder / "bin" / "python"
        self.site = next(folder.glob("lib/python*/site-packages"))
        # A line in a .pth adds the folder alone: the editable install in it is not followed.
        (self.site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"])
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(self.site)
        (self.site / "datasets").mkdir()
        (self.site / "datasets" / "__init__.py").write_text("load_dataset = 'theirs'\n")

    def run(self, *arguments: str, cwd: Path) -> str:
        clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(
            [self.python, *arguments], cwd=cwd, env=clean, capture_output=True, text=True, timeout=240, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment(tmp_path_factory.mktemp("environment"), wheel)


def _tree(package: str, folder: Path, suffixes: set[str]) -> set[str]:
    files = (path for path in folder.rglob("*") if path.suffix in suffixes)
    return {f"{package}/{path.relative_to(folder).as_posix()}" for path in files}


def test_the_wheel_holds_what_the_tree_holds(wheel: Path) -> None:
    code = {".py", ".typed", ".j2", ".css", ".js"}
    expected = (
        _tree("harness", ROOT / "harness", code)
        | _tree("zoo", ROOT / "zoo", code)
        | _tree("harness/_datasets", ROOT / "datasets", CARD_FILES)
    )
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == expected


def test_the_installed_package_is_the_one_that_runs(environment: Environment, tmp_path: Path) -> None:
    found = environment.run("-c", "import harness, zoo; print(harness.__file__, zoo.__file__)", cwd=tmp_path)
    assert all(Path(path).is_relative_to(environment.site) for path in found.split())


def test_it_evaluates_on_shipped_data(environment: Environment, tmp_path: Path) -> None:
    out = environment.run(
        *("-m", "harness", "evaluate", "sonar_dropout", "-k", "2", "--epochs", "1", "-q", "--format", "json"),
        cwd=tmp_path,
    )
    assert json.loads(out)["n"] == 208


@pytest.mark.parametrize("where", ["elsewhere", "in a checkout"])
def test_a_package_named_datasets_is_not_hidden(environment: Environment, tmp_path: Path, where: str) -> None:
    cwd = ROOT if where == "in a checkout" else tmp_path
    assert environment.run("-c", "import datasets; print(datasets.load_dataset)", cwd=cwd).strip() == "theirs"
