"""McNemar's test on the rows of the first repeat."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from harness.comparison import Evidence, compare, compare_evidence
from harness.run import Run

MakeRun = Callable[..., Run]
SKILLS = (("a", 0.9), ("b", 0.7), ("c", 0.75))


@pytest.fixture
def runs(make_run: MakeRun) -> list[Run]:
    return [make_run(name, skill=skill, n=120, repeats=2, seeds=2) for name, skill in SKILLS]


def _right(run: Run) -> np.ndarray:
    once = run.predictions.query("repeat == 0 and init == 0").sort_values("row")
    return (once["y_true"] == once["y_pred"]).to_numpy()


@pytest.mark.parametrize("baseline", [None, "a"])
def test_each_pair_has_the_binomial_test_of_rows_that_only_one_gets_right(
    runs: list[Run], baseline: str | None
) -> None:
    comparison = compare(runs, baseline=baseline)
    told = json.loads(json.dumps(comparison.to_dict(), allow_nan=False))["row_tests"]
    right = {run.model: _right(run) for run in runs}

    assert [(test["first"], test["second"]) for test in told] == [
        (pair.first, pair.second) for pair in comparison.results
    ]
    for test in told:
        first, second = right[test["first"]], right[test["second"]]
        only = int((first & ~second).sum()), int((~first & second).sum())
        assert (test["only_first"], test["only_second"], test["n"]) == (*only, 120)
        assert test["exact_p"] == pytest.approx(stats.binomtest(only[0], sum(only)).pvalue)
        chi2 = max(abs(only[0] - only[1]) - 1, 0) ** 2 / sum(only)
        assert (test["statistic"], test["p"]) == pytest.approx((chi2, stats.chi2.sf(chi2, 1)))


def test_its_p_values_are_adjusted_for_all_pairs(runs: list[Run]) -> None:
    told = sorted(compare(runs).to_dict()["row_tests"], key=lambda test: test["exact_p"])
    stepped = np.maximum.accumulate([test["exact_p"] * left for test, left in zip(told, (3, 2, 1), strict=True)])

    assert [test["exact_p_holm"] for test in told] == pytest.approx(np.minimum(stepped, 1))


def test_scores_alone_have_no_rows() -> None:
    scores = np.array([[0.8, 0.9]])
    evidence = [Evidence(name, name, "d", 60, scores, 1.0) for name in ("a", "b")]

    assert compare_evidence(evidence, metric="mae").row_tests == ()


def test_over_data_sets_there_is_none(make_run: MakeRun) -> None:
    runs = [make_run(name, dataset=data, data=data) for data in ("d0", "d1") for name in ("a", "b")]

    assert compare(runs).row_tests == ()
