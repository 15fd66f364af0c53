from __future__ import annotations

import json

from harness.environment import capture


def test_json_is_the_capture(invoke) -> None:
    assert json.loads(invoke("sys-info", "--format", "json").stdout) == capture()


def test_the_table_names_nested_facts(invoke) -> None:
    text = invoke("sys-info").stdout
    assert "packages.keras" in text
    assert "cpu.threads" in text
