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
        EngineError: The engine insisted on cannot train this; the message says why.
    """
    from harness.engines.fit import FitEngine

    if name == "fit":
        return FitEngine(), "Engine fit, as asked for: model.fit on one fold after the other."
    try:
        from harness.engines.vectorized import VectorizedEngine, why_not
    except ImportError as error:  # it needs parts of TensorFlow that another version may have moved
        reason: str | None = f"this version of TensorFlow lacks what it needs ({error})"
    else:
        reason = why_not(model, recipe, callbacks)
        if reason is None:
            return VectorizedEngine(), "Engine vectorized: one compiled program trains every fold."
    if name == "vectorized":
        raise EngineError(f"The vectorized engine cannot train this: {reason}; use engine='fit' or 'auto'")
    return FitEngine(), f"Engine fit: model.fit on one fold after the other, for {reason}."
