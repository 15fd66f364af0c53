"""The figures that the sources of models report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def reported_text(figure: Mapping[str, Any]) -> str:
    """Writes a reported figure in a few words.

    Args:
        figure: The fields of `zoo.Reported`.

    Example:
        >>> reported_text({"metric": "accuracy", "mean": 0.8352, "sd": 0.0768})
        'accuracy 0.8352 (SD 0.0768)'
    """
    sd = "" if figure["sd"] is None else f" (SD {figure['sd']:g})"
    return f"{figure['metric']} {figure['mean']:g}{sd}"
