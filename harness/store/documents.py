"""JSON documents that carry their own SHA-256, so that a flipped bit is found when one is read."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

from harness.errors import CorruptArtifactError, StoreError

FORMAT = 1


def storable(value: object, where: str) -> Any:
    """Copies a value as plain JSON types.

    Args:
        value: None, text, numbers, mappings with text keys, sequences, and whatever has `tolist()`: NumPy's
            scalars and arrays, pandas' series.
        where: Name of the value, which the error's path begins with.

    Returns:
        The same as dict, list, str, int, float, bool and None.

    Raises:
        ValueError: A number is NaN or infinite, or JSON has no form for a value; its path is named.

    Example:
        >>> storable({"scores": (1, 0.5)}, "record")
        {'scores': [1, 0.5]}
        >>> storable({"scores": [1.0, float("nan")]}, "record")
        Traceback (most recent call last):
        ...
        ValueError: record.scores[1] is nan, which JSON cannot hold; store null and a flag instead
    """
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float):
        return _finite(value, where)
    if isinstance(value, Mapping):
        return {_text(key, where): storable(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item, f"{where}[{index}]") for index, item in enumerate(value)]
    if hasattr(value, "tolist"):
        return storable(value.tolist(), where)
    raise ValueError(f"{where} is of type {type(value).__name__}, which JSON cannot hold")


def _finite(value: float, where: str) -> float:
    if math.isfinite(value):
        return value
    raise ValueError(f"{where} is {value!r}, which JSON cannot hold; store null and a flag instead")


def _text(key: object, where: str) -> str:
    if isinstance(key, str):
        return key
    raise ValueError(f"{where} has a key of type {type(key).__name__}, where JSON has text only: {key!r}")


def seal(document: Mapping[str, Any]) -> str:
    """Writes a document as JSON with the SHA-256 of the rest in its last entry.

    Args:
        document: Plain JSON types, as `storable` returns them.

    Returns:
        One line of ASCII.

    Example:
        >>> unseal(seal({"fold": 3}), "the copy")
        {'fold': 3}
    """
    return _encode({"format": FORMAT, **document, "sha256": _digest({"format": FORMAT, **document})})


def unseal(text: str | bytes, where: str) -> dict[str, Any]:
    """Reads what `seal` wrote.

    Args:
        text: The sealed document.
        where: Its name, for the message.

    Raises:
        CorruptArtifactError: It is no JSON object, or not the one that was sealed.
        StoreError: It is of a newer format.
    """
    document = _decode(text, where)
    expected = document.pop("sha256", None)
    received = _digest(document)
    if expected != received:
        raise CorruptArtifactError(f"{where} is corrupt: expected SHA-256 {expected}, received {received}")
    if document.pop("format", None) != FORMAT:
        raise StoreError(f"{where} was written by a newer harness; upgrade this one")
    return document


def first_difference(stored: object, now: object, where: str) -> str | None:
    """Says where two JSON values part.

    Returns:
        One clause with both values, or None where they are equal.

    Example:
        >>> first_difference({"seed": 7, "cv": "kfold"}, {"seed": 8, "cv": "kfold"}, "identity")
        'identity.seed was 7 and is 8 now'
    """
    if isinstance(stored, dict) and isinstance(now, dict):
        pairs = ((key, stored.get(key), now.get(key)) for key in {**stored, **now})
        differences = (first_difference(was, value, f"{where}.{key}") for key, was, value in pairs)
        return next(filter(None, differences), None)
    if isinstance(stored, list) and isinstance(now, list) and len(stored) == len(now):
        both = enumerate(zip(stored, now, strict=True))
        differences = (first_difference(was, value, f"{where}[{i}]") for i, (was, value) in both)
        return next(filter(None, differences), None)
    return None if stored == now else f"{where} was {_short(stored)} and is {_short(now)} now"


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _encode(document: Mapping[str, Any]) -> str:
    return json.dumps(document, allow_nan=False, separators=(",", ":"))


def _digest(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(_encode(document).encode()).hexdigest()


def _decode(text: str | bytes, where: str) -> dict[str, Any]:
    try:
        document = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise CorruptArtifactError(f"{where} is corrupt: expected JSON, received {error}") from error
    if not isinstance(document, dict):
        raise CorruptArtifactError(f"{where} is corrupt: expected a JSON object, received {_short(document)}")
    return document


def _refuse(constant: str) -> float:
    raise ValueError(f"the constant {constant}")
