from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.report.tables import models_table, run_table, scores_table

Make = Callable[..., dict[str, Any]]


def test_one_run_has_a_row_for_each_metric(make_run: Make, make_entry: Make) -> None:
    table = run_table(make_run(metrics={"accuracy": make_entry(), "mcc": make_entry(mean=0.7)}))
    assert table.columns == ("metric", "mean", "95% CI", "fold SD", "baseline")
    assert table.rows == (
        ("accuracy", "0.842", "0.79-0.89", "0.041", "0.534"),
        ("mcc", "0.700", "0.79-0.89", "0.041", "–"),
    )


def test_failed_folds_leave_nothing_but_the_baseline(make_run: Make) -> None:
    assert run_table(make_run(n_failed=1)).rows == (("accuracy", "–", "–", "–", "0.534"),)


def test_failed_folds_are_counted_beside_the_model(make_run: Make) -> None:
    assert models_table([make_run(n_failed=1)]).rows[0][:3] == ("net", "sonar", "2/3")


def test_trainings_from_other_seeds_are_no_further_folds(make_run: Make) -> None:
    assert models_table([make_run(seeds=2)]).rows[0][2] == "3 × 2 seeds"


def test_several_models_stand_once_each(make_run: Make, make_entry: Make) -> None:
    both = {"accuracy": make_entry(), "mcc": make_entry()}
    table = models_table([make_run(metrics=both), make_run(model="other", metrics=both)])
    assert [row[:4] for row in table.rows] == [
        ("net", "sonar", "3", "accuracy"),
        ("", "", "", "mcc"),
        ("other", "sonar", "3", "accuracy"),
        ("", "", "", "mcc"),
    ]


def test_intervals_of_different_levels_share_a_plain_heading(make_run: Make, make_entry: Make) -> None:
    wide = make_run(metrics={"accuracy": make_entry(ci_level=0.99)})
    assert "CI" in models_table([make_run(), wide]).columns


def test_the_raw_table_keeps_every_digit(make_run: Make) -> None:
    table = scores_table([make_run()])
    row = dict(zip(table.columns, table.rows[0], strict=True))
    assert (row["mean"], row["ci_low"], row["ci_high"], row["baseline"]) == (0.8421, 0.7921, 0.8917, 0.5337)


def test_the_raw_table_has_empty_cells_for_what_is_missing(make_run: Make, make_entry: Make) -> None:
    table = scores_table([make_run(n_failed=1, metrics={"mcc": make_entry(mean=None, ci=None)})])
    row = dict(zip(table.columns, table.rows[0], strict=True))
    assert (row["mean"], row["ci_low"], row["baseline"], row["n_failed"]) == (None, None, None, 1)
