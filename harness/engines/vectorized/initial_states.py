"""Initial states of many models of one builder, most of them without building the model.

Building takes some 30 ms, longer than training a small fold for tens of epochs, and gives back no memory. But all
that differs between two models of a builder comes from the seeds that Keras draws from Python's generator while
it builds. Two models are built in full; if the second could be foretold bit for bit from its seed and the layers
of the first, the others are foretold as well. If not, each is built.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from harness.engines.base import Shape
from harness.engines.builds import build_seeded, state_variables

Values = list[NDArray[Any]]
Rule = Callable[[int], Any]

_MOST_DRAWS = 1000
_LARGEST_SEED = 1_000_000_000


class InitialStates:
    """Weights, statistics and random seeds of a builder's models for one input shape.

    Args:
        build: Makes a new compiled model for an input shape.
        shape: The input shape.
        model: A model that was built already.
        seed: From which seed.
    """

    def __init__(self, build: Callable[[Shape], keras.Model], shape: Shape, model: keras.Model, seed: int) -> None:
        self._build = build
        self._shape = shape
        self._model = model
        self._first_seed = seed
        self._first = _values(model)
        # For each variable which of the draws it is made from, and how.
        self._rules: list[tuple[int, Rule]] | None = None
        self._foretold = True

    def of(self, seed: int) -> list[Any]:
        """The values that a model built from `seed` starts with, as arrays or tensors."""
        if seed == self._first_seed:
            return self._first
        if self._rules is not None:
            draws = _draws(seed, 1 + max(number for number, _ in self._rules))
            return [rule(draws[number]) for number, rule in self._rules]
        values = _values(build_seeded(self._build, self._shape, seed))
        if self._foretold:
            self._rules = self._find_rules(_draws(seed, _MOST_DRAWS), values)
            self._foretold = self._rules is not None
        return values

    def _find_rules(self, draws: Sequence[int], values: Values) -> list[tuple[int, Rule]] | None:
        """How each variable follows from the draws, or None if any of them does not."""
        variables = state_variables(self._model)
        rules = []
        for variable, first, value in zip(variables, self._first, values, strict=True):
            candidates = self._candidates(variable, first)
            fitting = (each for each in candidates if _same(np.asarray(each[1](draws[each[0]])), value))
            if (found := next(fitting, None)) is None:
                return None
            rules.append(found)
        return rules

    def _candidates(self, variable: Any, first: NDArray[Any]) -> Iterator[tuple[int, Rule]]:
        """What may have made a variable: nothing random, a draw as its seed, or an initializer with a draw."""
        numbers = {draw: number for number, draw in enumerate(_draws(self._first_seed, _MOST_DRAWS))}
        yield 0, lambda _: first
        if first.shape == (2,) and int(first[0]) in numbers:
            yield numbers[int(first[0])], _seed_state(first)
        for layer in self._model._flatten_layers():
            if any(weight is variable for weight in layer._trainable_variables + layer._non_trainable_variables):
                for initializer in vars(layer).values():
                    if isinstance(initializer, keras.initializers.Initializer) and _seed(initializer) in numbers:
                        yield numbers[_seed(initializer)], _initialized(initializer, first)


def _seed(initializer: Any) -> int:
    seed = getattr(initializer, "seed", None)
    return seed if isinstance(seed, int) else 0


def _seed_state(first: NDArray[Any]) -> Rule:
    return lambda draw: np.array([draw, first[1]], dtype=first.dtype)


def _initialized(initializer: Any, first: NDArray[Any]) -> Rule:
    config = initializer.get_config()

    def rule(draw: int) -> Any:
        return type(initializer).from_config({**config, "seed": draw})(first.shape, dtype=first.dtype.name)

    return rule


def _draws(seed: int, count: int) -> list[int]:
    """What Keras draws, one after the other, once its random seed is set."""
    generator = random.Random(seed)
    return [generator.randint(1, _LARGEST_SEED) for _ in range(count)]


def _values(model: keras.Model) -> Values:
    return [keras.ops.convert_to_numpy(variable).copy() for variable in state_variables(model)]


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
