from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

import zoo
from harness.data import list_datasets
from harness.store import RunStore


def test_models_and_data_sets_are_listed_by_default(invoke) -> None:
    text = invoke("list").stdout
    assert all(name in text for name in ["Models", "Data sets", *zoo.list_models(), *list_datasets()])


@pytest.mark.parametrize(("kind", "names"), [("models", zoo.list_models()), ("datasets", list_datasets())])
def test_json_of_one_kind_is_a_list(invoke, kind: str, names: list[str]) -> None:
    records = json.loads(invoke("list", kind, "--format", "json").stdout)
    assert [record["name"] for record in records] == names


def test_json_of_both_kinds_is_an_object(invoke) -> None:
    assert set(json.loads(invoke("list", "--format", "json").stdout)) == {"models", "datasets"}


def test_a_glob_chooses_by_name(invoke) -> None:
    records = json.loads(invoke("list", "models", "sonar-*", "--format", "json").stdout)
    assert [record["name"] for record in records] == zoo.list_models("sonar_*")


def test_csv_of_both_kinds_has_one_header(invoke) -> None:
    rows = list(csv.DictReader(io.StringIO(invoke("list", "--format", "csv").stdout)))
    kinds = [row["kind"] for row in rows]
    assert kinds == ["models"] * len(zoo.list_models()) + ["datasets"] * len(list_datasets())


def test_markdown_has_a_table_for_each_kind(invoke) -> None:
    text = invoke("list", "--format", "md").stdout
    assert text.startswith("**Models**\n\n| name |")
    assert "\n\n**Data sets**\n\n| name |" in text


@pytest.fixture
def store(tmp_path: Path) -> str:
    folder = tmp_path / "runs"
    with RunStore(folder).open_run("net-1", {"model": "net", "dataset": "sonar"}) as run:
        run.commit((0, 0, 0), "key", {"seconds": 1.0}, {})
        run.finish("finished", {"f1": {"mean": None}, "accuracy": {"mean": 0.83524}}, 12.345)
    return str(folder)


def test_runs_are_listed_with_their_headline(invoke, store: str) -> None:
    (record,) = json.loads(invoke("list", "runs", "--store", store, "--format", "json").stdout)
    started = record.pop("started")
    assert record == {
        "run": "net-1",
        "model": "net",
        "dataset": "sonar",
        "status": "finished",
        "folds": 1,
        "failed": 0,
        "score": "accuracy 0.8352",
        "seconds": 12.3,
    }
    assert started.startswith("20")


def test_a_store_that_is_not_there_has_no_runs_and_is_not_made(invoke, tmp_path: Path) -> None:
    result = invoke("list", "runs", "--store", str(tmp_path / "none"), "--format", "json")
    assert json.loads(result.stdout) == []
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_kind_is_wrong_usage(invoke) -> None:
    assert invoke("list", "metrics").exit_code == 2


@pytest.mark.parametrize("name", ["page.html", "scores.CSV"])
def test_a_file_is_not_taken_for_the_folder_of_runs(invoke, name: str, tmp_path: Path) -> None:
    result = invoke("list", "runs", "--store", str(tmp_path / name))
    assert result.exit_code == 2
    assert "is the folder that keeps the runs" in result.output
    assert not (tmp_path / name).exists()


def test_a_folder_of_runs_may_have_any_name(invoke, store: str) -> None:
    named = Path(store).rename(Path(store).with_suffix(".html"))
    assert len(json.loads(invoke("list", "runs", "--store", str(named), "--format", "json").stdout)) == 1
