from __future__ import annotations

import json

import pytest

from harness.data import get_card


def test_a_model_is_described_by_recipe_arguments_and_protocol(invoke) -> None:
    facts = json.loads(invoke("info", "sonar-dropout", "--format", "json").stdout)
    assert (facts["kind"], facts["name"], facts["dataset"]) == ("model", "sonar_dropout", "sonar")
    assert (facts["epochs"], facts["batch_size"], facts["preprocessing"]) == (300, 16, ["standardize"])
    assert facts["protocol"]["folds"] == 10
    assert (facts["reported"][0]["mean"], facts["reported"][0]["sd"]) == (0.8352, 0.0768)
    rate = next(argument for argument in facts["arguments"] if argument["argument"] == "rate")
    assert rate["default"] == "0.2"
    assert rate["meaning"].startswith("Fraction of the units to drop")


def test_a_models_table_shows_figure_and_arguments(invoke) -> None:
    text = invoke("info", "sonar_dropout").stdout
    assert "accuracy 0.8352 (SD 0.0768); StratifiedKFold(10" in text
    assert "max_norm" in text


def test_the_arguments_that_make_a_variant_win_over_the_builders(invoke, monkeypatch) -> None:
    import zoo
    from zoo import _registry

    spec = zoo.get_spec("sonar_dropout")
    fields = {name: getattr(spec, name) for name in ("dataset", "tasks", "epochs", "batch_size", "source")}
    variant = zoo.ModelSpec("variant", spec.builder, description="x", arguments={"rate": 0.5}, **fields)
    monkeypatch.setitem(_registry._specs, "variant", variant)
    facts = json.loads(invoke("info", "variant", "--format", "json").stdout)
    assert {a["argument"]: a["default"] for a in facts["arguments"]}["rate"] == "0.5"


def test_a_builder_of_ones_own_is_described_by_its_arguments(invoke) -> None:
    facts = json.loads(invoke("info", "zoo.sonar:sonar_baseline", "--format", "json").stdout)
    assert "momentum" in [argument["argument"] for argument in facts["arguments"]]


def test_a_data_set_is_described_by_its_card(invoke) -> None:
    facts = json.loads(invoke("info", "sonar", "--format", "json").stdout)
    card = get_card("sonar")
    assert facts["kind"] == "dataset"
    assert (facts["licence"], facts["citation"]) == (card.licence, card.citation)
    assert facts["protocol"]["cv"] == card.protocol.cv
    assert [trap["code"] for trap in facts["traps"]] == [trap.code for trap in card.traps]
    assert "findings" not in facts


@pytest.mark.parametrize("name", ["sonar", "sonar_dropout"])
def test_the_audit_is_made_when_asked_for(invoke, name: str) -> None:
    facts = json.loads(invoke("info", name, "--audit", "--format", "json").stdout)
    assert "sorted_by_class" in [finding["code"] for finding in facts["findings"]]


def test_a_run_is_described_by_its_result(invoke, stored_run) -> None:
    facts = json.loads(invoke("info", "net-1", "--format", "json").stdout)
    assert facts == {"kind": "run", **stored_run}


def test_a_runs_table_sums_it_up(invoke, stored_run) -> None:
    result = invoke("info", "net-1")
    assert result.stdout.startswith("net on sonar (208 rows, 3 folds")
    assert result.stdout.splitlines()[-1].startswith("accuracy 0.800 (95% CI 0.70-0.90")


def test_a_run_cannot_be_audited(invoke, stored_run) -> None:
    assert invoke("info", "net-1", "--audit").exit_code == 2


def test_an_unknown_name_is_told_what_was_probably_meant(invoke, tmp_path) -> None:
    result = invoke("info", "sonar_dropuot", "--store", str(tmp_path))
    assert result.exit_code == 2
    assert result.stderr.startswith(
        "Error: Unknown model, data set or run 'sonar_dropuot'. Did you mean 'sonar_dropout'?"
    )
