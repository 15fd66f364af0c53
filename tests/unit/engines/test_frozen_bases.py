from __future__ import annotations

import gc
import weakref

import keras
import pytest

from harness.engines.frozen.bases import FrozenBases


def test_large_bases_of_folds_that_are_done_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own collection, which comes seldom, is switched off."""
    monkeypatch.setattr("harness.engines.frozen.bases._LARGE", 10)
    built: list[weakref.ref[keras.Model]] = []

    def build(shape: tuple[int, ...]) -> keras.Model:
        base = keras.Sequential([keras.Input(shape), keras.layers.Conv2D(4, 3)], name="base")
        base.trainable = False
        head = [keras.layers.Flatten(), keras.layers.Dense(1)]
        model = keras.Sequential([keras.Input(shape), base, *head])
        model.compile(loss="mse")
        built.append(weakref.ref(model))
        return model

    gc.disable()
    try:
        bases = FrozenBases(build, (4, 4, 3), range(6), augmentation=False)
        hashes = [bases.of(seed).base_sha256 for seed in range(6)]
        alive = sum(model() is not None for model in built)
    finally:
        gc.enable()
    assert not bases.are_one
    assert len(set(hashes)) == 6
    assert len(built) >= 6
    assert alive <= 3
