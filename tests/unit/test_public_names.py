from __future__ import annotations

import subprocess
import sys

import pytest

import harness


def test_the_public_names_are_sorted() -> None:
    assert harness.__all__ == sorted(harness.__all__)


def test_the_public_names_are_those_of_the_lazy_table() -> None:
    assert set(harness.__all__) == {*harness._MODULES, "__version__"}


@pytest.mark.parametrize("name", harness.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(harness, name) is not None


@pytest.mark.parametrize("name", harness._MODULES)
def test_a_name_is_found_where_the_table_says(name: str) -> None:
    module = getattr(harness, name).__module__
    assert module.startswith(f"harness.{harness._MODULES[name].split('.')[0]}")


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'evaluat'"):
        harness.evaluat  # noqa: B018


def test_dir_lists_the_public_names() -> None:
    assert dir(harness) == sorted(harness.__all__)


@pytest.mark.parametrize("module", ["harness", "zoo", "harness.cli", "harness.data", "harness.store"])
def test_importing_loads_nothing_heavy(module: str) -> None:
    heavy = ("keras", "tensorflow", "pandas", "sklearn")
    program = f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
