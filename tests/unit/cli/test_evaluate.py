from __future__ import annotations

import csv
import io
import json

import pytest

from harness.cli._evaluate_options import INTERVALS
from harness.data import Dataset
from harness.errors import DataError, FoldError
from harness.statistics.intervals import METHODS


def test_the_models_own_data_and_recipe_are_the_default(invoke, evaluate) -> None:
    assert invoke("evaluate", "sonar_dropout").exit_code == 0
    call = evaluate.calls[0]
    assert call["model"] == "sonar_dropout"
    assert call["dataset"].name == "sonar"
    assert (call["store"], call["resume"], call["on_error"]) == ("runs", True, "continue")
    assert (call["cv"], call["folds"], call["epochs"], call["seed"], call["groups"]) == (None,) * 5
    assert "preprocessing" not in call
    assert "metrics" not in call


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--cv", "stratified-group"], {"cv": "stratified_group"}),
        (["--cv", "leave_one_out"], {"cv": "leave_one_out"}),
        (["-k", "5", "-r", "3"], {"folds": 5, "repeats": 3}),
        (["--test-size", "0.33"], {"test_size": 0.33}),
        (["--no-shuffle"], {"shuffle": False}),
        (["--groups", "duplicates"], {"groups": "duplicates"}),
        (["--preprocessing", "none"], {"preprocessing": None}),
        (["--preprocessing", "impute, standardize"], {"preprocessing": ["impute", "standardize"]}),
        (["--metrics", "accuracy,mcc"], {"metrics": ["accuracy", "mcc"]}),
        (["--threshold", "f1"], {"threshold": "f1"}),
        (["--threshold", "balanced-accuracy"], {"threshold": "balanced_accuracy"}),
        (["--threshold", "0.25"], {"threshold": 0.25}),
        (["--epochs", "5", "-b", "4"], {"epochs": 5, "batch_size": 4}),
        (["--early-stopping", "7", "--inner-val", "0.1"], {"early_stopping": 7, "inner_val": 0.1}),
        (["--checkpoint", "both"], {"checkpoint": "both"}),
        (["--class-weight", "balanced"], {"class_weight": "balanced"}),
        (["--seed", "0", "--init-seeds", "3"], {"seed": 0, "init_seeds": 3}),
        (["--engine", "fit"], {"engine": "fit"}),
        (["--tensorboard"], {"tensorboard": "runs/tensorboard"}),
        (["--tensorboard", "logs"], {"tensorboard": "logs"}),
        (["-o", "elsewhere"], {"store": "elsewhere"}),
        (["--no-resume", "--on-error", "raise"], {"resume": False, "on_error": "raise"}),
        (["-a", "rate=0.5", "-a", "max-norm=none"], {"arguments": {"rate": 0.5, "max_norm": "none"}}),
    ],
)
def test_options_reach_the_evaluation(invoke, evaluate, options: list[str], expected: dict) -> None:
    result = invoke("evaluate", "sonar_dropout", "-q", *options)
    assert result.exit_code == 0, result.stderr
    call = evaluate.calls[0]
    assert {name: call[name] for name in expected} == expected


