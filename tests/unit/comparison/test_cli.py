"""`harness compare` over finished runs; it trains nothing here."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result

import harness
from harness.errors import UsageError
from harness.run import Run
from harness.statistics.cautions import TUNED

MakeRun = Callable[..., Run]


@pytest.fixture
def runs(make_run: MakeRun) -> list[str]:
    """Ids of a good and two poorer runs."""
    return [make_run(name, skill=skill, n=200).id for name, skill in (("a", 0.95), ("b", 0.6), ("c", 0.62))]


def test_table_ends_in_the_verdict(harness_compare: Callable[..., Result], runs: list[str]) -> None:
    result = harness_compare(*runs)

    assert result.stdout.splitlines()[-1].startswith("On rows, a (0.")
    assert "like the best" in result.stdout
    assert "Warning: Not significant is not equivalent" in result.stderr


def test_runs_are_matched_by_a_pattern(harness_compare: Callable[..., Result], runs: list[str]) -> None:
    result = harness_compare("[ab]-rows-*", "--format", "json")

    assert [model["run"] for model in json.loads(result.stdout)["models"]] == runs[:2]


def test_baseline_need_not_be_named_twice(harness_compare: Callable[..., Result], runs: list[str]) -> None:
    told = json.loads(harness_compare(*runs[:2], "--baseline", runs[2], "--format", "json").stdout)

    assert [(pair["first"], pair["second"]) for pair in told["pairs"]] == [("a", "c"), ("b", "c")]


def test_csv_holds_the_pairs_unrounded(harness_compare: Callable[..., Result], runs: list[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(harness_compare(*runs, "--format", "csv", "--rope", "0.05").stdout)))

    assert [(row["first"], row["second"]) for row in rows] == [("a", "c"), ("a", "b"), ("c", "b")]
    assert float(rows[0]["p_worse"]) + float(rows[0]["p_rope"]) + float(rows[0]["p_better"]) == pytest.approx(1)


def test_markdown_is_two_tables_and_the_verdict(harness_compare: Callable[..., Result], runs: list[str]) -> None:
    text = harness_compare(*runs, "--format", "md").stdout

    assert text.count("| --- |") + text.count("| ---: |") >= 2
    assert text.strip().splitlines()[-1].startswith("On rows,")


def test_level_is_that_of_ci(harness_compare: Callable[..., Result], runs: list[str]) -> None:
    assert json.loads(harness_compare(*runs, "--ci", "0.9", "--format", "json").stdout)["level"] == 0.9


def test_quiet_writes_nothing_to_standard_error(harness_compare: Callable[..., Result], runs: list[str]) -> None:
    assert harness_compare(*runs, "-q").stderr == ""


def test_runs_on_other_folds_end_in_a_usage_error(
    harness_compare: Callable[..., Result], make_run: MakeRun
) -> None:
    ids = [make_run("a").id, make_run("b", folds=4).id]

    result = harness_compare(*ids)

    assert isinstance(result.exception, UsageError)
    assert "folds 5 and 4" in str(result.exception)


def test_every_model_is_judged_on_every_data_set(
    harness_compare: Callable[..., Result], make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def evaluate(model: str, *, dataset: Any, **settings: Any) -> Run:
        return make_run(model, dataset=dataset.name, data=dataset.name, n=40, folds=2)

    monkeypatch.setattr(harness, "evaluate", evaluate)
    result = harness_compare("sonar_[bd]*[et]", "-d", "sonar", "-d", "breast_cancer", "--format", "json")
    told = json.loads(result.stdout)

    assert told["datasets"] == ["sonar", "breast_cancer"]
    assert [(each["model"], each["dataset"]) for each in told["models"]] == [
        (model, dataset) for dataset in told["datasets"] for model in ("sonar_baseline", "sonar_dropout")
    ]
    assert told["ranking"]["too_few"].startswith("too few data sets: 2")


def test_a_key_with_several_values_makes_variants(
    harness_compare: Callable[..., Result], make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def evaluate(model: str, *, dataset: Any, arguments: Any, **settings: Any) -> Run:
        return make_run(model, arguments={name: repr(value) for name, value in arguments.items()})

    monkeypatch.setattr(harness, "evaluate", evaluate)
    arguments = ("-a", "learning_rate=0.01", "-a", "rate=0.5", "-a", "learning_rate=0.1")
    told = json.loads(harness_compare("sonar_dropout", *arguments, "--format", "json").stdout)

    names = ["sonar_dropout(learning_rate=0.01)", "sonar_dropout(learning_rate=0.1)"]
    assert sorted(each["model"] for each in told["models"]) == names
    assert TUNED in told["warnings"]


def test_a_value_given_twice_is_refused(harness_compare: Callable[..., Result]) -> None:
    result = harness_compare("sonar_dropout", "-a", "rate=0.1", "-a", "rate=0.1")

    assert "'rate=0.1' is given twice." in str(result.exception)


def test_over_data_sets_means_pairs_and_matrix_are_shown(
    harness_compare: Callable[..., Result], make_run: MakeRun
) -> None:
    for number in range(6):
        for name, skill in (("good", 0.9), ("poor", 0.6)):
            make_run(name, skill=skill, n=60, folds=2, dataset=f"d{number}", data=f"d{number}")
    text = harness_compare("*-d?-*", "--format", "md").stdout

    assert "| average rank | 1.00 | 2.00 |" in text
    assert "| good − poor |" in text
    assert "6/0/0, p 0.0" in text
    last = text.strip().splitlines()[-1]
    assert last.startswith("Over 6 data sets, good (rank 1.00) is better in accuracy than poor")
