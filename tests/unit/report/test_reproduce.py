from __future__ import annotations

import shlex
from typing import Any

import pytest

from harness.cli.evaluate import command as evaluate_command
from harness.preprocessing import TRANSFORMERS, describe_transformers
from harness.report.reproduce import reproduction


def manifest(identity: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    complete = {
        "model": "sonar_dropout",
        "dataset": "sonar",
        "n": 208,
        "scheme": "stratified",
        "folds": 10,
        "repeats": 3,
        "seeds": 2,
        "seed": 7,
        "test_ratio": 1 / 9,
        "epochs": 300,
        "batch_size": 16,
        "preprocessing": ["StandardScaler(copy=True, with_mean=True, with_std=True)"],
        "metrics": ["accuracy", "roc_auc"],
        "custom_metrics": [],
        "engine": "fit",
        "identity": {"arguments": {"rate": "0.5", "units": "(120, 60)"}, "checkpoint": "last", **(identity or {})},
    }
    return {**complete, **changes}


def parsed(command: str) -> dict[str, Any]:
    """What `evaluate` makes of the command's words."""
    words = shlex.split(command)
    assert words[:4] == ["python", "-m", "harness", "evaluate"]
    return evaluate_command.make_context("evaluate", words[4:]).params


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("names", ("sonar_dropout",)),
        ("dataset", "sonar"),
        ("cv", "stratified"),
        ("folds", 10),
        ("repeats", 3),
        ("init_seeds", 2),
        ("seed", 7),
        ("epochs", 300),
        ("batch_size", 16),
        ("preprocessing", "standardize"),
        ("metrics", "accuracy,roc_auc"),
        ("engine", "fit"),
        ("arguments", {"rate": 0.5, "units": (120, 60)}),
    ],
)
def test_evaluate_understands_the_command_as_it_was_meant(parameter: str, value: Any) -> None:
    assert parsed(reproduction(manifest()).command)[parameter] == value


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_every_named_transformer_is_known_by_its_description(name: str) -> None:
    described = describe_transformers([TRANSFORMERS[name]()])
    run = reproduction(manifest(preprocessing=described))
    assert parsed(run.command)["preprocessing"] == name
    assert run.gaps == ()


def test_early_stopping_is_repeated() -> None:
    found = parsed(reproduction(manifest({"early_stopping": 20, "inner_val": 0.25})).command)
    assert (found["early_stopping"], found["inner_val"]) == (20, 0.25)


def test_training_for_all_epochs_is_repeated_where_the_recipe_would_stop() -> None:
    assert "--early-stopping" not in reproduction(manifest()).command
    assert parsed(reproduction(manifest(model="vgg19_transfer")).command)["early_stopping"] == "none"


def test_fine_tuning_is_repeated() -> None:
    found = parsed(reproduction(manifest({"fine_tuning": [5, 0.001, 3]})).command)
    names = ("fine_tune_epochs", "fine_tune_learning_rate", "fine_tune_frozen_layers")
    assert [found[name] for name in names] == [5, 0.001, 3]
    earlier = parsed(reproduction(manifest({"fine_tuning": [5, None]})).command)
    assert [earlier[name] for name in names] == [5, None, None]


@pytest.mark.parametrize(
    ("changes", "parameter", "value"),
    [
        ({"shuffle": False}, "shuffle", False),
        ({"shuffle": True}, "shuffle", True),
        ({"threshold": "f1"}, "threshold", "f1"),
        ({"threshold": 0.3}, "threshold", 0.3),
        ({"identity": {"class_weight": "'balanced'"}}, "class_weight", "balanced"),
        ({"identity": {"callbacks": [["tensorboard"]]}}, "tensorboard", "runs/tensorboard"),
    ],
)
def test_what_is_not_the_default_is_repeated(changes: dict[str, Any], parameter: str, value: Any) -> None:
    found = reproduction(manifest(**changes))
    assert parsed(found.command)[parameter] == value
    assert found.gaps == ()


def test_a_hold_out_gets_a_share_that_gives_as_many_test_rows() -> None:
    run = manifest(scheme="holdout", folds=1, n=768, test_ratio=254 / 514)
    share = parsed(reproduction(run).command)["test_size"]
    assert 253 < share * 768 <= 254


def test_a_name_that_a_shell_would_run_is_quoted() -> None:
    command = reproduction(manifest(dataset="a; rm -rf ~")).command
    assert "-d 'a; rm -rf ~'" in command


def test_a_complete_command_has_no_gaps() -> None:
    assert reproduction(manifest()).gaps == ()


@pytest.mark.parametrize(
    ("run", "gap"),
    [
        (manifest({"arguments": {"act": "<function relu>"}}), "act=<function relu>"),
        (manifest(scheme="TimeSeriesSplit"), "TimeSeriesSplit"),
        (manifest({"groups_sha256": "f" * 64}), "--groups"),
        (manifest({"class_weight": "{'M': 2.0}"}), "class_weight={'M': 2.0}"),
        (manifest({"callbacks": [["ReduceLROnPlateau"]]}), "callbacks"),
        (manifest(preprocessing=["MyScaler()"]), "MyScaler()"),
        (manifest(preprocessing=["StandardScaler(copy=True, with_mean=False, with_std=True)"]), "with_mean=False"),
        (manifest(custom_metrics=["roc_auc"]), "roc_auc"),
    ],
    ids=["argument", "splits", "groups", "weights", "callbacks", "preprocessing", "settings", "metric"],
)
def test_what_the_command_cannot_say_is_said_beside_it(run: dict[str, Any], gap: str) -> None:
    (found,) = reproduction(run).gaps
    assert gap in found
