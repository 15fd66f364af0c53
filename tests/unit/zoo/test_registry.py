"""Names are found, guessed, or refused loudly; other packages add theirs by entry points."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

import zoo
from zoo import DuplicateModelError, ModelLoadError, ModelSpec, UnknownModelError, _registry

BUILT_IN = [
    "linear_regression",
    "mammography_mlp",
    "mnist_softmax",
    "multi_output_mlp",
    "pets_cnn",
    "pima_mlp",
    "sonar_baseline",
    "sonar_dropout",
    "sonar_dropout_hidden",
    "vgg19_transfer",
]
PLUGIN = """
from zoo import ModelSpec

def build(width=1, depth=1):
    return width, depth

SPEC = ModelSpec(name="my_net", builder="plugin_of_the_test:build", dataset="sonar", tasks=("binary",),
                 epochs=1, batch_size=1, description="A net.", source="Own work", arguments={"width": 5})
NO_SPEC = {"name": "my_net"}
"""


def spec(name: str = "my_net", **changes: Any) -> ModelSpec:
    fields: dict[str, Any] = {
        "builder": "builtins:dict",
        "dataset": "sonar",
        "tasks": ("binary",),
        "epochs": 1,
        "batch_size": 1,
        "description": "A net.",
        "source": "Own work",
    }
    return ModelSpec(name=name, **{**fields, **changes})


def entry_point(name: str = "my_net", value: str = "plugin_of_the_test:SPEC") -> EntryPoint:
    return EntryPoint(name=name, value=value, group="zoo.models")


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A registry that forgets what the test adds, and sees no installed package."""
    monkeypatch.setattr(_registry, "_specs", dict(_registry._specs))
    install(monkeypatch)
    yield
    clear_caches()


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package with one model."""
    (tmp_path / "plugin_of_the_test.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "plugin_of_the_test", raising=False)
    install(monkeypatch, entry_point())


def install(monkeypatch: pytest.MonkeyPatch, *entry_points: EntryPoint) -> None:
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: list(entry_points))
    clear_caches()


def clear_caches() -> None:
    _registry._entry_points.cache_clear()
    _registry._load.cache_clear()


def test_models_are_listed_in_order() -> None:
    assert zoo.list_models() == BUILT_IN


@pytest.mark.parametrize("pattern", ["sonar_*", "sonar-*"])
def test_glob_selects(pattern: str) -> None:
    assert zoo.list_models(pattern) == ["sonar_baseline", "sonar_dropout", "sonar_dropout_hidden"]


def test_range_in_a_glob_keeps_its_hyphen() -> None:
    assert zoo.list_models("[l-m]*_mlp") == ["mammography_mlp", "multi_output_mlp"]


def test_glob_without_match_lists_nothing() -> None:
    assert zoo.list_models("resnet*") == []


@pytest.mark.parametrize("name", ["sonar_dropout_hidden", "sonar-dropout-hidden", "sonar-dropout_hidden"])
def test_hyphens_and_underscores_name_the_same_model(name: str) -> None:
    assert zoo.get_spec(name).name == "sonar_dropout_hidden"


def test_unknown_name_is_told_what_was_probably_meant() -> None:
    with pytest.raises(UnknownModelError, match="Did you mean 'sonar_dropout'"):
        zoo.get_spec("sonar-dropuot")


def test_unknown_name_cannot_be_created() -> None:
    with pytest.raises(UnknownModelError, match="Unknown model 'resnet'"):
        zoo.create_model("resnet")


def test_registered_model_is_listed() -> None:
    zoo.register(spec())
    assert "my_net" in zoo.list_models()


def test_registered_model_is_looked_up() -> None:
    zoo.register(added := spec())
    assert zoo.get_spec("my-net") is added


def test_registered_model_is_created_with_its_arguments() -> None:
    zoo.register(spec(arguments={"rate": 0.5, "units": 3}))
    assert zoo.create_model("my_net") == {"rate": 0.5, "units": 3}


def test_arguments_of_the_call_win() -> None:
    zoo.register(spec(arguments={"rate": 0.5, "units": 3}))
    assert zoo.create_model("my_net", rate=0.1) == {"rate": 0.1, "units": 3}


def test_builder_may_have_an_argument_called_name() -> None:
    zoo.register(spec())
    assert zoo.create_model("my_net", name="x") == {"name": "x"}


def test_arguments_of_the_call_do_not_stay() -> None:
    zoo.register(spec(arguments={"rate": 0.5}))
    zoo.create_model("my_net", rate=0.1)
    assert zoo.create_model("my_net") == {"rate": 0.5}


def test_built_in_name_is_taken() -> None:
    with pytest.raises(DuplicateModelError, match=r"zoo\.sonar:sonar_dropout exists already; .* builtins:dict"):
        zoo.register(spec("sonar_dropout"))


def test_refused_model_changes_nothing() -> None:
    with pytest.raises(DuplicateModelError):
        zoo.register(spec("sonar_dropout"))
    assert zoo.get_spec("sonar_dropout").builder == "zoo.sonar:sonar_dropout"


def test_registered_name_is_taken() -> None:
    zoo.register(spec())
    with pytest.raises(DuplicateModelError, match="'my_net'"):
        zoo.register(spec())


@pytest.mark.usefixtures("plugin")
def test_installed_model_is_listed_without_its_package_being_imported() -> None:
    assert "my_net" in zoo.list_models()
    assert "plugin_of_the_test" not in sys.modules


@pytest.mark.usefixtures("plugin")
def test_installed_model_is_looked_up() -> None:
    assert zoo.get_spec("my-net").arguments == {"width": 5}


@pytest.mark.usefixtures("plugin")
def test_installed_model_is_created() -> None:
    assert zoo.create_model("my_net", depth=2) == (5, 2)


@pytest.mark.usefixtures("plugin")
def test_name_of_an_installed_model_is_taken() -> None:
    with pytest.raises(DuplicateModelError, match="plugin_of_the_test:SPEC"):
        zoo.register(spec("my_net"))


@pytest.mark.usefixtures("plugin")
def test_hyphens_in_the_name_of_an_entry_point_are_underscores(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, entry_point("my-net"))
    assert zoo.get_spec("my_net").name == "my_net"


def test_installed_model_may_not_take_a_built_in_name(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, entry_point("sonar-dropout"))
    with pytest.raises(DuplicateModelError, match=r"'sonar_dropout' of zoo\.sonar:sonar_dropout"):
        zoo.list_models()


def test_two_installed_models_may_not_share_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, entry_point(value="one:SPEC"), entry_point(value="two:SPEC"))
    with pytest.raises(DuplicateModelError, match=r"one:SPEC .*two:SPEC"):
        zoo.list_models()


def test_broken_package_does_not_hide_the_other_models(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, entry_point(value="no_such_package_here:SPEC"))
    assert zoo.get_spec("sonar_dropout").name == "sonar_dropout"


def test_broken_package_is_named_when_its_model_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, entry_point(value="no_such_package_here:SPEC"))
    with pytest.raises(ModelLoadError, match="'my_net' of no_such_package_here:SPEC"):
        zoo.get_spec("my_net")


@pytest.mark.usefixtures("plugin")
def test_entry_point_must_lead_to_a_spec(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, entry_point(value="plugin_of_the_test:NO_SPEC"))
    with pytest.raises(ModelLoadError, match="must be a ModelSpec"):
        zoo.get_spec("my_net")


@pytest.mark.usefixtures("plugin")
def test_entry_point_must_lead_to_the_spec_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, entry_point("other_net"))
    with pytest.raises(ModelLoadError, match="'other_net'"):
        zoo.get_spec("other_net")
