"""What the options of `evaluate` say, in the words of `harness.evaluate`."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import click

_SHARED = (
    *("arguments", "cv", "folds", "repeats", "test_size", "shuffle", "groups", "epochs", "batch_size"),
    *("early_stopping", "inner_val", "checkpoint", "class_weight", "seed", "init_seeds", "engine", "tensorboard"),
    *("fine_tune_epochs", "fine_tune_learning_rate", "fine_tune_frozen_layers"),
    *("augment_copies", "memory", "threshold"),
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
    arguments = parse_variants(ctx, parameter, values)
    for name, several in arguments.items():
        if len(several) > 1:
            raise click.BadParameter(f"'{name}' is given twice.", ctx, parameter)
    return {name: several[0] for name, several in arguments.items()}


def parse_variants(ctx: click.Context, parameter: click.Parameter, values: Iterable[str]) -> dict[str, list[Any]]:
    """Reads the values of `--argument` where a key may be given several times; a callback of click.

    Raises:
        click.BadParameter: One has another form, or a key is given twice with one value.
    """
    arguments: dict[str, list[Any]] = {}
    for text in values:
        key, equals, value = text.partition("=")
        name = key.strip().replace("-", "_")
        if not equals or not name.isidentifier():
            raise click.BadParameter(f"'{text}' is not of the form key=value.", ctx, parameter)
        several = arguments.setdefault(name, [])
        if repr(parsed := parse_value(value)) in map(repr, several):  # 1 and True are two values
            raise click.BadParameter(f"'{text}' is given twice.", ctx, parameter)
        several.append(parsed)
    return arguments


def parse_image_size(ctx: click.Context, parameter: click.Parameter, value: str | None) -> tuple[int, int] | None:
    """Reads the value of `--image-size`, "HxW" or one number for both; a callback of click.

    Raises:
        click.BadParameter: It has another form.

    Example:
        >>> parse_image_size(None, None, "96x128"), parse_image_size(None, None, "64")
        ((96, 128), (64, 64))
    """
    if value is None:
        return None
    sides = re.fullmatch(r"([1-9]\d{0,3})(?:[x×]([1-9]\d{0,3}))?", value.strip().lower())
    if sides is None:
        raise click.BadParameter(f"'{value}' is not of the form HxW, as in 96x128.", ctx, parameter)
    return int(sides[1]), int(sides[2] or sides[1])


def parse_memory(ctx: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    """Reads the value of `--memory`, such as "2GB", "512MiB" or a number of bytes; a callback of click.

    Raises:
        click.BadParameter: It has another form.

    Example:
        >>> parse_memory(None, None, "2GB"), parse_memory(None, None, "1KiB")
        (2000000000, 1024)
    """
    if value is None:
        return None
    from pydantic import ByteSize, TypeAdapter, ValidationError

    try:
        return int(TypeAdapter(ByteSize).validate_python(value))
    except ValidationError:
        raise click.BadParameter(f"'{value}' is no size, such as 2GB.", ctx, parameter) from None


def parse_patience(ctx: click.Context, parameter: click.Parameter, value: str | None) -> int | str | None:
    """Reads the value of `--early-stopping`, a number or a word; a callback of click.

    Raises:
        click.BadParameter: It is none of these.

    Example:
        >>> parse_patience(None, None, "10"), parse_patience(None, None, "geometric")
        (10, 'geometric')
    """
    if value is None or value in ("geometric", "geometric-error", "none"):
        return value
    if not value.isdecimal() or int(value) == 0:
        words = "'geometric', 'geometric-error' or 'none'"
        raise click.BadParameter(f"'{value}' is no number of epochs, {words}.", ctx, parameter)
    return int(value)


def parse_threshold(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | float | None:
    """Reads the value of `--threshold`, a number or the name of a criterion; a callback of click.

    Example:
        >>> parse_threshold(None, None, "0.3"), parse_threshold(None, None, "f1")
        (0.3, 'f1')
    """
    try:
        return None if value is None else float(value)
    except ValueError:
        return str(value).replace("-", "_")


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
