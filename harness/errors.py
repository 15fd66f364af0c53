"""The exceptions of the harness.

::

    HarnessError                   exit code 1
    ├── FoldError                  the training of one fold went wrong
    ├── CorruptArtifactError       a stored file is not what was written
    └── UsageError                 exit code 2: what the caller asked for cannot be done
        ├── UnknownNameError       no model, data set, metric … of that name
        ├── DataError              the data cannot be used as it is
        ├── ResamplingError        the splitting scheme does not suit the data
        ├── EngineError            the engine asked for cannot express the model
        └── StoreError             the run store cannot be written, read or owned

Every message is one line: what was wrong, what was received, what to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_MOST_LISTED = 30


class HarnessError(Exception):
    """Base class of everything the harness raises on purpose."""

    exit_code = 1


class FoldError(HarnessError):
    """The training of one fold failed; the other folds are not affected."""


class CorruptArtifactError(HarnessError):
    """A stored file's content is not what was written."""


class UsageError(HarnessError):
    """What the caller asked for cannot be done; nothing was trained."""

    exit_code = 2


class UnknownNameError(UsageError):
    """A name that nothing is registered under.

    Args:
        kind: What the name should have named, such as "model".
        name: The name as received.
        available: The names there are.
    """

    def __init__(self, kind: str, name: str, available: Iterable[str]) -> None:
        self.kind = kind
        self.name = name
        self.available = sorted(available)
        super().__init__(unknown_name_message(kind, name, self.available))


class DataError(UsageError):
    """The data cannot be used as it is; the message names the file, row, column or class."""


class ResamplingError(UsageError):
    """The splitting scheme does not suit the data."""


class EngineError(UsageError):
    """The engine that was insisted on cannot express the model or its callbacks."""


class StoreError(UsageError):
    """The run store cannot be written, read, or is owned by another process."""


def unknown_name_message(kind: str, name: str, available: Iterable[str]) -> str:
    """Says what is unknown, what was probably meant, and what there is, in one line.

    Example:
        >>> unknown_name_message("model", "sonar_dropuot", ["sonar_baseline", "sonar_dropout"])
        "Unknown model 'sonar_dropuot'. Did you mean 'sonar_dropout'? Available: sonar_baseline, sonar_dropout"
    """
    names = sorted(available)
    close = difflib.get_close_matches(name.replace("-", "_"), names, n=1, cutoff=0.6)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    listed = [*names[:_MOST_LISTED], *(["…"] if len(names) > _MOST_LISTED else [])]
    return f"Unknown {kind} '{name}'.{hint} Available: {', '.join(listed) or 'none'}"
