"""Engines: what trains the folds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from harness.engines.base import Engine, Recipe
from harness.errors import EngineError

if TYPE_CHECKING:
    import keras


def choose_engine(name: str, model: keras.Model, recipe: Recipe, callbacks: Sequence[Any]) -> tuple[Engine, str]:
    """Picks the engine for a model, and says why.

    Args:
        name: "auto", "fit" or "vectorized".
        model: A compiled model as its builder makes it.
        recipe: How it is trained.
        callbacks: One set of the caller's callbacks.

    Raises:
        EngineError: The engine insisted on cannot train this.
    """
    from harness.engines.fit import FitEngine

    if name == "vectorized":
        raise EngineError("The vectorized engine is not part of this version; use engine='auto' or 'fit'")
    return FitEngine(), "Engine fit: model.fit on one fold after the other."
