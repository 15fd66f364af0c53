"""Cards: defaults, checks, and what is said of a malformed one."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from harness.data import default_protocol, get_card
from harness.data.cards import Card, EvaluationProtocol, read_card
from harness.errors import DataError, UnknownNameError

MINIMAL = """
name = "toy"
task = "binary"
target = "kind"
source = { kind = "csv", file = "toy.csv" }
"""


def read(folder: Path, text: str) -> Card:
    path = folder / "dataset.toml"
    path.write_text(text, encoding="utf-8")
    return read_card(path)


def test_little_must_be_given(tmp_path: Path) -> None:
    card = read(tmp_path, MINIMAL)
    assert (card.name, card.target, card.licence, card.version) == ("toy", ("kind",), "not stated", 1)


def test_a_card_without_a_protocol_gets_that_of_its_task(tmp_path: Path) -> None:
    assert read(tmp_path, MINIMAL).protocol == default_protocol("binary")


def test_a_protocol_without_metrics_gets_those_of_its_task(tmp_path: Path) -> None:
    card = read(tmp_path, MINIMAL + '[protocol]\ncv = "kfold"\nfolds = 3\n')
    assert (card.protocol.folds, card.protocol.metrics) == (3, default_protocol("binary").metrics)


def test_a_card_may_name_several_targets(tmp_path: Path) -> None:
    text = MINIMAL.replace('"kind"', '["u", "v"]').replace("binary", "regression")
    assert read(tmp_path, text).protocol.metrics == ("mae", "mae_per_output", "rmse", "r2")


@pytest.mark.parametrize(
    ("task", "scheme", "headline"),
    [
        ("binary", "stratified", "accuracy"),
        ("multiclass", "stratified", "accuracy"),
        ("regression", "kfold", "mae"),
    ],
)
def test_default_protocols(task: str, scheme: str, headline: str) -> None:
    protocol = default_protocol(task)  # type: ignore[arg-type]
    assert (protocol.cv, protocol.folds, protocol.metrics[0]) == (scheme, 10, headline)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "toy"', "", "field 'name': Field required"),
        ('"toy"', '"Toy set"', "field 'name': String should match pattern .*Received: 'Toy set'"),
        ('"binary"', '"classify"', "field 'task': .*Received: 'classify'"),
        ('"toy.csv"', '"../toy.csv"', r"field 'source.csv.file': .*Received: '../toy.csv'"),
        ('"toy.csv"', '"/etc/passwd"', "field 'source.csv.file'"),
        ('kind = "csv"', 'kind = "python"', "field 'source': .*'python'"),
        ('"toy.csv"', '"toy.csv", sha256 = "12ab"', "field 'source.csv.sha256'"),
        ('"csv", file = "toy.csv"', '"generator", generator = "eval"', "field 'source.generator.generator'"),
        ('"csv", file = "toy.csv"', '"sklearn", loader = "files"', "field 'source.sklearn.loader'"),
        (
            '"csv"',
            '"download", sha256 = "' + "0" * 64 + '", url = "file:///etc/passwd"',
            "field 'source.download.url'",
        ),
        (
            '"csv"',
            '"download", url = "https://example.org/toy.csv"',
            "field 'source.download.sha256': Field required",
        ),
        ('"toy"', '"toy"\ncolour = "red"', "field 'colour': Extra inputs are not permitted"),
        ('"toy"', '"toy"\nrows = 0', "field 'rows': .*Received: 0"),
        ('"toy"', '"toy"\nprotocol = 3', "field 'protocol'"),
        ('"kind"', "[]", "field 'target'"),
        ("target", 'title = "unclosed\ntarget', "cannot be read as TOML"),
    ],
)
def test_a_malformed_card_is_named_with_its_field(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        read(tmp_path, MINIMAL.replace(old, new, 1))
    assert str(caught.value).startswith(str(tmp_path / "dataset.toml"))
    assert "\n" not in str(caught.value)


def test_a_card_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "dataset.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match=r"dataset.toml cannot be read as TOML"):
        read_card(tmp_path / "dataset.toml")


def test_further_mistakes_are_counted(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"\(and 1 more\)$"):
        read(tmp_path, MINIMAL + "rows = 0\ncolumns = 0\n")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"cv": "holdout"}, "test_size belongs to cv = 'holdout'"),
        ({"cv": "kfold", "folds": 3, "test_size": 0.3}, "test_size belongs to cv = 'holdout'"),
        ({"cv": "kfold"}, "folds belongs to the k-fold schemes"),
        ({"cv": "leave_one_out", "folds": 3}, "folds belongs to the k-fold schemes"),
        ({"cv": "group", "folds": 3}, "groups is missing"),
        ({"cv": "kfold", "folds": 1}, "greater than or equal to 2"),
        ({"cv": "holdout", "test_size": 1.0}, "less than 1"),
        ({"cv": "kfold", "folds": 3, "metrics": []}, "at least 1 item"),
    ],
)
def test_protocols_that_make_no_sense_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        EvaluationProtocol.model_validate({"metrics": ["mae"]} | settings)


def test_get_card_takes_hyphens() -> None:
    assert get_card("breast-cancer").name == "breast_cancer"


def test_get_card_takes_a_folder(tmp_path: Path) -> None:
    read(tmp_path, MINIMAL)
    assert get_card(tmp_path).name == "toy"


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'mammography'"):
        get_card("mamography")
