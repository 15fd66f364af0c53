"""The parts of the engine that Keras' backend decides: this module alone knows which there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

if TYPE_CHECKING or keras.backend.backend() != "jax":
    from harness.engines.vectorized.program import Program
    from harness.engines.vectorized.stateless import State, StatelessModel
    from harness.environment import processors as folds_at_a_time
else:
    from harness.engines.vectorized.jax_program import Program
    from harness.engines.vectorized.jax_stack import folds_at_a_time
    from harness.engines.vectorized.jax_stateless import State, StatelessModel

__all__ = ["Program", "State", "StatelessModel", "folds_at_a_time"]
