"""`compare` over finished runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from harness.comparison import compare
from harness.errors import UnknownNameError, UsageError
from harness.run import Run

MakeRun = Callable[..., Run]


def test_a_much_better_model_is_told_apart(make_run: MakeRun) -> None:
    comparison = compare([make_run("good", skill=0.95, n=200), make_run("bad", skill=0.55, n=200)])

    assert comparison.contenders == ("good",)
    assert comparison.verdict.startswith("On rows, good is better than bad in accuracy: the difference is 0.")


def test_a_run_compared_with_itself_under_two_names_is_not_told_apart(make_run: MakeRun) -> None:
    run = make_run()

    comparison = compare({"one": run, "other": run})

    assert comparison.results[0].p == 1.0


def test_runs_are_found_by_name_and_pattern(make_run: MakeRun, tmp_path: Path) -> None:
    first, second = make_run("alpha"), make_run("beta")

    named = compare([first.id, second.id], store=tmp_path / "runs")
    globbed = compare("*-rows-?", store=tmp_path / "runs")

    assert named.models == globbed.models == ("alpha", "beta")


def test_unknown_name_lists_models_and_runs(make_run: MakeRun, tmp_path: Path) -> None:
    make_run("alpha")

    with pytest.raises(UnknownNameError, match=r"model or run 'alhpa'.*alpha-rows-0.*sonar_dropout"):
        compare(["alhpa"], store=tmp_path / "runs")


@pytest.mark.parametrize(
    ("other", "how"),
    [
        ({"folds": 4}, "folds 5 and 4"),
        ({"repeats": 2}, "repeats 1 and 2"),
        ({"seed": 7}, "seed 0 and 7"),
        ({"data": "d1"}, "the content of rows changed"),
        ({"n": 80}, r"data rows \(60 rows\) and rows \(80 rows\)"),
        ({"groups": "g"}, "groups none and given"),
    ],
)
def test_runs_on_other_folds_are_refused_with_the_difference(
    make_run: MakeRun, other: dict[str, object], how: str
) -> None:
    runs = [make_run("a"), make_run("b", **other)]

    with pytest.raises(UsageError, match=rf"not judged on the same folds: .*{how}"):
        compare(runs)


def test_a_run_with_failed_folds_is_refused(make_run: MakeRun) -> None:
    with pytest.raises(UsageError, match=r"no complete scores: 3/5 folds finished"):
        compare([make_run("a"), make_run("b", failed=2)])


def test_one_model_is_no_comparison(make_run: MakeRun) -> None:
    with pytest.raises(UsageError, match="at least two models"):
        compare([make_run("a")])


def test_a_metric_undefined_on_some_folds_is_refused(make_run: MakeRun) -> None:
    loo = {"n": 10, "folds": 5, "metrics": ("accuracy",)}
    runs = [make_run("a", **loo), make_run("b", **loo)]

    with pytest.raises(UsageError, match="undefined on 5 of 5 folds"):
        compare(runs, metric={"always nan": lambda truth, predicted: float("nan")})


def test_any_metric_can_be_asked_for_afterwards(make_run: MakeRun) -> None:
    comparison = compare([make_run("a"), make_run("b")], metric="brier")

    assert (comparison.metric, comparison.minimize) == ("brier", True)
    assert comparison.best == min(comparison.evidence, key=lambda each: each.mean).model


def test_several_metrics_are_refused(make_run: MakeRun) -> None:
    with pytest.raises(UsageError, match="by one metric"):
        compare([make_run("a"), make_run("b")], metric="accuracy,brier")


@pytest.mark.parametrize(("setting", "value"), [("rope", -0.1), ("level", 95), ("rope", float("nan"))])
def test_settings_out_of_range_are_refused(make_run: MakeRun, setting: str, value: float) -> None:
    with pytest.raises(UsageError, match=f"{setting} is"):
        compare([make_run("a"), make_run("b")], **{setting: value})


def test_baseline_halves_the_family_and_stands_second(make_run: MakeRun) -> None:
    runs = [make_run(name) for name in ("a", "b", "c")]

    comparison = compare(runs, baseline="a")

    assert [(pair.first, pair.second, pair.family) for pair in comparison.results] == [
        ("b", "a", 2),
        ("c", "a", 2),
    ]
    assert len(comparison.all_pairs) == 3


def test_baseline_may_be_a_run_that_is_not_among_the_models(make_run: MakeRun, tmp_path: Path) -> None:
    runs = [make_run(name) for name in ("a", "b")]

    comparison = compare([runs[0]], baseline=runs[1].id, store=tmp_path / "runs")

    assert comparison.baseline == "b"


def test_unknown_baseline_is_refused(make_run: MakeRun, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="nobody"):
        compare([make_run("a"), make_run("b")], baseline="nobody", store=tmp_path / "runs")


def test_variants_of_a_model_are_told_apart_by_their_arguments(make_run: MakeRun) -> None:
    runs = [make_run("net", arguments={"rate": rate}) for rate in ("0.2", "0.5")]

    assert compare(runs).models == ("net(rate=0.2)", "net(rate=0.5)")


def test_arguments_that_all_variants_share_are_left_out(make_run: MakeRun) -> None:
    runs = [make_run("net", arguments={"rate": rate, "units": "8"}) for rate in ("0.2", "0.5")]

    assert compare(runs).models == ("net(rate=0.2)", "net(rate=0.5)")


def test_runs_that_differ_in_nothing_visible_go_by_their_ids(make_run: MakeRun) -> None:
    runs = [make_run("net", skill=skill) for skill in (0.7, 0.8)]

    assert compare(runs).models == tuple(run.id for run in runs)


def test_seeds_of_a_fold_are_averaged_before_anything_else(make_run: MakeRun) -> None:
    runs = [make_run("a", seeds=3), make_run("b", seeds=3)]

    scores = compare(runs).evidence[0].scores

    by_fold = runs[0].scores.groupby(["repeat", "fold"])["value"].mean().to_numpy().reshape(1, 5)
    assert scores == pytest.approx(by_fold)


def test_json_can_be_recomputed_from_its_own_scores(make_run: MakeRun) -> None:
    runs = [make_run(name, repeats=2, skill=skill) for name, skill in (("a", 0.9), ("b", 0.7), ("c", 0.75))]
    told = json.loads(json.dumps(compare(runs, rope=0.05).to_dict(), allow_nan=False))
    models = {each["model"]: each for each in told["models"]}
    p_values = []
    for pair in told["pairs"]:
        first, second = models[pair["first"]], models[pair["second"]]
        differences = np.subtract(first["scores"], second["scores"])
        count = len(differences)
        error = differences.std(ddof=1) * np.sqrt(1 / count + first["test_ratio"])
        posterior = stats.t(count - 1, differences.mean(), error)
        p_values.append(2 * stats.t.sf(abs(differences.mean() / error), count - 1))
        assert pair["difference"] == pytest.approx(differences.mean())
        assert pair["p"] == pytest.approx(p_values[-1])
        assert pair["ci"] == pytest.approx(list(posterior.interval(0.95)))
        assert pair["rope"]["worse"] == pytest.approx(posterior.cdf(-0.05))
        assert pair["rope"]["better"] == pytest.approx(posterior.sf(0.05))
        counts = ((differences > 1e-12).sum(), (abs(differences) <= 1e-12).sum(), (differences < -1e-12).sum())
        assert (pair["wins"], pair["ties"], pair["losses"]) == counts
    # Holm: the smallest of three p values is judged by a third of the level, and so on.
    order = np.argsort(p_values)
    stepped = np.maximum.accumulate(np.array(p_values)[order] * [3, 2, 1])
    assert [told["pairs"][i]["p_holm"] for i in order] == pytest.approx(np.minimum(stepped, 1).tolist())


def test_means_and_intervals_of_models_can_be_recomputed(make_run: MakeRun) -> None:
    told = compare([make_run("a", repeats=2), make_run("b", repeats=2)]).to_dict()
    for model in told["models"]:
        scores = np.asarray(model["scores"])
        scale = scores.std(ddof=1) * np.sqrt(1 / len(scores) + model["test_ratio"])
        assert model["mean"] == pytest.approx(scores.mean())
        assert model["ci"] == pytest.approx(list(stats.t.interval(0.95, len(scores) - 1, scores.mean(), scale)))


def test_models_missing_on_a_data_set_are_named(make_run: MakeRun) -> None:
    runs = [make_run("a"), make_run("b"), make_run("a", dataset="others")]

    with pytest.raises(UsageError, match="Missing: b on others"):
        compare(runs)


def test_five_data_sets_are_too_few_for_a_test(make_run: MakeRun) -> None:
    runs = [make_run(m, dataset=f"d{i}", skill=s) for i in range(5) for m, s in (("a", 0.95), ("b", 0.6))]

    comparison = compare(runs)

    assert comparison.results[0].p is None
    assert comparison.contenders == ("a", "b")
    assert "too few data sets: 5" in comparison.verdict


def test_six_data_sets_tell_models_apart_that_always_differ(make_run: MakeRun) -> None:
    runs = [make_run(m, dataset=f"d{i}", skill=s) for i in range(6) for m, s in (("a", 0.95), ("b", 0.6))]

    comparison = compare(runs)

    assert comparison.results[0].p == pytest.approx(2 / 2**6)
    assert comparison.contenders == ("a",)
    assert comparison.ranking is not None
    assert dict(comparison.ranking.ranks) == {"a": 1.0, "b": 2.0}
    json.dumps(comparison.to_dict(), allow_nan=False)
