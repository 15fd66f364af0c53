"""The arguments of a builder, read from its source: showing them must not load Keras."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Argument:
    """One argument of a builder.

    Args:
        name: As it is passed.
        default: Its default as it stands in the source, or None where a value is required.
        meaning: Its description in the docstring, "" where there is none.
    """

    name: str
    default: str | None
    meaning: str = ""


def builder_arguments(builder: str) -> list[Argument]:
    """Reads the arguments of a function without importing its module.

    Args:
        builder: "module:function".

    Returns:
        The arguments in order; empty where the source cannot be read (a compiled or generated function).

    Example:
        >>> [argument.name for argument in builder_arguments("zoo.sonar:sonar_baseline")][:2]
        ['input_shape', 'classes']
    """
    module, _, name = builder.partition(":")
    function = _find_function(_source(module), name)
    if function is None:
        return []
    meanings = _meanings(ast.get_docstring(function) or "")
    return [
        Argument(argument, default, meanings.get(argument, "")) for argument, default in _defaults(function.args)
    ]


def _source(module: str) -> str:
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return ""
    if spec is None or not spec.has_location or spec.origin is None or not spec.origin.endswith(".py"):
        return ""
    return Path(spec.origin).read_text(encoding="utf-8")


def _find_function(source: str, name: str) -> ast.FunctionDef | None:
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node
    return None


def _defaults(arguments: ast.arguments) -> Iterator[tuple[str, str | None]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    defaults += [*arguments.defaults, *arguments.kw_defaults]
    for argument, default in zip([*positional, *arguments.kwonlyargs], defaults, strict=True):
        yield argument.arg, None if default is None else ast.unparse(default)


def _meanings(docstring: str) -> dict[str, str]:
    """The entries of the section "Args:" of a Google-style docstring."""
    section = re.search(r"^Args:\n((?:[ ]+.*\n|\n)*)", docstring + "\n", re.MULTILINE)
    entries = re.split(r"^[ ]{4}(\w+):[ ]", section[1], flags=re.MULTILINE)[1:] if section else []
    return {name: " ".join(text.split()) for name, text in zip(entries[::2], entries[1::2], strict=True)}
