from __future__ import annotations

import shlex
from typing import Any

import pytest

from harness.cli.report import command as report_command_line
from harness.report.request import Request, report_command


def parsed(command: str) -> dict[str, Any]:
    """What `report` makes of the command's words."""
    words = shlex.split(command)
    assert words[:4] == ["python", "-m", "harness", "report"]
    return report_command_line.make_context("report", words[4:]).params


def test_report_understands_the_command_as_it_was_meant() -> None:
    request = Request(metric="roc_auc", baseline="net a", rope=0.01, level=0.975, interval="conservative")
    found = parsed(report_command(["net_a-1", "net_b-2"], request).command)
    assert found["names"] == ("net_a-1", "net_b-2")
    assert {name: found[name] for name in ("metric", "baseline", "rope", "level", "interval")} == {
        "metric": "roc_auc",
        "baseline": "net a",
        "rope": 0.01,
        "level": 0.975,
        "interval": "conservative",
    }


def test_what_was_not_asked_for_is_not_said() -> None:
    assert report_command(["net-1"], Request()).command == "python -m harness report net-1 -o report.html"


def test_a_rope_of_zero_is_one() -> None:
    assert parsed(report_command(["a", "b"], Request(rope=0.0)).command)["rope"] == 0.0


def test_a_function_of_the_callers_own_is_a_gap() -> None:
    found = report_command(["net-1"], Request(metric="cost", custom=True))
    assert found.gaps == ("The metric cost can only be given in Python.",)
    assert parsed(found.command)["metric"] is None


@pytest.mark.parametrize("name", ["a; rm -rf ~", "$(id)"])
def test_what_a_shell_would_run_is_quoted(name: str) -> None:
    assert parsed(report_command([name], Request(baseline=name)).command)["names"] == (name,)
