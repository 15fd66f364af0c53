"""Finds models by name: the built-in ones, those registered in this process, and those of installed packages.

A package brings models of its own by an entry point of the group `zoo.models`: the name is the model's,
the value leads to its `ModelSpec`. The spec's module should import no Keras, so that listing stays quick::

    [options.entry_points]
    zoo.models =
        my_net = my_package.specs:MY_NET
"""

from __future__ import annotations

import fnmatch
import functools
from typing import TYPE_CHECKING, Any

from zoo._errors import DuplicateModelError, ModelLoadError, UnknownModelError
from zoo._spec import ModelSpec
from zoo._table import BUILT_IN

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINT_GROUP = "zoo.models"

_specs: dict[str, ModelSpec] = {}


def list_models(pattern: str | None = None) -> list[str]:
    """Lists the models by name; imports neither Keras nor the models' packages.

    Args:
        pattern: A glob such as "sonar_*"; hyphens stand for underscores. `None` lists all.

    Returns:
        Sorted names; empty if none matches.

    Raises:
        DuplicateModelError: If an installed package claims a name that is taken.

    Example:
        >>> list_models("sonar-*")
        ['sonar_baseline', 'sonar_dropout', 'sonar_dropout_hidden']
    """
    names = sorted({*_specs, *_entry_points()})
    if pattern is None:
        return names
    # As it stands too: a hyphen inside brackets is a range.
    globs = (pattern, pattern.replace("-", "_"))
    return [name for name in names if any(fnmatch.fnmatchcase(name, glob) for glob in globs)]


def get_spec(name: str) -> ModelSpec:
    """Looks a model up; imports no Keras, and of the installed packages only the one that has the name.

    Args:
        name: Registered name; hyphens stand for underscores.

    Returns:
        The model's recipe and source.

    Raises:
        UnknownModelError: If there is no such model; says what was probably meant.
        DuplicateModelError: If an installed package claims a name that is taken.
        ModelLoadError: If the package that has the name cannot be imported.

    Example:
        >>> get_spec("sonar-dropout").batch_size
        16
    """
    key = name.replace("-", "_")
    entry_points = _entry_points()
    if key in _specs:
        return _specs[key]
    if key in entry_points:
        return _load(key, entry_points[key])
    raise UnknownModelError(name, list_models())


def create_model(name: str, /, **arguments: Any) -> Any:
    """Builds a registered model.

    Args:
        name: Registered name; hyphens stand for underscores.
        **arguments: Arguments of the builder; they win over those of the spec.

    Returns:
        A new, compiled `keras.Model`.

    Raises:
        UnknownModelError: If there is no such model; says what was probably meant.
        ModelLoadError: If the builder cannot be imported.
        TypeError: If the builder has no argument of a given name.
        ValueError: If an argument is out of range.

    Example:
        >>> create_model("sonar_dropout", rate=0.5).output_shape
        (None, 1)
    """
    spec = get_spec(name)
    return spec.load_builder()(**{**spec.arguments, **arguments})


def register(spec: ModelSpec) -> None:
    """Adds a model to the registry of this process.

    Args:
        spec: The model; its name must be free.

    Raises:
        DuplicateModelError: If the name is taken.

    Example:
        >>> register(get_spec("sonar_dropout"))  # doctest: +ELLIPSIS
        Traceback (most recent call last):
            ...
        zoo._errors.DuplicateModelError: Model 'sonar_dropout' of zoo.sonar:sonar_dropout exists already; ...
    """
    entry_points = _entry_points()
    if spec.name in entry_points:
        raise DuplicateModelError(spec.name, _origin(entry_points[spec.name]), spec.builder)
    _add(spec)


def _add(spec: ModelSpec) -> None:
    if spec.name in _specs:
        raise DuplicateModelError(spec.name, _specs[spec.name].builder, spec.builder)
    _specs[spec.name] = spec


@functools.cache
def _entry_points() -> dict[str, EntryPoint]:
    """The models of installed packages, by name, not loaded."""
    from importlib.metadata import entry_points  # 30 ms, for nobody who only imports a builder

    found: dict[str, EntryPoint] = {}
    for entry_point in entry_points(group=ENTRY_POINT_GROUP):
        name = entry_point.name.replace("-", "_")
        if name in _specs:
            raise DuplicateModelError(name, _specs[name].builder, _origin(entry_point))
        if name in found:
            raise DuplicateModelError(name, _origin(found[name]), _origin(entry_point))
        found[name] = entry_point
    return found


@functools.cache
def _load(name: str, entry_point: EntryPoint) -> ModelSpec:
    try:
        spec = entry_point.load()
    except Exception as error:  # whatever a stranger's module raises when it is imported
        raise ModelLoadError(
            f"Cannot load model '{name}' of {_origin(entry_point)}: {type(error).__name__}: {error}"
        ) from error
    if not isinstance(spec, ModelSpec) or spec.name != name:
        raise ModelLoadError(
            f"Model '{name}' of {_origin(entry_point)} must be a ModelSpec of that name. Received: {spec!r}"
        )
    return spec


def _origin(entry_point: EntryPoint) -> str:
    distribution = entry_point.dist.name if entry_point.dist else "an unknown package"
    return f"{entry_point.value} (entry point of {distribution})"


for _spec in BUILT_IN:
    _add(_spec)