def test_a_table_of_ones_own_is_read(invoke, evaluate, tmp_path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,b,g,price\n" + "".join(f"{i},{i * i},{i % 3},{i / 7}\n" for i in range(20)))
    options = ["--data", str(path), "--target", "price", "--task", "regression", "--groups", "g"]
    result = invoke("evaluate", "my.module:net", "-q", *options)
    assert result.exit_code == 0, result.stderr
    call = evaluate.calls[0]
    assert isinstance(call["dataset"], Dataset)
    assert (call["dataset"].feature_names, call["dataset"].target_names) == (("a", "b"), ("price",))
    assert call["groups"] is None


def test_a_model_without_data_of_its_own_leaves_the_choice_to_the_evaluation(invoke, evaluate) -> None:
    invoke("evaluate", "my.module:net", "-q")
    assert evaluate.calls[0]["dataset"] is None


def test_a_glob_evaluates_every_model_on_data_loaded_once(invoke, evaluate) -> None:
    result = invoke("evaluate", "sonar-*", "-q")
    assert [call["model"] for call in evaluate.calls] == [
        "sonar_baseline",
        "sonar_dropout",
        "sonar_dropout_hidden",
    ]
    assert len({id(call["dataset"]) for call in evaluate.calls}) == 1
    assert all(name in result.stdout for name in ("sonar_baseline", "sonar_dropout_hidden"))


@pytest.mark.parametrize("name", ["sonar_dropuot", "zzz*"])
def test_a_name_that_means_no_model_stops_before_anything_is_trained(invoke, evaluate, name: str) -> None:
    result = invoke("evaluate", "sonar_dropout", name)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert evaluate.calls == []


def test_the_table_ends_with_the_line_that_sums_up(invoke, evaluate) -> None:
    lines = invoke("evaluate", "sonar_dropout", "-q").stdout.splitlines()
    assert lines[0].startswith("sonar_dropout on sonar (208 rows, 3 folds")
    assert lines[-1].startswith("accuracy 0.800 (95% CI 0.70-0.90, corrected for fold overlap) | fold SD 0.100")


def test_json_is_one_object_and_nothing_else(invoke, evaluate) -> None:
    result = invoke("evaluate", "sonar_dropout", "--format", "json")
    assert json.loads(result.stdout) == evaluate.runs[0].record


def test_json_of_several_models_is_a_list(invoke, evaluate) -> None:
    result = invoke("evaluate", "sonar_dropout", "sonar_baseline", "--format", "json")
    assert [run["model"] for run in json.loads(result.stdout)] == ["sonar_dropout", "sonar_baseline"]


def test_json_never_holds_nan(invoke, evaluate) -> None:
    evaluate.answers["sonar_dropout"] = {"seconds": float("nan")}
    result = invoke("evaluate", "sonar_dropout", "-q", "--format", "json")
    assert (result.exit_code, result.stdout) == (1, "")


@pytest.mark.parametrize(("options", "shown"), [([], False), (["--details"], True)])
def test_details_are_shown_when_asked_for(invoke, evaluate, options: list[str], shown: bool) -> None:
    lines = invoke("evaluate", "sonar_dropout", "-q", *options).stdout.splitlines()
    assert ("Each output, over the 20 rows of one repeat" in lines) is shown
    assert any(line.startswith("price ") for line in lines) is shown


def test_details_are_in_the_json(invoke, evaluate) -> None:
    result = invoke("evaluate", "sonar_dropout", "-q", "--details", "--format", "json")
    assert json.loads(result.stdout)["details"]["per_output"][0]["output"] == "price"


def test_details_of_several_models_say_whose_they_are(invoke, evaluate) -> None:
    text = invoke("evaluate", "sonar_dropout", "sonar_baseline", "-q", "--details").stdout
    assert "sonar_dropout: Each output" in text
    assert "sonar_baseline: Each output" in text


def test_csv_has_a_row_for_each_metric(invoke, evaluate) -> None:
    text = invoke("evaluate", "sonar_dropout", "sonar_baseline", "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["model"], float(row["mean"])) for row in rows] == [
        ("sonar_dropout", 0.8),
        ("sonar_baseline", 0.8),
    ]


def test_markdown_has_a_table(invoke, evaluate) -> None:
    text = invoke("evaluate", "sonar_dropout", "--format", "md").stdout
    assert "| metric | mean | 95% CI | fold SD | baseline |\n| --- | ---: |" in text


def test_the_level_of_the_interval_is_passed_on(invoke, evaluate) -> None:
    invoke("evaluate", "sonar_dropout", "--ci", "0.9")
    assert evaluate.runs[0].levels == [0.9]


@pytest.mark.parametrize(
    ("asked", "interval"), [([], "corrected"), (["--interval", "conservative"], "conservative")]
)
def test_the_kind_of_interval_is_passed_on(invoke, evaluate, asked: list[str], interval: str) -> None:
    invoke("evaluate", "sonar_dropout", *asked)
    assert evaluate.runs[0].intervals == [interval]


def test_the_intervals_to_choose_from_are_those_there_are() -> None:
    assert tuple(METHODS) == INTERVALS


def test_remarks_go_to_standard_error(invoke, evaluate) -> None:
    result = invoke("evaluate", "sonar_dropout")
    assert result.stderr == ("Note: A note.\nWarning: sorted_by_class: Rows are sorted.\nRun: sonar_dropout-1\n")


def test_remarks_that_models_share_are_made_once(invoke, evaluate) -> None:
    assert invoke("evaluate", "sonar_*").stderr.count("Rows are sorted.") == 1


def test_quiet_writes_nothing_to_standard_error(invoke, evaluate) -> None:
    assert invoke("evaluate", "sonar_dropout", "-q").stderr == ""


def test_failed_folds_are_exit_code_1_and_have_no_mean(invoke, evaluate) -> None:
    failure = {"fold": "repeat 0 fold 2", "error": "FoldError: loss is not finite"}
    evaluate.answers["sonar_dropout"] = {"n_failed": 1, "failures": [failure]}
    result = invoke("evaluate", "sonar_dropout", "-q")
    assert result.exit_code == 1
    assert "accuracy: no mean, 2/3 folds finished" in result.stdout
    assert "0.8" not in result.stdout
    assert result.stderr == "Failed: sonar_dropout, repeat 0 fold 2: FoldError: loss is not finite\n"


def test_a_model_that_cannot_be_evaluated_does_not_stop_the_others(invoke, evaluate) -> None:
    evaluate.answers["sonar_baseline"] = DataError("no data")
    result = invoke("evaluate", "sonar_*", "-q")
    assert result.exit_code == 2
    assert result.stderr == "Error: sonar_baseline: no data\n"
    assert "sonar_dropout_hidden" in result.stdout


def test_on_error_raise_stops_at_once(invoke, evaluate) -> None:
    evaluate.answers["sonar_baseline"] = FoldError("repeat 0 fold 0 failed")
    result = invoke("evaluate", "sonar_*", "-q", "--on-error", "raise")
    assert (result.exit_code, result.stdout) == (1, "")
    assert len(evaluate.calls) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--data", "a.csv", "-d", "sonar", "--target", "x"], "--data and --dataset both name the data."),
        (["--data", "a.csv"], "--data needs to know what to predict; add --target COLUMN"),
        (["--target", "x"], "--target and --task describe a table of your own; add --data FILE.csv"),
        (["-a", "rate"], "Invalid value for '-a' / '--argument': 'rate' is not of the form key=value."),
        (["-a", "rate=1", "-a", "rate=2"], "Invalid value for '-a' / '--argument': 'rate' is given twice."),
        (["--data", "absent.csv", "--target", "x"], "absent.csv does not exist"),
        (["-d", "sonnar"], "Unknown data set 'sonnar'. Did you mean 'sonar'?"),
    ],
)
def test_contradictions_are_wrong_usage(invoke, evaluate, options: list[str], message: str) -> None:
    result = invoke("evaluate", "sonar_dropout", *options)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {message}")
    assert evaluate.calls == []
