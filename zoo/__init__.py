"""Keras model builders, each with the recipe it is trained by.

A builder is a plain function that returns a compiled model, and needs nothing but Keras::

    from zoo.sonar import sonar_dropout

    model = sonar_dropout(input_shape=(60,), rate=0.3)

The registry knows them by name. Importing it, listing and looking up import no Keras.

Example:
    >>> import zoo
    >>> zoo.list_models("sonar_*")
    ['sonar_baseline', 'sonar_dropout', 'sonar_dropout_hidden']
    >>> zoo.get_spec("sonar_dropout").epochs
    300
"""

from zoo._errors import DuplicateModelError, ModelLoadError, UnknownModelError, ZooError
from zoo._registry import create_model, get_spec, list_models, register
from zoo._spec import ModelSpec, Reported

__all__ = [
    "DuplicateModelError",
    "ModelLoadError",
    "ModelSpec",
    "Reported",
    "UnknownModelError",
    "ZooError",
    "create_model",
    "get_spec",
    "list_models",
    "register",
]
