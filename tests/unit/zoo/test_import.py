"""The registry starts quickly: it imports nothing but the standard library."""

from __future__ import annotations

import subprocess
import sys

import pytest

import zoo

CALLS = {
    "import": "pass",
    "list_models": "zoo.list_models('sonar_*')",
    "get_spec": "zoo.get_spec('sonar_dropout')",
}


@pytest.fixture(scope="module", params=CALLS)
def imported(request: pytest.FixtureRequest) -> set[str]:
    """Top-level packages in memory after the call, in a fresh process."""
    code = f"import sys, zoo; {CALLS[request.param]}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(result.stdout.split())


@pytest.mark.parametrize("package", ["keras", "tensorflow", "numpy", "harness"])
def test_package_is_not_imported(imported: set[str], package: str) -> None:
    assert package not in imported


def test_public_names_are_sorted() -> None:
    assert sorted(zoo.__all__) == zoo.__all__


@pytest.mark.parametrize("name", zoo.__all__)
def test_public_name_exists_and_is_documented(name: str) -> None:
    assert getattr(zoo, name).__doc__
