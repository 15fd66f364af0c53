"""Comparing by a function of the caller's own."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, fbeta_score, hamming_loss, make_scorer, zero_one_loss

from harness.comparison import compare
from harness.errors import UsageError
from harness.metrics import Metric, resolve_metrics
from harness.run import Run


def _misses(truth: Any, said: Any) -> float:
    return float(np.sum(truth != said))


MISSES = {"misses": (_misses, "minimize")}


def _named_only(run: Run) -> Run:
    """The run as it comes from the store: of its own metric only the name is left."""
    manifest = {**run.manifest, "metrics": ["accuracy", "misses"], "custom_metrics": ["misses"]}
    return Run(replace(run.stored, manifest=manifest))


def _with_function(run: Run) -> Run:
    named = _named_only(run)
    return Run(named.stored, resolve_metrics(MISSES, "binary", ["class"]))


@pytest.mark.parametrize("known_to", [(True, True), (True, False), (False, True)])
def test_the_function_of_a_run_judges_all(make_run, known_to: tuple[bool, bool]) -> None:
    made = [make_run("alpha", skill=0.9), make_run("beta", skill=0.6)]
    runs = [(_with_function if known else _named_only)(run) for run, known in zip(made, known_to, strict=True)]
    found = compare(runs, metric="misses")
    expected = [(run.predictions["y_true"] != run.predictions["y_pred"]).sum() / 5 for run in made]
    assert [each.mean for each in found.evidence] == pytest.approx(expected)
    assert (found.minimize, found.best) == (True, "alpha")


def test_a_name_without_its_function_says_what_to_do(make_run) -> None:
    runs = [_named_only(make_run("alpha")), _named_only(make_run("beta"))]
    with pytest.raises(UsageError, match=r"'misses' is a function .* metric=\{'misses': function\}"):
        compare(runs, metric="misses")


@pytest.mark.parametrize(
    ("metric", "minimize"),
    [
        (MISSES, True),
        ({"misses": (_misses, "maximize")}, False),
        ((_misses, "minimize"), True),
        (zero_one_loss, True),
        ({"mine": hamming_loss}, True),
        (accuracy_score, False),
        (partial(fbeta_score, beta=2, pos_label=1), False),
        # A scorer turns the sign of a loss by itself: more is better.
        ({"lost": make_scorer(zero_one_loss, greater_is_better=False)}, False),
    ],
)
def test_the_better_model_is_the_better_one_whatever_the_metric(make_run, metric: Any, minimize: bool) -> None:
    runs = [make_run("good", skill=0.95, n=200), make_run("poor", skill=0.6, n=200)]
    found = compare(runs, metric=metric)
    upside_down = isinstance(metric, dict) and metric.get("misses") == (_misses, "maximize")
    assert found.minimize is minimize
    assert found.best == ("poor" if upside_down else "good")


@pytest.mark.parametrize("metric", [{"misses": _misses}, _misses, Metric("odd", lambda p: 0.0, None)])
def test_a_function_of_which_nothing_is_known_ranks_no_models(make_run, metric: Any) -> None:
    with pytest.raises(UsageError, match=r"Nothing says whether less of .* \(function, 'minimize'\)"):
        compare([make_run("alpha"), make_run("beta")], metric=metric)


@pytest.mark.parametrize(
    "pair",
    [
        (_misses, "less"),
        (_misses,),
        ("accuracy", "minimize"),
        (make_scorer(zero_one_loss, greater_is_better=False), "minimize"),
    ],
)
def test_a_direction_that_is_none_is_refused(make_run, pair: tuple[Any, ...]) -> None:
    with pytest.raises(UsageError, match=r"a pair \(function, 'minimize'\) or \(function, 'maximize'\)"):
        compare([make_run("alpha"), make_run("beta")], metric={"mine": pair})
