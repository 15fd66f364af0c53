from __future__ import annotations

import sys

import pytest

from harness.cli._models import resolve_models
from harness.errors import UsageError


def test_names_globs_and_references_are_resolved_in_order_and_once() -> None:
    names = ["sonar-dropout", "mine:net", "sonar_*"]
    assert resolve_models(names) == ["sonar_dropout", "mine:net", "sonar_baseline", "sonar_dropout_hidden"]


def test_a_glob_that_matches_nothing_is_an_error() -> None:
    with pytest.raises(UsageError, match=r"No model matches 'zzz\*'\. Available: linear_regression"):
        resolve_models(["zzz*"])


def test_a_reference_makes_modules_of_this_folder_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", ["/somewhere"])
    resolve_models(["mine:net"])
    assert sys.path == ["/somewhere", ""]
