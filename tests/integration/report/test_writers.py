"""Reports in the other formats."""

from __future__ import annotations

import csv
import io
import json

import pytest
from scipy import stats

from harness.errors import UnknownNameError, UsageError
from harness.reporting import render_report


@pytest.fixture
def two(make_run):
    return [make_run("net_a", skill=0.3), make_run("net_b", skill=2.0)]


def test_markdown_has_question_answer_tables_and_command(two) -> None:
    lines = render_report(two, "md").splitlines()
    assert lines[0] == "## Which of 2 models is best on sonar?"
    assert lines[2].startswith("**On sonar, net_b is better than net_a in accuracy")
    assert sum(line.startswith("python -m harness evaluate net_") for line in lines) == 2
    assert any(line.startswith("| net_b − net_a |") for line in lines)


def test_markdown_of_one_run_has_its_line_and_every_metric(make_run) -> None:
    text = render_report([make_run("net_a")], "md")
    assert all(f"| {name} |" in text for name in ("accuracy", "roc_auc", "mcc", "log_loss"))
    assert "corrected for fold overlap" in text


def test_markdown_of_one_model_looks_into_its_classes(make_run) -> None:
    text = render_report([make_run("net_a")], "md")
    titles = ("Each class, over the 90 rows", "Confusion matrix", "Calibration", "Where the spread of accuracy")
    assert all(f"**{title}" in text for title in titles)


def test_markdown_of_several_models_folds_their_classes_away(two) -> None:
    text = render_report(two, "md")
    assert text.count("<details><summary>net_") == 2
    assert text.count("Each class, over the 90 rows") == 2


def test_json_looks_into_classes(two) -> None:
    details = json.loads(render_report(two, "json"))["runs"][0]["details"]
    assert details["confusion"] == two[0].confusion_matrix().to_numpy().tolist()


def test_latex_has_a_booktabs_table_with_as_many_cells_in_every_row(two) -> None:
    lines = render_report(two, "latex").splitlines()
    rows = [line for line in lines if line.endswith(r" \\")]
    columns = next(line for line in lines if line.startswith(r"\begin{tabular}"))[len(r"\begin{tabular}{") : -1]
    assert r"\toprule" in lines
    assert {row.count(" & ") + 1 for row in rows[:3]} == {len(columns)}


def test_csv_has_every_number_unrounded(two) -> None:
    rows = list(csv.DictReader(io.StringIO(render_report(two, "csv"))))
    assert len(rows) == 10
    assert float(rows[0]["mean"]) == two[0].to_dict()["metrics"]["accuracy"]["mean"]


def test_a_name_that_a_spreadsheet_would_run_is_prefixed_in_csv(make_run) -> None:
    text = render_report([make_run("net_a", dataset="=HYPERLINK(1)")], "csv")
    assert "'=HYPERLINK(1)" in text


def test_the_interval_in_json_follows_from_its_own_scores(two) -> None:
    record = json.loads(render_report(two, "json"))
    entry = record["runs"][0]["metrics"]["accuracy"]
    scores = entry["scores"]
    scale = stats.tstd(scores) * (1 / len(scores) + 1 / 3) ** 0.5
    low, high = stats.t.interval(0.95, len(scores) - 1, sum(scores) / len(scores), scale)
    assert entry["ci"] == pytest.approx([low, high], rel=1e-12)
    assert record["comparison"]["verdict"] == record["answer"]


def test_the_level_is_that_of_every_interval(make_run) -> None:
    record = json.loads(render_report([make_run("net_a")], "json", level=0.8))
    assert {entry["ci_level"] for entry in record["runs"][0]["metrics"].values()} == {0.8}


def test_an_unknown_format_is_an_error(make_run) -> None:
    with pytest.raises(UnknownNameError, match="Unknown format 'pdf'"):
        render_report([make_run("net_a")], "pdf")


def test_a_report_of_nothing_is_an_error() -> None:
    with pytest.raises(UsageError, match="at least one run"):
        render_report([])
