"""Engines: what trains the folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.engines.base import Engine, Recipe
from harness.engines.builds import Origin
from harness.errors import EngineError

if TYPE_CHECKING:
    import keras


def choose_engine(
    name: str,
    model: keras.Model,
    recipe: Recipe,
    callbacks: Sequence[Any],
    rows: int = 0,
    *,
    origin: Origin | None = None,
) -> tuple[Engine, str]:
    """Picks the engine for a model, and says why.

    Args:
        name: "auto", "fit", "vectorized" or "frozen".
        model: A compiled model as its builder makes it.
        recipe: How it is trained.
        callbacks: One set of the caller's callbacks.
        rows: How many rows the data have.
        origin: What the model was built from, where it may be trained as one of that origin.

    Raises:
        EngineError: The engine insisted on cannot train this; the message says why.
    """
    why_not_frozen = None
    if name in ("auto", "frozen"):
        from harness.engines.frozen import engine as frozen

        why_not_frozen = frozen.why_not(model, recipe, callbacks)
        insisted = name == "frozen" or recipe.augment_copies is not None
        if why_not_frozen is None and not insisted:
            why_not_frozen = frozen.why_not_worth_it(model, recipe)
        if why_not_frozen is None:
            return _frozen(model, recipe, callbacks, rows)
        if name == "frozen":
            raise EngineError(f"The frozen engine cannot train this: {why_not_frozen}; use engine='auto'")
    if recipe.augment_copies is not None:
        reason = why_not_frozen or f"engine='{name}' was asked for"
        raise EngineError(f"augment_copies is for the frozen engine, which cannot train this: {reason}")
    engine, reason = _whole(name, model, recipe, callbacks, origin)
    if why_not_frozen is not None and _has_frozen_weights(model):
        reason = f"{reason} Its frozen part is computed anew in every epoch, for {why_not_frozen}."
    return engine, reason


def _frozen(model: keras.Model, recipe: Recipe, callbacks: Sequence[Any], rows: int) -> tuple[Engine, str]:
    from harness.engines.frozen.engine import FrozenEngine, fits_in_a_program, needs_whole, splitted

    split = splitted(model, recipe)
    heads: Engine | None = None
    if not needs_whole(recipe, callbacks):
        name = "auto" if fits_in_a_program(split, recipe, rows) else "fit"
        heads, _ = _whole(name, split.head, replace(recipe, streamed=False), callbacks)
    size = f"{split.base.count_params():,} weights"
    copies = f" and {recipe.augment_copies} versions of each training image" if recipe.augment_copies else ""
    then = " until fine-tuning begins" if recipe.fine_tune_epochs is not None else ""
    return FrozenEngine(heads), (
        f"Engine frozen: the outputs of the frozen part, {size} up to '{split.cut.name}', are computed once for "
        f"each image{copies}; engine {heads.name if heads else 'fit'} trains the rest on them{then}."
    )


def _has_frozen_weights(model: keras.Model) -> bool:
    return any(layer.weights and not layer.trainable for layer in model._flatten_layers(include_self=False))


def _whole(
    name: str, model: keras.Model, recipe: Recipe, callbacks: Sequence[Any], origin: Origin | None = None
) -> tuple[Engine, str]:
    """Picks the engine that trains a model as it is."""
    from harness.engines.fit import FitEngine
    from harness.engines.vectorized import expressible

    if name == "fit":
        return FitEngine(), "Engine fit, as asked for: model.fit on one fold after the other."
    reason = expressible.why_not(model, callbacks)
    if reason is None:
        try:
            from harness.engines.vectorized.engine import VectorizedEngine, why_not
            from harness.engines.vectorized.shared_models import FirstModel
        except ImportError as error:  # it needs parts of TensorFlow that another version may have moved
            reason = f"this version of TensorFlow lacks what it needs ({error})"
        else:
            reason = why_not(model, recipe, callbacks)
    if reason is None and name == "auto":
        from harness.engines.vectorized.worth import why_not_worth_it

        reason = why_not_worth_it(model)
    if reason is None:
        first = origin and FirstModel(model, origin)
        return VectorizedEngine(first=first), "Engine vectorized: one compiled program trains every fold."
    if name == "vectorized":
        raise EngineError(f"The vectorized engine cannot train this: {reason}; use engine='fit' or 'auto'")
    return FitEngine(), f"Engine fit: model.fit on one fold after the other, for {reason}."
