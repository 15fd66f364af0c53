from __future__ import annotations

from typing import Any

import pytest

from harness.report.details import detail_tables

CLASSES = ["M", "R"]


def _class(label: Any, **changes: Any) -> dict[str, Any]:
    complete = {
        "class": label,
        "support": 10,
        "predicted": 12,
        "recall": 0.9,
        "recall_low": 0.596,
        "recall_high": 0.982,
        "precision": 0.75,
        "precision_low": 0.468,
        "precision_high": 0.911,
    }
    return {**complete, **changes}


def _details(labels: list[Any] = CLASSES, **changes: Any) -> dict[str, Any]:
    parts = ("brier", "calibration_error", "reliability", "resolution", "uncertainty", "within_bins")
    complete = {
        "rows": 20,
        "level": 0.95,
        "variance": [],
        "threshold": None,
        "thresholds": [],
        "per_class": [_class(label) for label in labels],
        "confusion": [[5 for _ in labels] for _ in labels],
        "per_row": [{"metric": "accuracy", "mean": 0.9, "n": 20, "low": 0.699, "high": 0.972}],
        "calibration": [
            {"class": labels[-1], "n": 20, **dict.fromkeys(parts, 0.1), "brier_low": 0.051, "brier_high": 0.149}
        ],
    }
    return {**complete, **changes}


def _titles(details: dict[str, Any]) -> list[str]:
    return [table.title for table in detail_tables(details)]


def test_nothing_is_said_of_a_run_with_missing_folds() -> None:
    assert detail_tables({}) == []


def test_a_class_has_its_shares_and_their_intervals() -> None:
    table = detail_tables(_details())[0]
    assert table.columns[3] == "95% CI of recall"
    assert table.rows[0] == ("M", "10", "0.900", "0.60-0.98", "12", "0.750", "0.47-0.91")


def test_a_class_that_is_never_predicted_has_no_precision() -> None:
    never = _class("R", predicted=0, precision=None, precision_low=None, precision_high=None)
    table = detail_tables(_details(per_class=[_class("M"), never]))[0]
    assert table.rows[1][4:] == ("0", "–", "–")


@pytest.mark.parametrize(("count", "shown"), [(10, True), (11, False)])
def test_a_confusion_matrix_is_for_few_classes(count: int, shown: bool) -> None:
    titles = _titles(_details([f"c{number}" for number in range(count)]))
    assert ("Confusion matrix, over one repeat" in titles) is shown


def test_columns_of_the_confusion_matrix_say_that_they_are_predicted() -> None:
    table = detail_tables(_details(confusion=[[5, 1], [2, 6]]))[1]
    assert (table.columns, table.rows) == (
        ("true", "predicted M", "predicted R"),
        (("M", "5", "1"), ("R", "2", "6")),
    )


def test_scores_over_rows_and_the_brier_score_have_intervals() -> None:
    over_rows, calibration = detail_tables(_details())[2:4]
    assert over_rows.rows == (("accuracy", "0.900", "0.70-0.97"),)
    assert calibration.rows[0][:3] == ("R", "0.100", "0.051-0.149")
    assert calibration.columns[2] == "95% CI of Brier"


def test_thresholds_are_summed_up() -> None:
    chosen = [{"threshold": value, "criterion": "f1", "value": 0.8, "n": n} for value, n in ((0.2, 9), (0.6, 10))]
    table = detail_tables(_details(thresholds=chosen))[-1]
    assert table.rows == (("f1", "2", "0.200", "0.400", "0.600", "9-10 rows"),)


def test_the_spread_is_of_the_headline_metric() -> None:
    rows = [
        {"metric": name, "source": "seed", "variance": 1e-4, "sd": 0.01, "share": 1.0, "truncated": False}
        for name in ("accuracy", "roc_auc")
    ]
    table = detail_tables(_details(variance=rows))[-1]
    assert table.title == "Where the spread of accuracy comes from"
    assert table.rows == (("seed", "0.010", "100%"),)


def test_an_estimate_below_zero_is_said_to_be_cut() -> None:
    row = {"metric": "mae", "source": "fold", "variance": 0.0, "sd": 0.0, "share": 0.0, "truncated": True}
    assert detail_tables(_details(variance=[row]))[-1].rows[0][-1] == "0% (cut at 0)"


def test_an_output_has_digits_that_suit_it() -> None:
    names = ("bias", "mae", "rmse")
    bounds = {f"{name}_{side}": value for name in names for side, value in (("low", 110.0), ("high", 140.0))}
    output = {"output": "price", "n": 20, "bias": 1.25, "mae": 123.4, "rmse": 150.2, **bounds}
    table = detail_tables({"rows": 20, "level": 0.9, "variance": [], "per_output": [output]})[0]
    assert table.rows[0] == ("price", "1", "110-140", "123", "110-140", "150", "110-140")
    assert table.columns[2] == "90% CI of bias"
