"""Comparing by a function of the caller's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from harness.comparison import compare
from harness.errors import UsageError
from harness.metrics import resolve_metrics
from harness.run import Run


def _misses(truth: Any, said: Any) -> float:
    return float(np.sum(truth != said))


def _named_only(run: Run) -> Run:
    """The run as it comes from the store: of its own metric only the name is left."""
    manifest = {**run.manifest, "metrics": ["accuracy", "misses"], "custom_metrics": ["misses"]}
    return Run(replace(run.stored, manifest=manifest))


def _with_function(run: Run) -> Run:
    named = _named_only(run)
    return Run(named.stored, resolve_metrics({"misses": _misses}, "binary", ["class"]))


@pytest.mark.parametrize("known_to", [(True, True), (True, False), (False, True)])
def test_the_function_of_a_run_judges_all(make_run, known_to: tuple[bool, bool]) -> None:
    made = [make_run("alpha", skill=0.9), make_run("beta", skill=0.6)]
    runs = [(_with_function if known else _named_only)(run) for run, known in zip(made, known_to, strict=True)]
    found = compare(runs, metric="misses")
    expected = [(run.predictions["y_true"] != run.predictions["y_pred"]).sum() / 5 for run in made]
    assert [each.mean for each in found.evidence] == pytest.approx(expected)


def test_a_name_without_its_function_says_what_to_do(make_run) -> None:
    runs = [_named_only(make_run("alpha")), _named_only(make_run("beta"))]
    with pytest.raises(UsageError, match=r"'misses' is a function .* metric=\{'misses': function\}"):
        compare(runs, metric="misses")
