"""The model under evaluation: from a name, a `module:function`, or a builder to something that builds."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import zoo
from harness import xla
from harness.data.dataset import Dataset
from harness.errors import UnknownNameError, UsageError
from harness.fingerprint import describe_function, file_of
from zoo import ModelSpec

if TYPE_CHECKING:
    import keras

Builder = Callable[..., "keras.Model"]


@dataclass(frozen=True)
class Subject:
    """A builder, its arguments, and the recipe it came with.

    Attributes:
        name: As printed and stored.
        arguments: Keyword arguments of the builder, the caller's over the recipe's.
        spec: The zoo's recipe, or None for a builder of the caller's own.
        builder: The builder, or None for a zoo model that is not imported yet.
        estimator: A scikit-learn estimator in place of a builder, or None.
    """

    name: str
    arguments: Mapping[str, Any]
    spec: ModelSpec | None = None
    builder: Builder | None = None
    estimator: Any = None

    def load(self) -> Builder:
        """The builder; imports Keras."""
        if self.builder is not None:
            return self.builder
        assert self.spec is not None
        return self.spec.load_builder()

    def bound(self, dataset: Dataset) -> Callable[[tuple[int, ...]], keras.Model]:
        """A function from the shape of one example to a new compiled model for this data set.

        `input_shape`, and `classes` or `num_outputs`, are passed where the builder names them and the caller
        gave no value.

        Raises:
            UsageError: An argument that the builder does not take, or one that it needs and is not given.
        """
        builder = self.load()
        known = _parameters(builder)
        self._check_arguments(known)
        sizes: dict[str, Any] = {
            "classes": len(dataset.classes) or None,
            "num_outputs": len(dataset.target_names) if dataset.task == "regression" else None,
        }
        given = {name: size for name, size in sizes.items() if size is not None and name in known}
        self._check_required(known, {"input_shape", *given, *self.arguments})

        def build(input_shape: tuple[int, ...]) -> keras.Model:
            shape = {"input_shape": input_shape} if "input_shape" in known else {}
            return builder(**{**shape, **given, **self.arguments})

        return build

    def source_sha256(self) -> str | None:
        """SHA-256 of a caller's own builder, its file and the values it holds: what is edited is trained anew."""
        if self.spec is not None and self.spec.builder.startswith("zoo."):
            return None
        if self.estimator is not None:
            return hashlib.sha256(file_of(type(self.estimator))).hexdigest()
        builder = self.load()
        return hashlib.sha256(file_of(builder) + describe_function(builder).encode()).hexdigest()

    def _check_arguments(self, known: Mapping[str, inspect.Parameter]) -> None:
        if any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values()):
            return
        for name in self.arguments:
            if name not in known:
                raise UnknownNameError(f"argument of {self.name}", name, known)

    def _check_required(self, known: Mapping[str, inspect.Parameter], given: set[str]) -> None:
        optional = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
        for name, parameter in known.items():
            if parameter.default is parameter.empty and parameter.kind not in optional and name not in given:
                raise UsageError(f"The builder '{self.name}' needs the argument '{name}'; pass it in arguments")


def resolve_subject(model: str | Builder, arguments: Mapping[str, Any]) -> Subject:
    """Finds the model that a caller means.

    Args:
        model: A zoo name, "module:function", a function that returns a compiled model, or an estimator; one of
            scikit-learn's may be named as "module:Class" or "module:estimator", too.
        arguments: Keyword arguments for the builder, or parameters of an estimator that is named.

    Raises:
        UnknownNameError: No model, module, function or parameter of that name.
        UsageError: Something else, or arguments for an estimator that has its own.

    Example:
        >>> resolve_subject("sonar-dropout", {"rate": 0.5}).name
        'sonar_dropout'
    """
    if isinstance(model, str):
        return _from_reference(model, arguments) if ":" in model else _from_zoo(model, arguments)
    if _is_estimator(model):
        if arguments:
            raise UsageError(f"An estimator has its arguments already. Received: {', '.join(arguments)}")
        return Subject(type(model).__name__, {}, estimator=model)
    if not callable(model) or hasattr(model, "fit"):
        raise UsageError(
            "model is a zoo name, 'module:function', or a function that returns a new compiled model. "
            f"Received: {type(model).__name__}"
        )
    return Subject(getattr(model, "__name__", type(model).__name__), dict(arguments), builder=model)


def _is_estimator(model: Any) -> bool:
    return not isinstance(model, type) and _has_its_methods(model)


def _may_be_a_model(member: Any) -> bool:
    return inspect.isfunction(member) or _has_its_methods(member)


def _has_its_methods(model: Any) -> bool:
    return all(hasattr(model, method) for method in ("fit", "predict", "get_params", "set_params"))


def _from_zoo(name: str, arguments: Mapping[str, Any]) -> Subject:
    try:
        spec = zoo.get_spec(name)
    except zoo.UnknownModelError as error:
        raise UnknownNameError("model", name, error.available) from None
    return Subject(spec.name, {**spec.arguments, **arguments}, spec=spec)


def _from_reference(reference: str, arguments: Mapping[str, Any]) -> Subject:
    xla.set_up()  # for the module may import TensorFlow
    module_name, _, function = reference.partition(":")
    if str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise UsageError(f"Cannot import '{module_name}' of '{reference}': {error}") from error
    builder = getattr(module, function, None)
    if _has_its_methods(builder):
        return Subject(reference, dict(arguments), estimator=_with_parameters(builder, reference, arguments))
    if not callable(builder):
        functions = [name for name, _ in inspect.getmembers(module, _may_be_a_model)]
        raise UnknownNameError(f"function of {module_name}", function, functions)
    return Subject(reference, dict(arguments), builder=builder)


def _with_parameters(named: Any, reference: str, parameters: Mapping[str, Any]) -> Any:
    """An estimator with parameters, of a class or like another one."""
    from sklearn.base import clone

    try:
        estimator = named() if isinstance(named, type) else clone(named)
    except TypeError as error:
        raise UsageError(
            f"'{reference}' needs parameters that are estimators or the like ({error}); "
            "make it in a module of your own, and name that"
        ) from error
    known = estimator.get_params()
    for name in parameters:
        if name not in known:
            raise UnknownNameError(f"parameter of {reference}", name, known)
    return estimator.set_params(**parameters)


def _parameters(builder: Builder) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(builder).parameters
    except (TypeError, ValueError):
        return {}
