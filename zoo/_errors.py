"""The exceptions of the zoo.

::

    ZooError
    ├── UnknownModelError      no model is registered under the name   (also a LookupError)
    ├── DuplicateModelError    two models claim one name               (also a ValueError)
    └── ModelLoadError         a model's code cannot be imported       (also an ImportError)

Every message is one line: what was wrong, what was received, what to do.
A bad argument of a builder is a plain `ValueError`, as in Keras.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ZooError(Exception):
    """Base class of what the registry raises on purpose."""


class UnknownModelError(ZooError, LookupError):
    """A name that no model is registered under.

    Args:
        name: The name as received.
        available: The names there are.

    Example:
        >>> print(UnknownModelError("sonar-dropuot", ["sonar_baseline", "sonar_dropout"]))
        Unknown model 'sonar-dropuot'. Did you mean 'sonar_dropout'? Available: sonar_baseline, sonar_dropout
    """

    def __init__(self, name: str, available: Iterable[str]) -> None:
        self.name = name
        self.available = tuple(sorted(available))
        close = difflib.get_close_matches(name.replace("-", "_"), self.available, n=1)
        hint = f" Did you mean '{close[0]}'?" if close else ""
        super().__init__(f"Unknown model '{name}'.{hint} Available: {', '.join(self.available) or 'none'}")

    def __reduce__(self) -> tuple[type[UnknownModelError], tuple[str, tuple[str, ...]]]:
        return type(self), (self.name, self.available)


class DuplicateModelError(ZooError, ValueError):
    """A second model of a name that is taken.

    Args:
        name: The name that both claim.
        first: Where the model that has the name comes from, such as its builder.
        second: Where the newcomer comes from.

    Example:
        >>> print(DuplicateModelError("sonar_dropout", "zoo.sonar:sonar_dropout", "mine:net"))
        Model 'sonar_dropout' of zoo.sonar:sonar_dropout exists already; rename the one of mine:net
    """

    def __init__(self, name: str, first: str, second: str) -> None:
        self.name = name
        self.first = first
        self.second = second
        super().__init__(f"Model '{name}' of {first} exists already; rename the one of {second}")

    def __reduce__(self) -> tuple[type[DuplicateModelError], tuple[str, str, str]]:
        return type(self), (self.name, self.first, self.second)


class ModelLoadError(ZooError, ImportError):
    """The code of a registered model cannot be imported, or is not what it should be."""
