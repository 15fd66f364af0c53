from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.report.summary import clipped_interval, fold_count, run_title, summary_line

Make = Callable[..., dict[str, Any]]


def test_the_line_says_mean_interval_spread_sizes_and_baseline(make_run: Make) -> None:
    assert summary_line(make_run()) == (
        "accuracy 0.842 (95% CI 0.79-0.89, corrected for fold overlap) | fold SD 0.041 | n=208, 3×1, baseline 0.53"
    )


def test_the_line_says_every_spread_that_is_known(make_run: Make, make_entry: Make) -> None:
    run = make_run(repeats=10, seeds=2, metrics={"accuracy": make_entry(repeat_se=0.006, seed_sd=0.0004)})
    assert (
        "| fold SD 0.041 | re-split/re-seed error ±0.006 | seed SD 0.0004 | n=208, 3×10×2 seeds,"
        in summary_line(run)
    )


def test_the_level_of_the_interval_is_named(make_run: Make, make_entry: Make) -> None:
    run = make_run(metrics={"accuracy": make_entry(ci_level=0.9)})
    assert "(90% CI 0.79-0.89, " in summary_line(run)


def test_another_method_is_named_as_it_is(make_run: Make, make_entry: Make) -> None:
    run = make_run(metrics={"accuracy": make_entry(ci_method="Wilson, per example")})
    assert "(95% CI 0.79-0.89, Wilson, per example)" in summary_line(run)


def test_without_an_interval_none_is_printed(make_run: Make, make_entry: Make) -> None:
    lone = make_entry(ci=None, ci_level=None, ci_method="none", sd=None, fold_sd=None)
    assert summary_line(make_run(metrics={"accuracy": lone})) == "accuracy 0.842 | n=208, 3×1, baseline 0.534"


def test_a_run_with_failed_folds_has_no_mean(make_run: Make) -> None:
    assert summary_line(make_run(folds=5, n_failed=1)) == "accuracy: no mean, 4/5 folds finished | n=208, 5×1"


def test_an_undefined_metric_has_no_mean(make_run: Make, make_entry: Make) -> None:
    run = make_run(metrics={"roc_auc": make_entry(mean=None, scores=[0.7, None, 0.8])})
    assert summary_line(run) == "roc_auc: no mean, undefined on 1 of 3 folds | n=208, 3×1"


def test_a_metric_without_baseline_is_printed_without(make_run: Make) -> None:
    run = make_run(baseline={"strategy": "prior", "metrics": {"accuracy": {"mean": None, "sd": None}}})
    assert summary_line(run).endswith("| n=208, 3×1")


def test_another_metric_than_the_first_can_be_summed_up(make_run: Make, make_entry: Make) -> None:
    run = make_run(metrics={"accuracy": make_entry(), "f1": make_entry(mean=0.7)})
    assert summary_line(run, "f1").startswith("f1 0.700 (")


@pytest.mark.parametrize(
    ("limits", "interval", "shown"),
    [
        ([0.0, 1.0], [0.97, 1.01], (0.97, 1.0)),
        ([0.0, None], [-0.5, 3.0], (0.0, 3.0)),
        ([None, 1.0], [-0.5, 3.0], (-0.5, 1.0)),
        ([None, None], [-0.5, 3.0], (-0.5, 3.0)),
    ],
)
def test_an_interval_is_shown_within_the_range_of_its_metric(
    limits: list[float | None], interval: list[float], shown: tuple[float, float]
) -> None:
    assert clipped_interval({"ci": interval, "range": limits}) == shown


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"folds": 10}, "10 folds"),
        ({"folds": 1}, "1 fold"),
        ({"folds": 5, "n_failed": 1}, "4/5 folds"),
        ({"folds": 5, "seeds": 2}, "10 trainings"),
        ({"folds": 5, "seeds": 2, "n_failed": 3}, "7/10 trainings"),
    ],
)
def test_folds_are_counted(make_run: Make, changes: dict[str, int], text: str) -> None:
    assert fold_count(make_run(**changes)) == text


def test_the_title_says_what_was_judged_how(make_run: Make) -> None:
    assert run_title(make_run()) == "net on sonar (208 rows, 3 folds, stratified, 12 s)"


def test_a_spread_that_is_rounding_error_is_none(make_run: Make, make_entry: Make) -> None:
    run = make_run(metrics={"accuracy": make_entry(mean=0.1, fold_sd=1.7e-17, ci=None)})
    assert summary_line(run) == "accuracy 0.100 | fold SD 0.000 | n=208, 3×1, baseline 0.534"
