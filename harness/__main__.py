"""`python -m harness`, which is the same program as the console script `harness`."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Runs the command line and exits with its code.

    Exit codes: 0 done, 1 some folds failed or something went wrong, 2 wrong usage, 130 interrupted,
    143 terminated.
    """
    # Read when TensorFlow is loaded, here or in a child process: errors only, unless the user asked for more.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that cannot show "×" is no reason to fail
    from harness.cli._group import cli
    from harness.garbage import collect_nothing_at_exit, collect_seldom

    collect_seldom()
    collect_nothing_at_exit()
    cli()


if __name__ == "__main__":
    main()
