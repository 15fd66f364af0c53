"""Intervals of a comparison's models are those of `evaluate`; conservative ones have fewer degrees of freedom."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from harness.comparison import Evidence, compare, compare_evidence
from harness.comparison.tables import score_table
from harness.errors import UnknownNameError
from harness.run import Run

MakeRun = Callable[..., Run]
HIGH = np.array([[1.0, 0.98, 1.0, 0.9, 1.0]])
LOW = np.array([[0.8, 0.7, 0.9, 0.8, 0.75]])


def test_an_interval_is_kept_whole_and_shown_cut() -> None:
    evidence = [Evidence(name, name, "d", 300, scores, 1 / 4) for name, scores in (("a", HIGH), ("b", LOW))]
    comparison = compare_evidence(evidence, metric="accuracy", limits=(0.0, 1.0))

    error = HIGH.std(ddof=1) * np.sqrt(1 / 5 + 1 / 4)
    low, high = stats.t.interval(0.95, 4, HIGH.mean(), error)
    assert high > 1
    assert comparison.to_dict()["models"][0]["ci"] == pytest.approx([low, high])
    assert comparison.scores["ci_high"][0] == pytest.approx(high)
    assert score_table(comparison).rows[0][3] == f"{low:.2f}-1.00"


def test_scores_that_are_equal_but_for_rounding_have_no_spread() -> None:
    noisy = np.array([[0.7, 0.1 * 7, 1 - 0.3]])
    evidence = [
        Evidence(name, name, "d", 300, scores, 1 / 2) for name, scores in (("a", noisy), ("b", noisy - 0.1))
    ]
    comparison = compare_evidence(evidence, metric="accuracy")

    assert noisy.std() > 0
    assert comparison.to_dict()["models"][0]["ci"] is None
    assert score_table(comparison).rows[0][2:5] == ("0.700", "–", "0.000")


def test_limits_are_those_of_the_metric(make_run: MakeRun) -> None:
    comparison = compare([make_run("a"), make_run("b")], metric="mcc")

    assert comparison.limits == (-1.0, 1.0)


def test_scores_without_spread_have_the_interval_over_rows_as_in_evaluate(make_run: MakeRun) -> None:
    sure, other = make_run("sure", skill=1.0), make_run("other")
    model = compare([sure, other]).to_dict()["models"][0]
    entry = sure.to_dict()["metrics"]["accuracy"]

    expected = stats.binomtest(60, 60).proportion_ci(0.95, method="wilson")
    assert model["ci"] == pytest.approx([expected.low, expected.high])
    assert (model["ci"], model["ci_method"], model["ci_rows"]) == (entry["ci"], entry["ci_method"], 60)


@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize(("interval", "df"), [("corrected", 14), ("conservative", 4)])
def test_interval_test_and_rope_take_the_same_degrees_of_freedom(
    make_run: MakeRun, interval: str, df: int, level: float
) -> None:
    runs = [make_run(name, skill=skill, repeats=3) for name, skill in (("a", 0.9), ("b", 0.7))]
    comparison = compare(runs, interval=interval, rope=0.05, level=level)  # type: ignore[arg-type]
    told = json.loads(json.dumps(comparison.to_dict(), allow_nan=False))
    pair, model = told["pairs"][0], told["models"][0]

    first, second = (np.array(each["scores"]) for each in told["models"])
    gains = first - second
    factor = np.sqrt(1 / 15 + model["test_ratio"])
    expected = stats.t(df, gains.mean(), gains.std(ddof=1) * factor)
    assert pair["ci"] == pytest.approx(list(expected.interval(level)))
    assert pair["p"] == pytest.approx(2 * expected.cdf(0))
    assert pair["rope"]["worse"] == pytest.approx(expected.cdf(-0.05))
    assert (pair["test"], told["interval"]) == (f"{interval} resampled t", interval)
    own = stats.t.interval(level, df, first.mean(), first.std(ddof=1) * factor)
    assert model["ci"] == pytest.approx(list(own))


def test_the_verdict_says_that_intervals_are_conservative(make_run: MakeRun) -> None:
    runs = [make_run(name, repeats=2) for name in ("a", "b", "c")]

    assert "conservative, corrected for fold overlap" in compare(runs[:2], interval="conservative").verdict
    assert "at 5%, conservative, corrected" in compare(runs, interval="conservative").verdict
    assert "conservative" not in compare(runs).verdict


def test_an_interval_that_is_none_is_refused(make_run: MakeRun) -> None:
    with pytest.raises(UnknownNameError, match="Unknown interval 'wide'"):
        compare([make_run("a"), make_run("b")], interval="wide")  # type: ignore[arg-type]


def test_the_command_line_asks_for_conservative_ones(harness_compare, make_run: MakeRun) -> None:
    ids = [make_run(name, repeats=2).id for name in ("a", "b")]
    told = json.loads(harness_compare(*ids, "--interval", "conservative", "--format", "json").stdout)

    assert (told["interval"], told["pairs"][0]["test"]) == ("conservative", "conservative resampled t")
