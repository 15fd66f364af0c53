"""What a baseline's name may be, and what it may not stand for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import pipeline, reporting
from harness.comparison import Comparison, compare
from harness.errors import UsageError
from harness.run import Run

MakeRun = Callable[..., Run]


@pytest.fixture
def runs(make_run: MakeRun) -> list[Run]:
    return [make_run(name, n=200) for name in ("alpha", "beta", "gamma")]


def _is_against(comparison: Comparison, baseline: str) -> None:
    assert comparison.baseline == baseline
    assert {(pair.second, pair.family) for pair in comparison.results} == {(baseline, 2)}
    assert len(comparison.models) == 3


@pytest.mark.parametrize("asked", ["gamma-rows-2", "gamma-ro", "gamma-*", "[g]*", "gamma"])
@pytest.mark.parametrize("named", [True, False])
def test_a_baseline_is_found_by_name_beginning_or_pattern(
    runs: list[Run], tmp_path: Path, asked: str, named: bool
) -> None:
    if asked == "gamma" and not named:
        asked = "gamma-rows-2"  # a name that is no run's is a model's, which is not among the others here
    comparison = compare(runs if named else runs[:2], baseline=asked, store=tmp_path / "runs")

    _is_against(comparison, "gamma")


def test_a_baseline_may_be_a_run(runs: list[Run], tmp_path: Path) -> None:
    _is_against(compare(runs, baseline=runs[2], store=None), "gamma")
    _is_against(compare(runs[:2], baseline=runs[2], store=None), "gamma")


def test_a_baseline_goes_by_the_callers_name(runs: list[Run], tmp_path: Path) -> None:
    named = dict(zip(("one", "two", "three"), runs, strict=True))

    _is_against(compare(named, baseline="gamma-r", store=tmp_path / "runs"), "three")


@pytest.mark.parametrize("asked", ["*-rows-?", "[ag]*"])
def test_a_baseline_that_stands_for_several_is_refused(runs: list[Run], tmp_path: Path, asked: str) -> None:
    with pytest.raises(UsageError, match=r"stands for several: alpha-rows-0.*gamma-rows-2; name one of them"):
        compare(runs, baseline=asked, store=tmp_path / "runs")


def test_two_runs_of_one_model_on_one_data_set_are_several(make_run: MakeRun, tmp_path: Path) -> None:
    other = make_run("alpha")
    for rate in ("0.1", "0.2"):
        make_run("net", arguments={"rate": rate})

    with pytest.raises(UsageError, match="'net-\\*' stands for several"):
        compare([other], baseline="net-*", store=tmp_path / "runs")


def test_nothing_is_trained_for_a_pattern_of_several_models(
    runs: list[Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "evaluate", lambda *_, **__: pytest.fail("a model was evaluated"))

    with pytest.raises(UsageError, match=r"'sonar_\*' stands for several: sonar_baseline, sonar_dropout"):
        compare(runs, baseline="sonar_*", store=tmp_path / "runs")


def test_a_pattern_of_a_model_among_the_others_trains_nothing(
    make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "evaluate", lambda *_, **__: pytest.fail("a model was evaluated"))
    runs = [make_run(name) for name in ("sonar_baseline", "other")]

    assert compare(runs, baseline="sonar_b*", store=tmp_path / "runs").baseline == "sonar_baseline"


def test_a_baseline_over_data_sets_is_one_model(make_run: MakeRun, tmp_path: Path) -> None:
    made = [
        make_run(model, dataset=f"d{i}", data=f"d{i}", n=40, folds=2) for i in range(6) for model in ("a", "b")
    ]

    assert compare(made, baseline="b-d*", store=tmp_path / "runs").baseline == "b"
    with pytest.raises(UsageError, match="stands for several"):
        compare(made, baseline="*-d0-*", store=tmp_path / "runs")


@pytest.mark.parametrize("asked", ["gamma-ro", "gamma-*", "gamma-rows-2"])
def test_the_command_line_finds_it_too(
    harness_compare, runs: list[Run], asked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_of_page: list[dict[str, object]] = []

    def render(runs: object, output: str, **asked: object) -> str:
        asked_of_page.append(asked)
        return "page"

    monkeypatch.setattr(reporting, "render_report", render)
    page, kind = str(tmp_path / "page.html"), ("--interval", "conservative")
    result = harness_compare("alpha-*", "beta-*", "--baseline", asked, "--format", "json", "--page", page, *kind)
    told = json.loads(result.stdout)

    assert [(pair["first"], pair["second"], pair["family"]) for pair in told["pairs"]] == [
        ("alpha", "gamma", 2),
        ("beta", "gamma", 2),
    ]
    assert told["baseline"] == "gamma"
    assert (asked_of_page[0]["baseline"], asked_of_page[0]["interval"]) == ("gamma-rows-2", "conservative")


def test_the_command_line_refuses_several(harness_compare, runs: list[Run]) -> None:
    result = harness_compare("alpha-*", "--baseline", "*-rows-*")

    assert isinstance(result.exception, UsageError)
    assert "stands for several" in str(result.exception)
