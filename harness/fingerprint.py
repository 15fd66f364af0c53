"""Code as text that says what it does: equal text for equal code, in this process and the next one."""

from __future__ import annotations

import functools
import hashlib
import inspect
import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import CodeType
from typing import Any

import numpy as np

_PLAIN = (bool, int, float, complex, str, bytes, type(None))


def describe_function(function: Callable[..., Any], depth: int = 3) -> str:
    """A function's source with what it holds on to: defaults, closure, and globals it reads.

    Args:
        function: A function, method, `functools.partial`, class, or object that can be called.
        depth: How far to follow functions and containers into what they hold.

    Example:
        >>> describe_function(functools.partial(round, ndigits=2))
        "partial(round, (), {'ndigits': 2})"
    """
    if isinstance(function, functools.partial):
        values = f"{describe_value(function.args, depth)}, {describe_value(function.keywords, depth)}"
        return f"partial({describe_function(function.func, depth)}, {values})"
    function = inspect.unwrap(function)
    if inspect.isbuiltin(function) or isinstance(function, np.ufunc):
        return function.__name__
    if not hasattr(function, "__code__") and not inspect.ismethod(function):
        return describe_object(function, depth)
    held = {name: describe_value(value, depth) for name, value in sorted(_held(function).items())}
    return f"{source(function)} {held}"


def describe_value(value: Any, depth: int = 3) -> str:
    """A value as text without addresses in memory; below `depth` containers only its type is told."""
    if isinstance(value, (*_PLAIN, np.generic)):
        return repr(value)
    if isinstance(value, np.ndarray):
        return f"array({value.dtype}, {value.shape}, {hashlib.sha256(value.tobytes()).hexdigest()})"
    if depth and isinstance(value, Mapping):
        items = (f"{describe_value(key, 0)}: {describe_value(item, depth - 1)}" for key, item in value.items())
        return f"{{{', '.join(items)}}}"
    if depth and isinstance(value, (list, tuple)):
        inner = ", ".join(describe_value(item, depth - 1) for item in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    if depth and (inspect.isroutine(value) or isinstance(value, (type, functools.partial))):
        return describe_function(value, depth - 1)
    return f"{type(value).__module__}.{type(value).__qualname__}"


def describe_object(instance: Any, depth: int = 3) -> str:
    """An object's class, the class' source, and its plain attributes."""
    kind = instance if isinstance(instance, type) else type(instance)
    values = {} if kind is instance else vars(instance) if hasattr(instance, "__dict__") else {}
    return f"{kind.__module__}.{kind.__qualname__} {describe_value(values, depth)} {source(kind)}"


def source(code: Any) -> str:
    """The source of a function or class; of one that has none, its instructions and constants."""
    try:
        return inspect.getsource(code)
    except (OSError, TypeError):
        members = vars(code) if isinstance(code, type) else {"": code}
        codes = (getattr(member, "__code__", None) for member in members.values())
        return " ".join(itertools.chain.from_iterable(map(_instructions, codes)))


def renumbered(value: Any) -> Any:
    """A configuration with the numbers that Keras gave to names, and to what refers to them, counted from 0.

    Which of two layers was made first remains: their random weights depend on it.

    Args:
        value: What JSON can hold, such as a model's `get_config()`.

    Example:
        >>> renumbered([{"of": "dense_7"}, {"name": "dense_9"}, {"name": "dense_7"}])
        [{'of': 'dense#0'}, {'name': 'dense#1'}, {'name': 'dense#0'}]
    """
    stems: defaultdict[str, set[tuple[int, str]]] = defaultdict(set)
    for name in _names(value):
        numbered = re.fullmatch(r"(.*?)(?:_(\d+))?", name, re.DOTALL)
        assert numbered is not None
        stems[numbered[1]].add((int(numbered[2] or 0), name))
    made = ((stem, sorted(names)) for stem, names in stems.items())
    return _renamed(value, {name: f"{stem}#{i}" for stem, names in made for i, (_, name) in enumerate(names)})


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(name := value.get("name"), str):
            yield name
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _names(item)


def _renamed(value: Any, numbers: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(item, numbers) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, numbers) for item in value]
    return numbers.get(value, value) if isinstance(value, str) else value


def file_of(function: Callable[..., Any]) -> bytes:
    """The file that defines a function, or nothing where there is none."""
    try:
        return Path(inspect.getsourcefile(inspect.unwrap(function)) or "").read_bytes()
    except (OSError, TypeError):
        return b""


def _instructions(code: CodeType | None) -> Iterable[str]:
    if code is None:
        return []
    constants = ((_instructions(c) if isinstance(c, CodeType) else [repr(c)]) for c in code.co_consts)
    return [code.co_code.hex(), *code.co_names, *itertools.chain.from_iterable(constants)]


def _held(function: Any) -> dict[str, Any]:
    plain = function.__func__ if inspect.ismethod(function) else function
    try:
        seen = inspect.getclosurevars(plain)
        outside = {**seen.globals, **seen.nonlocals}
    except (TypeError, ValueError):
        outside = {}
    defaults = {"defaults": plain.__defaults__ or (), "keywords": plain.__kwdefaults__ or {}}
    return {**{name: value for name, value in outside.items() if not inspect.ismodule(value)}, **defaults}
