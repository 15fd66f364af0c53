"""Compiled programs that evaluations share, as long as nothing but numbers that are passed in sets them apart.

Building and compiling a program takes seconds, longer than training a small network on all folds. What a program
does follows from the model's architecture and compilation, so that the next evaluation of the same ones, or of
others that differ in a learning rate, finds it here. A fold's bits are the same either way: a program is made from
no value that another evaluation might have otherwise.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Iterator
from typing import Any

import keras

from harness.backend import tensorflow_spared
from harness.engines.vectorized.backend import Program, StatelessModel
from harness.engines.vectorized.fold_training import Pace
from harness.engines.vectorized.hyperparameters import left_open, places
from harness.engines.vectorized.model_lock import MODEL_LOCK
from harness.engines.vectorized.rows import Batch

_MOST_MODELS = 4
_MOST_PROGRAMS = 16

_kept: OrderedDict[str, SharedPrograms] = OrderedDict()


class SharedPrograms:
    """The programs of one model.

    Args:
        model: The model that they are traced from.

    Attributes:
        paces: How fast each is.
    """

    def __init__(self, model: StatelessModel) -> None:
        self.model = model
        self.paces: defaultdict[Program, Pace] = defaultdict(Pace)
        self._programs: dict[Hashable, Program] = {}

    def get(self, key: Hashable, make: Callable[[StatelessModel], Program]) -> Program:
        """The program of a key, made when it is first asked for."""
        with MODEL_LOCK:
            if key not in self._programs:
                self._programs[key] = make(self.model)
                if not all(each.used for each in self.model.hyperparameters):
                    _forget(self)  # something has taken a number for a constant
            return self._programs[key]

    @property
    def crowded(self) -> bool:
        """Whether it holds so many programs that another evaluation should start anew."""
        return len(self._programs) >= _MOST_PROGRAMS


def programs_of(model: StatelessModel, example: Batch) -> SharedPrograms:
    """The programs of models like this one, those of earlier evaluations among them.

    Args:
        model: The model; it belongs to the programs from now on if there are none yet.
        example: A row or so of its data, for its shape and type.
    """
    with MODEL_LOCK:
        key = _key(model, example)
        if key is None:
            return SharedPrograms(model)
        if key not in _kept or _kept[key].crowded:
            _kept[key] = SharedPrograms(model)
        _kept.move_to_end(key)
        while len(_kept) > _MOST_MODELS:
            _kept.popitem(last=False)
        return _kept[key]


def _forget(programs: SharedPrograms) -> None:
    for key in [key for key, kept in _kept.items() if kept is programs]:
        del _kept[key]


def _key(stateless: StatelessModel, example: Batch) -> str | None:
    """All that a program is made from, or None where the configuration does not tell it."""
    model = stateless.model
    if not all(map(_is_plain, model._flatten_layers())) or _excludes_from_decay(model.optimizer):
        return None
    # Under a plain name a configuration may call anything; registered objects have their package before theirs.
    if any(">" not in name for name in keras.saving.get_custom_objects()):
        return None
    try:
        with left_open(places(model)), tensorflow_spared():
            parts = [
                model.get_config(),
                _without_rate(model.get_compile_config()),
                _without_rate(keras.saving.serialize_keras_object(model.optimizer)),
            ]
        if not all(_is_keras_own(part) for part in _dictionaries(parts)):
            return None
        text = json.dumps([*parts, _surroundings(model, example), _variables(stateless)])
    except (NotImplementedError, TypeError, ValueError):
        return None
    return hashlib.sha256(text.encode()).hexdigest()


def _is_plain(layer: Any) -> bool:
    """Whether a layer is Keras' own, and holds no constants that it took from data when it was made."""
    module = type(layer).__module__
    return module.startswith("keras.") and ".layers.preprocessing." not in module


def _excludes_from_decay(optimizer: Any) -> bool:
    return any(name.startswith("_exclude_from_weight_decay") for name in vars(optimizer))


def _is_keras_own(part: dict[str, Any]) -> bool:
    """Whether a serialized object is one of Keras' own; of another one there may be only the name."""
    module = part.get("module")
    return part.get("class_name") != "__lambda__" and (module is None or module.split(".")[0] == "keras")


def _dictionaries(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ():
        yield from _dictionaries(item)


def _without_rate(config: Any) -> Any:
    """An optimizer's constant learning rate, a variable, stands for all; a schedule is part of the program."""
    for part in _dictionaries(config):
        if isinstance(part.get("learning_rate"), float):
            part["learning_rate"] = None
    return config


def _surroundings(model: keras.Model, example: Batch) -> list[Any]:
    """What else tracing looks at."""
    settings = (keras.config.floatx(), keras.config.epsilon(), keras.config.image_data_format())
    forms = [None if part is None else list(map(_form, keras.tree.flatten(part))) for part in example]
    return [*settings, repr(keras.distribution.distribution()), str(model.jit_compile), forms]


def _form(array: Any) -> list[Any]:
    return [list(array.shape[1:]), str(array.dtype), str(array.device)]


def _variables(model: StatelessModel) -> list[Any]:
    variables = [*model.variables, *model.metrics]
    return [
        [variable.path, list(variable.shape), str(variable.dtype), variable.trainable] for variable in variables
    ]
