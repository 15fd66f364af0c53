"""Names of a package that are imported when they are first used."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def lazy_names(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """Makes a package's `__getattr__` (PEP 562).

    Args:
        package: The package's `__name__`.
        modules: For each public name the module of the package that defines it.

    Returns:
        A function that imports a name and leaves it in the package.

    Example:
        >>> lazy_names("harness", {"FoldKey": "seeds"})("FoldKey").__name__
        'FoldKey'
    """

    def attribute(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{package}.{modules[name]}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return attribute
