"""Listing data sets costs next to nothing; the names arrive when they are used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import harness.data

HEAVY = {"numpy", "pandas", "scipy", "sklearn", "pydantic", "pooch", "keras", "tensorflow"}


def imported_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_listing_imports_nothing_heavy() -> None:
    statement = "from harness.data import dataset_summaries, list_datasets; list_datasets(); dataset_summaries()"
    assert imported_by(statement) & HEAVY == set()


def test_a_card_needs_no_data_library() -> None:
    assert imported_by("from harness.data import get_card; get_card('sonar')") & HEAVY == {"pydantic"}


def test_public_names_are_sorted() -> None:
    assert harness.data.__all__ == sorted(harness.data.__all__)


@pytest.mark.parametrize("name", harness.data.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(harness.data, name) is not None


def test_names_stay_what_they_are_after_their_module_was_imported() -> None:
    import harness.data.auditing

    assert callable(harness.data.audit)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        harness.data.nothing  # noqa: B018
