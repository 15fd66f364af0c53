"""Marks of tests that are about one of Keras' backends, for the others run the same tests on theirs."""

from __future__ import annotations

import keras
import pytest

on_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="about what TensorFlow computes, or Keras on TensorFlow alone can",
)
