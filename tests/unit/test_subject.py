from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from harness.data import from_arrays
from harness.errors import UnknownNameError, UsageError
from harness.subject import resolve_subject

X = np.zeros((6, 2))
BINARY = from_arrays(X, ["a", "b"] * 3)
REGRESSION = from_arrays(X, np.random.default_rng(0).normal(size=(6, 3)))


def _told(**received: Any) -> dict[str, Any]:
    return received


def _takes_all(input_shape: Any, classes: int = 0, num_outputs: int = 0, units: int = 1) -> Any:
    return _told(input_shape=input_shape, classes=classes, num_outputs=num_outputs, units=units)


def _takes_nothing() -> Any:
    return _told()


def _takes_anything(**settings: Any) -> Any:
    return settings


def _needs(units: int) -> Any:
    return _told(units=units)


def _built(builder: Any, dataset: Any = BINARY, **arguments: Any) -> Any:
    return resolve_subject(builder, arguments).bound(dataset)((2,))


@pytest.mark.parametrize("name", ["sonar-dropout", "sonar_dropout"])
def test_a_zoo_model_is_found_by_either_spelling(name: str) -> None:
    assert resolve_subject(name, {}).name == "sonar_dropout"


def test_the_callers_arguments_come_before_the_recipes() -> None:
    assert resolve_subject("sonar_dropout", {"rate": 0.5}).arguments["rate"] == 0.5


def test_a_misspelt_model_is_corrected() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'sonar_dropout'"):
        resolve_subject("sonar_dropuot", {})


def test_a_classifier_is_told_the_classes() -> None:
    assert _built(_takes_all) == {"input_shape": (2,), "classes": 2, "num_outputs": 0, "units": 1}


def test_a_regressor_is_told_the_outputs() -> None:
    assert _built(_takes_all, REGRESSION)["num_outputs"] == 3


def test_the_callers_arguments_win() -> None:
    assert _built(_takes_all, classes=7, units=3) == {
        "input_shape": (2,),
        "classes": 7,
        "num_outputs": 0,
        "units": 3,
    }


@pytest.mark.parametrize("builder", [_takes_nothing, _takes_anything])
def test_only_what_is_named_is_passed(builder: Any) -> None:
    assert _built(builder) == {}


def test_any_argument_goes_where_any_is_taken() -> None:
    assert _built(_takes_anything, depth=3) == {"depth": 3}


def test_an_unknown_argument_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match=r"argument of _needs 'unit'\. Did you mean 'units'"):
        _built(_needs, unit=3)


def test_an_argument_that_is_missing_is_named() -> None:
    with pytest.raises(UsageError, match="'_needs' needs the argument 'units'"):
        _built(_needs)


@pytest.mark.parametrize("builder", [functools.partial(_needs, units=4), functools.partial(_needs, 4)])
def test_a_partial_is_a_builder(builder: Any) -> None:
    assert _built(builder) == {"units": 4}


class Estimator:
    def fit(self) -> None:
        """Fits."""

    def __call__(self) -> None:
        """Is called."""


@pytest.mark.parametrize("model", [3, Estimator(), None])
def test_what_is_no_builder_is_refused(model: Any) -> None:
    with pytest.raises(UsageError, match=r"a function that returns a new compiled model. Received: \w+"):
        resolve_subject(model, {})


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "subject_of_test.py"
    path.write_text("def net(units=1):\n    return units\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [*__import__("sys").path])
    return path


def test_a_function_of_a_module_here_is_found(module: Path) -> None:
    assert resolve_subject("subject_of_test:net", {"units": 2}).bound(BINARY)((2,)) == 2


def test_an_unknown_function_is_refused(module: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"function of subject_of_test 'nett'. Did you mean 'net'"):
        resolve_subject("subject_of_test:nett", {})


@pytest.fixture
def ridge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    text = "from sklearn.linear_model import Ridge\nridge = Ridge(fit_intercept=False)\n"
    (tmp_path / "estimator_of_test.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    return "estimator_of_test:ridge"


def test_an_estimator_can_be_named(ridge: str) -> None:
    for reference, intercept in (("sklearn.linear_model:Ridge", True), (ridge, False)):
        subject = resolve_subject(reference, {"alpha": 0.5})
        assert repr(subject.estimator) == repr(Ridge(alpha=0.5, fit_intercept=intercept))
        assert (subject.name, subject.arguments) == (reference, {"alpha": 0.5})
        assert resolve_subject(reference, {}).estimator.alpha == 1.0  # what was named is left as it is


def test_an_unknown_parameter_or_estimator_is_refused() -> None:
    with pytest.raises(
        UnknownNameError, match=r"parameter of sklearn.linear_model:Ridge 'alpa'\. Did you mean 'alpha'"
    ):
        resolve_subject("sklearn.linear_model:Ridge", {"alpa": 1})
    with pytest.raises(UnknownNameError, match="Did you mean 'Ridge'"):
        resolve_subject("sklearn.linear_model:Rigde", {})


def test_an_estimator_of_other_estimators_cannot_be_made_of_its_name() -> None:
    with pytest.raises(
        UsageError, match=r"needs parameters that are estimators .* make it in a module of your own"
    ):
        resolve_subject("sklearn.ensemble:VotingClassifier", {})


def test_a_module_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="Cannot import 'no_such_module' of 'no_such_module:net'"):
        resolve_subject("no_such_module:net", {})


def _closing_over(value: Any) -> Any:
    def build() -> Any:
        return value

    return build


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (_closing_over(1), _closing_over(2)),
        (functools.partial(_needs, units=1), functools.partial(_needs, units=2)),
        (_takes_all, _takes_nothing),
    ],
    ids=["closure", "partial", "function"],
)
def test_builders_that_do_otherwise_have_another_hash(one: Any, other: Any) -> None:
    assert resolve_subject(one, {}).source_sha256() != resolve_subject(other, {}).source_sha256()


def test_the_same_builder_has_the_same_hash() -> None:
    first, second = (resolve_subject(_closing_over(1), {}).source_sha256() for _ in range(2))
    assert first == second


def test_the_zoo_is_known_by_its_version() -> None:
    assert resolve_subject("sonar_baseline", {}).source_sha256() is None
