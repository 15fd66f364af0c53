"""What the options of `evaluate` say, in the words of `harness.evaluate`."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping
from typing import Any

import click

_SHARED = (
    *("arguments", "cv", "folds", "repeats", "test_size", "shuffle", "groups", "epochs", "batch_size"),
    *("early_stopping", "inner_val", "checkpoint", "class_weight", "seed", "init_seeds", "engine"),
)


def evaluation_settings(options: Mapping[str, Any]) -> dict[str, Any]:
    """Translates parsed options into keyword arguments that `harness.evaluate` and `Settings` share.

    Args:
        options: The parameters of the command.

    Returns:
        Keyword arguments without the data set.

    Example:
        >>> evaluation_settings({"folds": 5, "preprocessing": "none", "metrics": "mae, r2"})
        {'folds': 5, 'preprocessing': None, 'metrics': ['mae', 'r2']}
    """
    settings = {name: options[name] for name in _SHARED if name in options}
    if (names := options.get("preprocessing")) is not None:
        settings["preprocessing"] = None if names == "none" else _words(names)
    if options.get("metrics") is not None:
        settings["metrics"] = _words(options["metrics"])
    return settings


def parse_arguments(ctx: click.Context, parameter: click.Parameter, values: Iterable[str]) -> dict[str, Any]:
    """Reads the values of `--argument`, "key=value" each; a callback of click.

    Raises:
        click.BadParameter: One has another form, or a key is given twice.
    """
    arguments: dict[str, Any] = {}
    for text in values:
        key, equals, value = text.partition("=")
        name = key.strip().replace("-", "_")
        if not equals or not name.isidentifier():
            raise click.BadParameter(f"'{text}' is not of the form key=value.", ctx, parameter)
        if name in arguments:
            raise click.BadParameter(f"'{name}' is given twice.", ctx, parameter)
        arguments[name] = parse_value(value)
    return arguments


def parse_value(text: str) -> Any:
    """Reads a value as JSON, else as a Python literal, else as text.

    Example:
        >>> [parse_value(text) for text in ("0.5", "true", "(60, 30)", "None", "relu")]
        [0.5, True, (60, 30), None, 'relu']
    """
    for parse in (json.loads, ast.literal_eval):
        try:
            return parse(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
    return text


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
