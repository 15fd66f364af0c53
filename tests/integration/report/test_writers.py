"""Reports in the other formats."""

from __future__ import annotations

import csv
import html
import io
import json
import re

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import f1_score

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


@pytest.mark.parametrize("output", ["md", "latex"])
def test_the_pairs_say_how_wide_the_rope_is(two, output: str) -> None:
    assert "ROPE ±0.02, declared beforehand".replace("±", r"$\pm$" if output == "latex" else "±") in render_report(
        two, output, rope=0.02
    )
    assert "ROPE" not in render_report(two, output)


@pytest.mark.parametrize("output", ["md", "latex", "html"])
def test_the_rows_on_which_classifiers_differ_are_tested(two, output: str) -> None:
    text = html.unescape(render_report(two, output, figures="none"))
    table = text.partition("McNemar's test on the 90 rows of one repeat")[2]
    words = re.sub(r"<[^<>]*>|[|&]", " ", table.replace(r"\textless{}", "<").replace(r"\<", "<")).split()
    poor, good = (run.predictions.query("repeat == 0").sort_values("row") for run in two)
    right, wrong = (good["y_true"] == good["y_pred"]).to_numpy(), (poor["y_true"] != poor["y_pred"]).to_numpy()
    only = int((right & wrong).sum()), int((~right & ~wrong).sum())
    assert stats.binomtest(only[0], sum(only)).pvalue < 0.001
    row = [*map(str, only), f"{(only[0] - only[1] - 1) ** 2 / sum(only):.2f}", "<0.001", "<0.001"]
    assert " ".join(row) in " ".join(words)


@pytest.mark.parametrize("output", ["md", "latex"])
def test_models_over_data_sets_have_ranks_and_a_matrix(make_run, output: str) -> None:
    runs = [
        make_run(
            f"{model}_{number}",
            model=model,
            dataset=f"data_{number}",
            skill=skill,
            identity={"arguments": {}, "data_sha256": number, "splits_sha256": number, "groups_sha256": None},
        )
        for number in range(2)
        for model, skill in (("netgood", 2.0), ("netpoor", 0.2))
    ]
    text = render_report(runs, output)
    assert "average rank" in text
    assert "row less column" in text
    assert "too few data sets: 2" in text


def test_json_says_how_the_runs_were_judged_and_where(two) -> None:
    record = json.loads(render_report(two, "json"))
    run = record["runs"][0]
    assert run["environment"]["packages"] == {"keras": "3.15.1"}
    assert (run["protocol"]["test_ratio"], run["protocol"]["identity"]["splits_sha256"]) == (1 / 3, "5" * 64)
    assert record["reproduce"]["runs"][two[0].id]["command"].startswith("python -m harness evaluate net_a")
    assert record["reproduce"]["report"]["command"].startswith(f"python -m harness report {two[0].id} {two[1].id}")


def test_json_says_why_there_is_no_comparison(make_run) -> None:
    other = {"splits_sha256": "6" * 64, "data_sha256": "d" * 64, "groups_sha256": None, "arguments": {}}
    record = json.loads(render_report([make_run("net_a"), make_run("net_b", identity=other)], "json"))
    assert record["comparison"] is None
    assert record["no_comparison"].startswith("Runs net_a")


def test_a_metric_that_the_runs_were_not_scored_with_is_computed_and_stands_first(two) -> None:
    record = json.loads(render_report(two, "json", metric="f1"))
    assert [next(iter(run["metrics"])) for run in record["runs"]] == ["f1", "f1"]
    assert record["comparison"]["metric"] == "f1"
    first = two[0].predictions.query("repeat == 0 and fold == 0")
    expected = f1_score(first["y_true"], first["y_pred"], pos_label="R")
    assert record["runs"][0]["metrics"]["f1"]["scores"][0] == pytest.approx(expected)


def test_a_metric_that_stands_for_several_is_refused(make_run) -> None:
    run = make_run("net_a", task="regression", labels=(), targets=("u", "v"))
    with pytest.raises(UsageError, match=r"which stands for mae\[u\], mae\[v\]; choose one"):
        render_report([run], metric="mae_per_output")


def test_a_function_of_the_callers_own_cannot_be_named(make_run) -> None:
    run = make_run("net_a", metrics=["accuracy", "cost"], custom_metrics=["cost"])
    with pytest.raises(UsageError, match="'cost' is a function of the caller's own"):
        render_report([run], metric="cost")
    assert "custom\\_metric: 'cost'" in render_report([run], "md", metric="mcc") or "custom_metric: 'cost'" in (
        render_report([run], "md", metric="mcc")
    )


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
    own = [row for row in rows if not row["against"]]
    assert len(own) == 10
    assert float(own[0]["mean"]) == two[0].to_dict()["metrics"]["accuracy"]["mean"]


def test_csv_has_every_pair_unrounded(two) -> None:
    rows = list(csv.DictReader(io.StringIO(render_report(two, "csv", rope=0.02))))
    (pair,) = [row for row in rows if row["against"]]
    gains = np.array(_scores(two[1])) - np.array(_scores(two[0]))
    scale = stats.tstd(gains) * (1 / len(gains) + 1 / 3) ** 0.5
    assert (pair["model"], pair["against"], pair["metric"], pair["rope"]) == ("net_b", "net_a", "accuracy", "0.02")
    assert float(pair["mean"]) == pytest.approx(gains.mean())
    assert float(pair["p"]) == pytest.approx(2 * stats.t.sf(gains.mean() / scale, len(gains) - 1))
    within = np.diff(stats.t.cdf([-0.02, 0.02], len(gains) - 1, gains.mean(), scale))
    assert float(pair["p_rope"]) == pytest.approx(within[0])


def test_csv_tells_runs_of_one_model_apart_as_the_pairs_do(make_run) -> None:
    identity = {"splits_sha256": "5" * 64, "data_sha256": "d" * 64, "groups_sha256": None}
    runs = [
        make_run(name, model="net", identity={**identity, "arguments": {"rate": rate}}, skill=float(rate))
        for name, rate in (("net_a", "0.5"), ("net_b", "2.0"))
    ]
    rows = list(csv.DictReader(io.StringIO(render_report(runs, "csv"))))
    (pair,) = [row for row in rows if row["against"]]
    own = {row["model"] for row in rows if not row["against"]}
    assert own == {pair["model"], pair["against"]} == {"net(rate=0.5)", "net(rate=2.0)"}


def test_csv_of_one_run_has_no_columns_of_pairs(two) -> None:
    assert "against" not in render_report(two[:1], "csv").splitlines()[0]


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


def _scores(run) -> list[float]:
    """Accuracy on each fold."""
    found: list[float] = run.scores.query("metric == 'accuracy'")["value"].tolist()
    return found
