from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from harness.engines.vectorized.random_draws import fast_draws
from harness.errors import EngineError

DRAWS: dict[str, Callable[[Any], Any]] = {
    "uniform": lambda seed: tf.random.stateless_uniform((7, 5), seed, -1.0, 2.0),
    "integers": lambda seed: tf.random.stateless_uniform((7, 5), seed, 0, 10, tf.int32),
    "dropout": lambda seed: tf.nn.experimental.stateless_dropout(tf.ones((7, 33)), 0.2, seed),
    "normal": lambda seed: tf.random.stateless_normal((7, 5), seed),
    "many normal": lambda seed: tf.random.stateless_normal((1001,), seed),
}


def compiled(draw: Callable[[Any], Any], seed: Any) -> Any:
    with fast_draws(as_xla=False):
        return tf.function(draw, jit_compile=True, autograph=False).get_concrete_function(seed)(seed)


@pytest.mark.parametrize("name", DRAWS)
def test_compiled_draws_equal_those_of_the_kernels(name: str) -> None:
    seed = tf.constant([123_456, 2])
    np.testing.assert_allclose(compiled(DRAWS[name], seed), DRAWS[name](seed), rtol=0, atol=5e-6)


def test_dropped_units_are_the_same() -> None:
    seed = tf.constant([9, 9])
    assert (compiled(DRAWS["dropout"], seed).numpy() == DRAWS["dropout"](seed).numpy()).all()


def test_draws_without_a_rule_are_refused() -> None:
    with pytest.raises(EngineError, match="Truncated normal noise"):
        compiled(lambda seed: tf.random.stateless_truncated_normal((3,), seed), tf.constant([1, 2]))


def test_nothing_is_changed_outside() -> None:
    seed = tf.constant([1, 2])
    before = DRAWS["normal"](seed).numpy()
    compiled(DRAWS["normal"], seed)
    assert (DRAWS["normal"](seed).numpy() == before).all()
