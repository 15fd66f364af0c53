"""What the registry's errors say."""

from __future__ import annotations

import pickle

import pytest

from zoo import DuplicateModelError, ModelLoadError, UnknownModelError, ZooError

UNKNOWN = UnknownModelError("sonar-drpout", ["sonar_dropout", "pima_mlp"])
DUPLICATE = DuplicateModelError("net", "a:net", "b:net")


def test_unknown_model_is_told_what_was_probably_meant() -> None:
    assert "Did you mean 'sonar_dropout'?" in str(UNKNOWN)


def test_unknown_model_is_told_what_there_is() -> None:
    assert str(UNKNOWN).endswith("Available: pima_mlp, sonar_dropout")


def test_name_like_no_other_gets_no_guess() -> None:
    assert "Did you mean" not in str(UnknownModelError("xyz", ["sonar_dropout"]))


def test_empty_registry_is_said() -> None:
    assert str(UnknownModelError("xyz", [])).endswith("Available: none")


def test_unknown_model_keeps_the_name_as_received() -> None:
    assert UNKNOWN.name == "sonar-drpout"


@pytest.mark.parametrize("part", ["'net'", "a:net", "b:net"])
def test_duplicate_names_both_models(part: str) -> None:
    assert part in str(DUPLICATE)


@pytest.mark.parametrize("error", [UNKNOWN, DUPLICATE, ModelLoadError("no module")], ids=repr)
def test_message_is_one_line(error: ZooError) -> None:
    assert "\n" not in str(error)


@pytest.mark.parametrize("error", [UNKNOWN, DUPLICATE, ModelLoadError("no module")], ids=repr)
def test_error_comes_back_from_another_process(error: ZooError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy)) == (type(error), str(error))


@pytest.mark.parametrize(
    ("error", "base"),
    [(UnknownModelError, LookupError), (DuplicateModelError, ValueError), (ModelLoadError, ImportError)],
)
def test_error_is_also_the_usual_python_error(error: type[ZooError], base: type[Exception]) -> None:
    assert issubclass(error, base)
    assert issubclass(error, ZooError)
