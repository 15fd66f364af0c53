from __future__ import annotations

import pytest

from harness.cli._group import COMMANDS


def test_without_a_command_the_help_is_shown(invoke) -> None:
    result = invoke()
    assert result.exit_code == 0
    assert all(f"  {name} " in result.stdout for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example(invoke, command: str) -> None:
    result = invoke(command, "--help")
    assert result.exit_code == 0
    assert f"Example:\n    python -m harness {command}" in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_debug(invoke, command: str) -> None:
    assert "--debug" in invoke(command, "--help").stdout


def test_underscores_stand_for_hyphens_in_commands_and_options(invoke) -> None:
    assert invoke("sys_info", "--format", "json").exit_code == 0
    assert "No such option" not in invoke("evaluate", "nothing", "--batch_size", "3").stderr


def test_an_unknown_command_is_told_what_was_probably_meant(invoke) -> None:
    result = invoke("evalute")
    assert result.exit_code == 2
    assert result.stderr == (
        "Error: Unknown command 'evalute'. Did you mean 'evaluate'? "
        f"Available: {', '.join(COMMANDS)}. Try 'harness --help'.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["list", "--formt", "x"], "No such option '--formt'. Did you mean '--format'?"),
        (["list", "--format", "xml"], "Invalid value for '--format': 'xml' is not one of"),
        (["evaluate"], "Missing argument 'NAME...'."),
        (["evaluate", "sonar_dropout", "-k", "1"], "Invalid value for '-k' / '--folds': 1 is not in the range"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(invoke, arguments: list[str], message: str) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"Error: {message}")
    assert result.stderr.count("\n") == 1


def test_the_version_is_printed(invoke) -> None:
    from harness import __version__

    assert invoke("--version").stdout == f"harness, version {__version__}\n"
