"""Names that become file names: run ids, keys of folds, names of artifacts."""

from __future__ import annotations

import re

from harness.errors import StoreError

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
_LONGEST = 150


def check_name(kind: str, name: str) -> str:
    """Lets through what is safe as the name of a file on every system.

    Args:
        kind: What is named, for the message, such as "run id".
        name: 1 to 150 letters, digits, dots, underscores and hyphens; no dot in front, so neither ".."
            nor a hidden file.

    Returns:
        The name as received.

    Raises:
        StoreError: The name holds anything else, a path separator for instance.

    Example:
        >>> check_name("run id", "sonar_dropout-7")
        'sonar_dropout-7'
    """
    if len(name) <= _LONGEST and _NAME.fullmatch(name):
        return name
    raise StoreError(
        f"The {kind} must be 1 to {_LONGEST} letters, digits, '.', '_' or '-', with no '.' in front. "
        f"Received: {name!r}"
    )
