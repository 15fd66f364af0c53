"""What starts a process: the time it takes, what it loads, how it ends."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

HEAVY = ("tensorflow", "keras", "pandas", "scipy", "sklearn", "numpy", "jax", "torch")

LOADED = f"""
import sys
from harness.__main__ import main
sys.argv = ["harness", *sys.argv[1:]]
try:
    main()
finally:
    print(*[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "arguments",
    ["--help", "evaluate --help", "list", "list runs", "info sonar_dropout", "info sonar", "sys-info"],
)
def test_nothing_heavy_is_loaded(arguments: str) -> None:
    done = python("-c", LOADED, *arguments.split())
    assert (done.returncode, done.stderr.strip()) == (0, "")


def seconds(*arguments: str) -> float:
    start = time.perf_counter()
    assert python(*arguments).returncode == 0
    return time.perf_counter() - start


def test_listing_and_help_take_a_fraction_of_importing_tensorflow() -> None:
    tensorflow = seconds("-c", "import tensorflow")
    slowest = max(min(seconds("-m", "harness", argument) for _ in range(3)) for argument in ("list", "--help"))
    assert slowest < 0.15 * tensorflow


def test_the_module_exits_with_the_commands_code() -> None:
    done = python("-m", "harness", "evaluate", "no_such_model")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: Unknown model 'no_such_model'.")
    assert done.stderr.count("\n") == 1
