from __future__ import annotations

import csv
import io
import json
from types import SimpleNamespace

import pytest

from harness.evaluation import Evaluation


@pytest.fixture(autouse=True)
def without_keras(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans are real; only the model is not built."""

    def of(plan):
        return SimpleNamespace(plan=plan, engine=SimpleNamespace(name="fit"), engine_reason="It was asked for.")

    monkeypatch.setattr(Evaluation, "of", of)


def test_a_dry_run_trains_nothing(invoke, evaluate) -> None:
    assert invoke("evaluate", "sonar_dropout", "--dry-run").exit_code == 0
    assert evaluate.calls == []


def test_json_tells_what_would_be_trained(invoke) -> None:
    options = ["-k", "5", "-r", "2", "--init-seeds", "3", "--epochs", "7", "-a", "units=[4]", "--format", "json"]
    plan = json.loads(invoke("evaluate", "sonar_dropout", "--dry-run", *options).stdout)
    assert (plan["n"], plan["scheme"], plan["trainings"]) == (208, "stratified", 30)
    assert (plan["epochs"], plan["batch_size"], plan["seed"]) == (7, 16, 7)
    assert (plan["engine"], plan["engine_reason"]) == ("fit", "It was asked for.")
    assert plan["preprocessing"] == ["StandardScaler"]
    assert plan["arguments"] == {"units": "[4]"}
    assert any(warning.startswith("sorted_by_class") for warning in plan["warnings"])


def test_every_split_has_its_sizes_and_classes(invoke) -> None:
    plan = json.loads(invoke("evaluate", "sonar_dropout", "--dry-run", "--format", "json").stdout)
    assert [(split["repeat"], split["fold"]) for split in plan["splits"]] == [(0, fold) for fold in range(10)]
    assert all(split["train"] + split["test"] == 208 for split in plan["splits"])
    assert sum(split["test_classes"]["M"] for split in plan["splits"]) == 111
    assert all(sum(split["test_classes"].values()) == split["test"] for split in plan["splits"])


def test_several_models_have_a_plan_each(invoke) -> None:
    text = invoke("evaluate", "sonar_*", "--dry-run", "--format", "json").stdout
    assert [plan["model"] for plan in json.loads(text)] == [
        "sonar_baseline",
        "sonar_dropout",
        "sonar_dropout_hidden",
    ]


def test_csv_has_a_row_for_each_split(invoke) -> None:
    text = invoke("evaluate", "sonar_dropout", "-k", "3", "--dry-run", "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["fold"] for row in rows] == ["0", "1", "2"]
    assert sum(int(row["test R"]) for row in rows) == 97


def test_the_table_shows_plan_and_splits(invoke) -> None:
    text = invoke("evaluate", "multi_output_mlp", "-k", "4", "-r", "1", "--dry-run").stdout
    assert text.startswith("Plan of multi_output_mlp on multi_output\n")
    assert text.splitlines()[-1].split() == ["multi_output_mlp", "0", "3", "750", "250"]


def test_many_classes_are_not_counted_in_the_table(invoke, monkeypatch) -> None:
    from harness.cli import _plan

    monkeypatch.setattr(_plan, "MOST_CLASSES", 1)
    assert "test M" not in invoke("evaluate", "sonar_dropout", "--dry-run").stdout


def test_too_small_a_class_is_named_before_anything_is_trained(invoke) -> None:
    result = invoke("evaluate", "sonar_dropout", "-k", "100", "--dry-run")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: Class 'R' has 97 rows, fewer than the 100 folds")
