"""Which models are meant by the names and globs of a command line."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from harness.errors import UsageError


def resolve_models(names: Iterable[str]) -> list[str]:
    """Turns names, globs and "module:function" into models, each once, in the order given.

    Args:
        names: What was typed; hyphens stand for underscores.

    Returns:
        Registered names, and "module:function" as it is.

    Raises:
        UsageError: If a glob matches no model.
        zoo.UnknownModelError: If a name is not registered.

    Example:
        >>> resolve_models(["sonar-dropout", "sonar_dropout*"])
        ['sonar_dropout', 'sonar_dropout_hidden']
    """
    return list(dict.fromkeys(model for name in names for model in _expand(name)))


def _expand(name: str) -> list[str]:
    import zoo

    if ":" in name:
        importable_from_here()
        return [name]
    if not is_glob(name):
        return [zoo.get_spec(name).name]
    matching = zoo.list_models(name)
    if not matching:
        raise UsageError(f"No model matches '{name}'. Available: {', '.join(zoo.list_models())}")
    return matching


def is_glob(name: str) -> bool:
    """Whether a name is a pattern."""
    return any(character in name for character in "*?[")


def importable_from_here() -> None:
    """Lets modules of the current folder be imported by the console script too, after everything installed."""
    if "" not in sys.path:
        sys.path.append("")
