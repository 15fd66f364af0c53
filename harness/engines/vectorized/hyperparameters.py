"""Hyper-parameters that a compiled program takes as arguments, so that one program serves many of their values.

Keras keeps a dropout rate or a momentum as a Python number, which tracing would write into the program. Here such
a number becomes a `Hyperparameter`: Python's comparisons (`if momentum != 0`) see the number, arithmetic sees a
variable, which rides along with the state of a fold. The learning rate is a variable of Keras' own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import keras

_layers, _optimizers = keras.layers, keras.optimizers
# By exact type: of these it was tested that all they do with the number is compare it or calculate with it.
_OF_LAYERS: dict[type, str] = {
    _layers.Dropout: "rate",
    **dict.fromkeys((_layers.SpatialDropout1D, _layers.SpatialDropout2D, _layers.SpatialDropout3D), "rate"),
    _layers.GaussianNoise: "stddev",
}
_DECAYING = (
    *(_optimizers.SGD, _optimizers.RMSprop, _optimizers.Adam, _optimizers.AdamW, _optimizers.Adamax),
    *(_optimizers.Adagrad, _optimizers.Adadelta, _optimizers.Nadam, _optimizers.Lion),
)
_WITH_MOMENTUM = (_optimizers.SGD, _optimizers.RMSprop)
_DTYPE = "float32"
# Any number that takes the same branches as all others between 0 and 1.
_ANY = 0.5


class Hyperparameter(float):
    """A number to Python's comparisons, a variable to arithmetic.

    Args:
        value: The number.

    Attributes:
        variable: The Keras variable that holds it.
        used: Whether anything has calculated with the variable.

    Example:
        >>> rate = Hyperparameter(0.25)
        >>> rate > 0, float(1 - rate), type(1 - rate) is float
        (True, 0.75, False)
    """

    variable: Any
    used: bool

    def __new__(cls, value: float) -> Hyperparameter:
        """Makes the number with its variable."""
        made = super().__new__(cls, value)
        made.variable = keras.Variable(value, dtype=_DTYPE, trainable=False, name="hyperparameter")
        made.used = False
        return made

    @property
    def dtype(self) -> Any:
        """The tensor's, which Keras' operations ask for."""
        return self.variable.value.dtype

    def tensor(self) -> Any:
        """The variable's value, inside a `keras.StatelessScope` the scope's."""
        self.used = True
        return keras.ops.convert_to_tensor(self.variable.value)

    def __tf_tensor__(self, dtype: Any = None, name: str | None = None) -> Any:
        return keras.ops.convert_to_tensor(self.tensor(), dtype)

    def __jax_array__(self) -> Any:
        return self.tensor()

    def __reduce__(self) -> Any:
        return float, (float(self),)  # a copy is a plain number


def _of_tensor(name: str) -> Callable[..., Any]:
    return lambda self, *others: getattr(self.tensor(), name)(*others)


for _name in ("add", "sub", "mul", "truediv", "pow"):
    for _method in (f"__{_name}__", f"__r{_name}__"):
        setattr(Hyperparameter, _method, _of_tensor(_method))
Hyperparameter.__neg__ = _of_tensor("__neg__")  # type: ignore[method-assign]


class Place(NamedTuple):
    """Where a model keeps a hyper-parameter."""

    owner: Any
    name: str


def places(model: keras.Model) -> list[Place]:
    """Where a compiled model keeps numbers that may be varied without another program.

    Only numbers strictly between 0 and 1, for 0 and 1 are cases of their own in Keras, and only where all is
    calculated in float32.
    """
    optimizer = model.optimizer
    found = [
        Place(layer, _OF_LAYERS[type(layer)])
        for layer in model._flatten_layers(include_self=False)
        if type(layer) in _OF_LAYERS and layer.compute_dtype == _DTYPE
    ]
    found += [Place(optimizer, "momentum")] if type(optimizer) in _WITH_MOMENTUM else []
    found += [Place(optimizer, "weight_decay")] if type(optimizer) in _DECAYING else []
    unique = {(id(place.owner), place.name): place for place in found}
    return [place for place in unique.values() if _may_vary(getattr(*place))]


def as_variables(model: keras.Model) -> list[Hyperparameter]:
    """Puts a `Hyperparameter` in every one of a model's places, and returns them in order."""
    for owner, name in (found := places(model)):
        setattr(owner, name, Hyperparameter(getattr(owner, name)))
    return [getattr(*place) for place in found]


@contextmanager
def left_open(found: Sequence[Place]) -> Iterator[None]:
    """Puts the same number in all places until the end of the block."""
    values = [getattr(*place) for place in found]
    for owner, name in found:
        setattr(owner, name, _ANY)
    try:
        yield
    finally:
        for (owner, name), value in zip(found, values, strict=True):
            setattr(owner, name, value)


def _may_vary(value: Any) -> bool:
    return isinstance(value, float) and 0 < value < 1
