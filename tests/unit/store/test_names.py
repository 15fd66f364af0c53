from __future__ import annotations

import pytest

from harness.errors import StoreError
from harness.store.names import check_name


@pytest.mark.parametrize("name", ["a", "sonar_dropout-7.2", "_x", "-x", "K" * 150])
def test_safe_names_pass(name: str) -> None:
    assert check_name("run id", name) == name


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "a\\b", "/etc/passwd", ".hidden", "a b", "ä", "a\n", "a\0", "K" * 151]
)
def test_names_that_could_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(StoreError, match="The run id must be"):
        check_name("run id", name)
