from __future__ import annotations

import os
import signal
import warnings

import pytest

import zoo
from harness.errors import CorruptArtifactError, DataError, FoldError, UnknownNameError


def raised(error: BaseException):
    def answer():
        raise error

    return answer


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DataError("rows.csv, line 3: nothing there"), 2),
        (UnknownNameError("metric", "acuracy", ["accuracy"]), 2),
        (FoldError("repeat 0 fold 3 failed"), 1),
        (CorruptArtifactError("x.keras is corrupt"), 1),
        (zoo.UnknownModelError("x", ["y"]), 2),
        (zoo.ModelLoadError("Cannot load x"), 2),
    ],
)
def test_expected_errors_are_one_line_with_the_exit_code_of_their_class(
    invoke, evaluate, error: Exception, code: int
) -> None:
    evaluate.answers["sonar_dropout"] = error
    result = invoke("evaluate", "sonar_dropout", "-q")
    assert (result.exit_code, result.stdout, result.stderr) == (code, "", f"Error: {error}\n")


def test_an_unexpected_error_is_one_line_that_names_its_type(invoke, evaluate) -> None:
    evaluate.answers["sonar_dropout"] = ZeroDivisionError("by\nzero")
    result = invoke("evaluate", "sonar_dropout", "-q")
    assert result.exit_code == 1
    assert result.stderr == ("Error: ZeroDivisionError: by zero (run again with --debug for the traceback)\n")


def test_the_message_of_a_key_error_is_not_quoted_twice(invoke, evaluate) -> None:
    evaluate.answers["sonar_dropout"] = KeyError("no such thing")
    assert "Error: KeyError: no such thing (" in invoke("evaluate", "sonar_dropout", "-q").stderr


def test_debug_shows_the_traceback_before_the_line(invoke, evaluate) -> None:
    evaluate.answers["sonar_dropout"] = ZeroDivisionError("by zero")
    lines = invoke("evaluate", "sonar_dropout", "-q", "--debug").stderr.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1] == "Error: ZeroDivisionError: by zero"


def test_an_error_cannot_steer_the_terminal(invoke, evaluate) -> None:
    evaluate.answers["sonar_dropout"] = DataError("column \x1b[2J")
    assert invoke("evaluate", "sonar_dropout", "-q").stderr == "Error: column ?[2J\n"


def test_ctrl_c_is_130_and_says_how_to_go_on(invoke, evaluate) -> None:
    evaluate.answers["sonar_dropout"] = KeyboardInterrupt()
    result = invoke("evaluate", "sonar_dropout", "-q")
    assert result.exit_code == 130
    assert result.stderr.strip() == "Interrupted. The same command goes on with the folds that are left."


def test_without_resume_nothing_is_promised(invoke, evaluate) -> None:
    evaluate.answers["sonar_dropout"] = KeyboardInterrupt()
    assert invoke("evaluate", "sonar_dropout", "-q", "--no-resume").stderr.strip() == "Interrupted."


def test_sigterm_is_143_and_one_line(invoke, evaluate) -> None:
    evaluate.answers["sonar_dropout"] = lambda: os.kill(os.getpid(), signal.SIGTERM)
    result = invoke("evaluate", "sonar_dropout", "-q")
    assert result.exit_code == 143
    assert result.stderr == "Terminated. The same command goes on with the folds that are left.\n"


def test_sigterm_is_left_as_it_was(invoke) -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        invoke("list")
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_python_warning_is_one_line(invoke, evaluate) -> None:
    def warn() -> dict[str, object]:
        warnings.simplefilter("always")
        warnings.warn("all is\nnot well", UserWarning, stacklevel=1)
        return {}

    evaluate.answers["sonar_dropout"] = warn
    assert "Warning: all is not well\n" in invoke("evaluate", "sonar_dropout", "-q").stderr
