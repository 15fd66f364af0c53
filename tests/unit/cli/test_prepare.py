from __future__ import annotations

import json
from pathlib import Path

import pytest

import harness.data
from harness.data import list_datasets
from harness.errors import DataError

Calls = list[dict[str, object]]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Calls of a `prepare` that fetches nothing and fails for pima unless agreed to."""
    made: Calls = []

    def prepare(name: str, **arguments: object) -> Path | None:
        made.append({"name": name, **arguments})
        if name == "pima" and not arguments["yes"]:
            raise DataError("pima is not downloaded without consent")
        return None if name == "linear" else Path(f"/data/{name}.csv")

    monkeypatch.setattr(harness.data, "prepare", prepare)
    return made


def test_one_data_set_is_prepared(invoke, calls: Calls) -> None:
    result = invoke("prepare", "pima", "--yes", "--data-dir", "/data", "--format", "json")
    assert json.loads(result.stdout) == [{"name": "pima", "file": "/data/pima.csv", "sha256": "as on the card"}]
    assert (calls[0]["data_dir"], calls[0]["yes"]) == ("/data", True)


def test_nobody_is_asked_where_nobody_sits(invoke, calls: Calls) -> None:
    result = invoke("prepare", "pima")
    assert (result.exit_code, result.stderr) == (2, "Error: pima is not downloaded without consent\n")
    assert calls[0]["confirm"] is None


def test_all_data_sets_are_prepared_by_default_and_failures_are_told(invoke, calls: Calls) -> None:
    result = invoke("prepare", "--format", "json")
    assert [call["name"] for call in calls] == list_datasets()
    assert {record["name"] for record in json.loads(result.stdout)} == set(list_datasets()) - {"pima"}
    assert (result.exit_code, result.stderr) == (2, "Error: pima is not downloaded without consent\n")


def test_what_needs_no_file_says_so(invoke, calls: Calls) -> None:
    assert "needs no file" in invoke("prepare", "linear").stdout


def test_a_shipped_file_is_checked(invoke) -> None:
    (record,) = json.loads(invoke("prepare", "sonar", "--format", "json").stdout)
    assert Path(record["file"]).is_file()
