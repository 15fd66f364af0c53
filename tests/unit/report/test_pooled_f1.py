"""F1 in two forms: the mean over folds, and that of the counts of all folds."""

from __future__ import annotations

from harness.report.summary import summary_line
from harness.report.tables import models_table, run_table, scores_table


def test_the_pooled_form_stands_in_a_row_of_its_own(make_run, make_entry) -> None:
    both = {"f1": make_entry(pooled=0.8345), "accuracy": make_entry(pooled=None)}
    rows = run_table(make_run(metrics=both)).rows
    assert [row[0] for row in rows] == ["f1", "f1, pooled over folds", "accuracy"]
    assert rows[1][1:] == ("0.835", "–", "–", "–")
    assert [row[3] for row in models_table([make_run(metrics=both)]).rows] == [row[0] for row in rows]


def test_it_is_named_beside_the_mean(make_run, make_entry) -> None:
    line = summary_line(make_run(metrics={"f1": make_entry(pooled=0.8345)}))
    assert "| pooled over folds 0.835 | fold SD" in line


def test_it_has_a_column_in_the_raw_table(make_run, make_entry) -> None:
    table = scores_table([make_run(metrics={"f1": make_entry(pooled=0.8345)})])
    assert dict(zip(table.columns, table.rows[0], strict=True))["pooled"] == 0.8345


def test_failed_folds_have_none(make_run, make_entry) -> None:
    assert len(run_table(make_run(n_failed=1, metrics={"f1": make_entry(pooled=0.8)})).rows) == 1
