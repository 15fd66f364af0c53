"""Which runs a comparison is made of, with an `evaluate` that trains nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness import pipeline
from harness.comparison import compare
from harness.comparison.gathering import gather
from harness.errors import UsageError
from harness.run import Run

MakeRun = Callable[..., Run]


@pytest.fixture
def evaluated(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, dict[str, Any]]]:
    """What `evaluate` was called with; it answers with a run of that model on that data set."""
    calls: list[tuple[Any, dict[str, Any]]] = []

    def evaluate(model: Any, *, dataset: Any = None, **settings: Any) -> Run:
        calls.append((model, {"dataset": dataset, **settings}))
        return make_run(getattr(model, "__name__", model), dataset=dataset or "own")

    monkeypatch.setattr(pipeline, "evaluate", evaluate)
    return calls


def test_models_are_evaluated_with_the_settings_given(evaluated: list[Any], tmp_path: Path) -> None:
    comparison = compare(["sonar-baseline", "sonar_dropout"], folds=5, store=tmp_path)

    assert [model for model, _ in evaluated] == ["sonar_baseline", "sonar_dropout"]
    assert all(settings == {"dataset": None, "folds": 5, "store": tmp_path} for _, settings in evaluated)
    assert comparison.models == ("sonar_baseline", "sonar_dropout")


def test_a_pattern_stands_for_every_model_that_it_matches(evaluated: list[Any], tmp_path: Path) -> None:
    compare("sonar_*", store=tmp_path)

    assert [model for model, _ in evaluated] == ["sonar_baseline", "sonar_dropout", "sonar_dropout_hidden"]


def test_models_and_runs_can_be_mixed(evaluated: list[Any], make_run: MakeRun, tmp_path: Path) -> None:
    run = make_run("mine", dataset="own")

    assert compare(["sonar_baseline", run], store=tmp_path).models == ("sonar_baseline", "mine")


def test_builders_go_by_the_names_of_a_mapping(evaluated: list[Any], tmp_path: Path) -> None:
    def narrow() -> None: ...

    def wide() -> None: ...

    comparison = compare({"8 units": narrow, "64 units": wide}, baseline="8 units", store=tmp_path)

    assert comparison.models == ("8 units", "64 units")
    assert comparison.baseline == "8 units"


def test_baseline_is_evaluated_where_it_was_not_named(evaluated: list[Any], tmp_path: Path) -> None:
    comparison = compare(["sonar_dropout"], baseline="sonar_baseline", store=tmp_path)

    assert [(pair.first, pair.second) for pair in comparison.results] == [("sonar_dropout", "sonar_baseline")]


def test_every_model_is_evaluated_on_every_data_set(evaluated: list[Any], tmp_path: Path) -> None:
    comparison = compare(["sonar_dropout", "sonar_baseline"], dataset=["a", "b"], store=tmp_path)

    assert [settings["dataset"] for _, settings in evaluated] == ["a", "b", "a", "b"]
    assert comparison.datasets == ("a", "b")


def test_a_model_named_twice_is_compared_once(evaluated: list[Any], make_run: MakeRun, tmp_path: Path) -> None:
    run = make_run("mine", dataset="own")

    assert compare([run, run, "sonar_baseline"], store=tmp_path).models == ("mine", "sonar_baseline")


def test_no_data_set_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="an empty list"):
        compare(["sonar_baseline", "sonar_dropout"], dataset=[], store=tmp_path)


def test_a_baseline_may_be_a_builder(evaluated: list[Any], tmp_path: Path) -> None:
    def narrow() -> None: ...

    def wide() -> None: ...

    assert compare([wide], baseline=narrow, store=tmp_path).baseline == "narrow"


def test_every_combination_of_values_is_a_run(evaluated: list[Any], tmp_path: Path) -> None:
    variants = {"rate": [0.2, 0.5], "momentum": [0.8, 0.9]}
    gather("sonar_dropout", tmp_path, {"folds": 5, "arguments": {"units": [8], "rate": 0.1}}, variants)

    assert [settings["arguments"] for _, settings in evaluated] == [
        {"units": [8], "rate": 0.2, "momentum": 0.8},
        {"units": [8], "rate": 0.2, "momentum": 0.9},
        {"units": [8], "rate": 0.5, "momentum": 0.8},
        {"units": [8], "rate": 0.5, "momentum": 0.9},
    ]


def test_variants_of_a_named_builder_tell_their_values(evaluated: list[Any], tmp_path: Path) -> None:
    def net() -> None: ...

    named = gather({"mine": net}, tmp_path, {}, {"rate": [0.2, 0.5]})

    assert [each.name for each in named] == ["mine(rate=0.2)", "mine(rate=0.5)"]


def test_a_finished_run_has_no_variants(make_run: MakeRun, tmp_path: Path) -> None:
    assert len(gather([make_run("mine")], tmp_path, {}, {"rate": [0.2, 0.5]})) == 1


def test_variants_need_a_list_of_values(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a list of values for 'rate'\. Received: 0\.2"):
        gather("sonar_dropout", tmp_path, {}, {"rate": 0.2})  # type: ignore[dict-item]
