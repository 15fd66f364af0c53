#!/usr/bin/env python
"""Rebuilds the data files that are shipped from the Python packages they come from, or checks them.

    python scripts/rebuild_datasets.py            # rebuild what differs
    python scripts/rebuild_datasets.py --check    # change nothing; exit 1 if a file differs

The packages are downloaded with pip, never installed, and their SHA-256 is checked. One holds a Parquet file:
`pip install pandas pyarrow` first.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

DATASETS = Path(__file__).resolve().parents[1] / "datasets"
MAMMOGRAPHY = ("area", "gray_level", "gradient", "noise", "contrast", "shape_moment", "class")


@dataclass(frozen=True)
class Recipe:
    """How one file is rebuilt.

    Args:
        file: The file, below the folder of the data sets; compressed if it ends in ``.gz``.
        requirement: The package, for pip.
        package_sha256: Of the package's file.
        member: The file inside the package.
        build: Makes the CSV text of the member's bytes.
        text_sha256: Of the CSV text, which unlike its compressed form is the same with every zlib.
    """

    file: str
    requirement: str
    package_sha256: str
    member: str
    build: Callable[[bytes], str]
    text_sha256: str


def sonar(member: bytes) -> str:
    """The 60 numbers with the four decimals of the original file, labels R and M instead of 0 and 1."""
    lines = [",".join([*(f"band_{i}" for i in range(1, 61)), "class"])]
    for row in member.decode("ascii").split():
        *values, label = row.split(",")
        lines.append(",".join([*(f"{float(value):.4f}" for value in values), {"0": "R", "1": "M"}[label]]))
    return "\n".join(lines) + "\n"


def mammography(member: bytes) -> str:
    """The shortest decimals that read back as the same floats, labels as the text '-1' and '1'."""
    import pandas as pd

    frame = pd.read_parquet(io.BytesIO(gzip.decompress(member)))
    labels = frame.pop("Class").map({0.0: "'-1'", 1.0: "'1'"})
    rows = zip(frame.to_numpy().tolist(), labels, strict=True)
    lines = [",".join(MAMMOGRAPHY), *(",".join([*map(repr, values), label]) for values, label in rows)]
    return "\n".join(lines) + "\n"


RECIPES = (
    Recipe(
        file="sonar/sonar.csv",
        requirement="EvoCluster==1.0.6",
        package_sha256="f68e8f96b1525df9cd1fc7da482f3c9ae81d6a9608eab4f7beca071835d9648a",
        member="EvoCluster/datasets/sonar.csv",
        build=sonar,
        text_sha256="9ab7c672e5a1460869c10202c9e19773309b925d40ba38dafe0f39d8aeb4b537",
    ),
    Recipe(
        file="mammography/mammography.csv.gz",
        requirement="unquad==0.8",
        package_sha256="adb9bf33e97ed545d4165aa70ca344f7e3a6fc594287f2152c7f7944d02d6494",
        member="unquad/data/datasets/mammography.parquet.gz",
        build=mammography,
        text_sha256="fa7c428749cb6923e9bec2be9e13429f495e3db6293df48f902b445abc365e4f",
    ),
)


class RebuildError(Exception):
    """A package or a rebuilt file is not what it should be."""


def sha256(data: bytes) -> str:
    """The hex digest."""
    return hashlib.sha256(data).hexdigest()


def download(requirement: str, folder: Path) -> None:
    """Downloads a package's wheel; for a newer Python than may run here, since it is only unpacked."""
    options = ["--no-deps", "--only-binary=:all:", "--python-version", "3.12", "--dest", str(folder)]
    command = [sys.executable, "-m", "pip", "download", "--quiet", *options, requirement]
    if subprocess.run(command, check=False).returncode:
        raise RebuildError(f"{requirement} could not be downloaded; is there a network?")


def find_package(recipe: Recipe, folder: Path) -> Path:
    """The wheel in the folder whose digest is the one expected."""
    name = recipe.requirement.partition("==")[0]
    for wheel in folder.glob(f"{name}-*.whl"):
        if sha256(wheel.read_bytes()) == recipe.package_sha256:
            return wheel
        raise RebuildError(f"{wheel} has another SHA-256 than {recipe.package_sha256}")
    raise RebuildError(f"no wheel of {recipe.requirement} in {folder}")


def rebuild(recipe: Recipe, wheel: Path) -> str:
    """The CSV text, its digest checked."""
    with zipfile.ZipFile(wheel) as package:
        text = recipe.build(package.read(recipe.member))
    if sha256(text.encode()) != recipe.text_sha256:
        raise RebuildError(f"{recipe.file}: rebuilt text has SHA-256 {sha256(text.encode())}")
    return text


def shipped_text(path: Path) -> str | None:
    """The CSV text of a shipped file, or None if there is none."""
    if not path.is_file():
        return None
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode()


def write(path: Path, text: str) -> None:
    """Writes the file; a compressed one without the time, so that it is the same tomorrow."""
    data = text.encode()
    path.write_bytes(gzip.compress(data, compresslevel=9, mtime=0) if path.suffix == ".gz" else data)


def card_agrees(path: Path) -> bool:
    """Whether the card beside a file states the file's digest."""
    card = tomllib.loads((path.parent / "dataset.toml").read_text(encoding="utf-8"))
    return bool(card["source"]["sha256"] == sha256(path.read_bytes()))


def process(recipe: Recipe, datasets: Path, packages: Path, *, check: bool) -> bool:
    """Rebuilds or checks one file, says what was found, and returns whether all is well."""
    path = datasets / recipe.file
    text = rebuild(recipe, find_package(recipe, packages))
    same = shipped_text(path) == text
    if not same and not check:
        write(path, text)
        print(f"{recipe.file}: rebuilt")
    elif not same:
        print(f"{recipe.file}: differs from what {recipe.requirement} gives")
        return False
    agrees = card_agrees(path)
    print(
        f"{recipe.file}: {'good' if agrees else 'the card states another SHA-256'} ({sha256(path.read_bytes())})"
    )
    return agrees


def main(arguments: Sequence[str] | None = None, recipes: Sequence[Recipe] = RECIPES) -> int:
    """Runs the script; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if a file differs")
    parser.add_argument(
        "--packages", type=Path, help="a folder that holds the wheels already: nothing is downloaded"
    )
    parser.add_argument("--datasets", type=Path, default=DATASETS, help="the folder of the data sets")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        packages = options.packages or Path(temporary)
        try:
            for recipe in recipes if options.packages is None else ():
                download(recipe.requirement, packages)
            results = [process(recipe, options.datasets, packages, check=options.check) for recipe in recipes]
        except (RebuildError, ImportError) as error:
            print(f"rebuild_datasets: {error}", file=sys.stderr)
            return 1
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
