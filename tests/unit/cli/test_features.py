from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import harness
from harness.cli._group import cli

TABLE = pd.DataFrame({"file": ["=1.png", "b.png"], "label": ["cat", "dog"], "f0": np.float32([0.5, -1])})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    received: dict[str, Any] = {}

    def features(model: str, **how: Any) -> pd.DataFrame:
        received.update(how, model=model)
        return TABLE

    monkeypatch.setitem(vars(harness), "features", features)
    return received


def run(*arguments: object, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    with pytest.raises(SystemExit) as end:
        cli(["features", *map(str, arguments)])
    return int(str(end.value.code or 0)), capsys.readouterr().err


def test_options_become_arguments(
    asked: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--layer", "flat", "--pooling", "max", "-a", "units=[3]", "--seed", 7, "-q", "-d", "digits"]
    assert run("mnist-softmax", *options, "-o", tmp_path / "out.csv", capsys=capsys) == (0, "")
    assert (asked["model"], asked["layer"], asked["pooling"]) == ("mnist_softmax", "flat", "max")
    assert (asked["arguments"], asked["seed"], asked["dataset"].name) == ({"units": [3]}, 7, "digits")


def test_a_csv_file_can_be_opened_in_a_spreadsheet(
    asked: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "out.csv"
    code, errors = run("mnist_softmax", "--layer", "x", "-o", path, capsys=capsys)
    assert (code, errors.splitlines()[-1]) == (0, f"Wrote: 2 rows, 3 columns to {path}")
    rows = list(csv.reader(path.read_text().splitlines()))
    assert rows == [["file", "label", "f0"], ["'=1.png", "cat", "0.5"], ["b.png", "dog", "-1.0"]]
    assert [each.name for each in tmp_path.iterdir()] == ["out.csv"]


def test_parquet_keeps_the_table_as_it_is(
    asked: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pyarrow")
    assert run("mnist_softmax", "--layer", "x", "-o", tmp_path / "out.parquet", capsys=capsys)[0] == 0
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "out.parquet"), TABLE)


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("out.xlsx", "Features are written as .parquet or .csv. Received: "),
        ("nowhere/out.csv", "There is no folder to write to. Received: "),
        ("out.parquet", "Writing Parquet needs pyarrow, which is not installed. Received: "),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_computed(
    asked: dict[str, Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    output: str,
    message: str,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    code, errors = run("mnist_softmax", "--layer", "x", "-o", tmp_path / output, capsys=capsys)
    assert (code, asked) == (2, {})
    assert errors.startswith(f"Error: {message}")
    assert errors.count("\n") == 1


def test_features_are_those_of_one_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, errors = run("sonar_*", "--layer", "x", "-o", tmp_path / "out.csv", capsys=capsys)
    assert code == 2
    assert errors.startswith("Error: Features are those of one model. Received: 'sonar_*'")
