"""Where a model is cut: behind the last point that everything passes and before which nothing ever changes.

A model within it that is frozen whole is one layer like any other; one that is frozen in part is looked into.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras

from harness.engines.frozen.layers import functional, is_augmentation, why_it_changes
from harness.errors import EngineError


class NoFrozenPart(EngineError):  # noqa: N818 (said of a model, nothing went wrong)
    """A model that does not begin with a part whose outputs could be kept; the message is a reason only."""


@dataclass(frozen=True)
class Cut:
    """A place in the graph of a model.

    Attributes:
        graph: The model's graph, that of models within it which are frozen in part included.
        tensor: What the frozen part ends in.
        augmented: What the last random layer before it makes of the images; None where there is none.
    """

    graph: Any
    tensor: Any
    augmented: Any | None = None

    @property
    def name(self) -> str:
        """The layer that the frozen part ends with."""
        return str(self.tensor._keras_history.operation.name)


def find_cut(model: keras.Model, *, augmentation: bool = False) -> Cut:
    """Finds the end of the longest part of a model, from its input on, whose outputs never change.

    Args:
        model: A built model.
        augmentation: Whether the part may begin with layers that change images at random in training.

    Raises:
        NoFrozenPart: There is none that has weights.
    """
    graph = _opened(graph_of(model))
    constant, obstacle = _constant_tensors(graph, augmentation)
    ends = [tensor for tensor in constant if _may_be_cut(tensor, graph)]
    if not ends or not keras.Model(graph.inputs[0], ends[-1], name="base").count_params():
        raise NoFrozenPart(obstacle or "no layer with weights is frozen")
    return Cut(graph, ends[-1], _end_of_augmentation(ends, constant))


def graph_of(model: keras.Model) -> Any:
    """The graph of a model that Keras put together from layers.

    Raises:
        NoFrozenPart: It has code of its own, or several inputs.
    """
    graph = functional(model)
    if graph is None:
        raise NoFrozenPart("the model has code of its own")
    if len(graph.inputs) != 1:
        raise NoFrozenPart(f"the model has {len(graph.inputs)} inputs")
    return graph


def _opened(graph: Any) -> Any:
    """The graph with the layers of models within it in their place, where these are frozen in part."""
    if not any(map(_is_frozen_in_part, graph.operations)):
        return graph
    inputs = graph.inputs[0]
    outputs = graph._run_through_graph([inputs], operation_fn=_opened_operation)
    try:
        return keras.Model(inputs, outputs, name=graph.name)
    except ValueError:  # two layers of one name, which a model within another may have
        return graph


def _opened_operation(operation: Any) -> Any:
    if not _is_frozen_in_part(operation):
        return operation
    inner = functional(operation)
    assert inner is not None
    # What it was called with besides, such as `training`, `model.fit` overrides.
    return lambda inputs, **_: inner._run_through_graph([inputs], operation_fn=_opened_operation)


def _is_frozen_in_part(operation: Any) -> bool:
    if not isinstance(operation, keras.Model) or is_augmentation(operation):
        return False
    graph = functional(operation)
    if graph is None or len(graph.inputs) != 1 or why_it_changes(operation) is None:
        return False
    return any(layer.weights and not layer.trainable_variables for layer in operation._flatten_layers())


def _constant_tensors(graph: Any, augmentation: bool) -> tuple[dict[Any, frozenset[int]], str | None]:
    """The tensors before which nothing changes, in order, with the random layers before each; what ends them."""
    found: dict[Any, frozenset[int]] = {}
    obstacle = None
    for node in _nodes(graph):
        if any(tensor not in found for tensor in node.input_tensors):
            continue
        is_random = augmentation and is_augmentation(node.operation)
        reason = None if is_random else why_it_changes(node.operation)
        if reason is not None:
            obstacle = obstacle or _with_advice(reason, node.operation)
            continue
        before = frozenset().union(*(found[tensor] for tensor in node.input_tensors))
        found |= dict.fromkeys(node.outputs, before | {id(node.operation)} if is_random else before)
    return found, obstacle


def _nodes(graph: Any) -> Iterator[Any]:
    """Every call of an operation, after those that it depends on."""
    for depth in sorted(graph._nodes_by_depth, reverse=True):
        yield from graph._nodes_by_depth[depth]


def _with_advice(reason: str, operation: Any) -> str:
    if is_augmentation(operation):
        return f"'{operation.name}' changes images at random (augment_copies=N keeps N versions of each)"
    return reason


def _may_be_cut(tensor: Any, graph: Any) -> bool:
    numbers = str(tensor.dtype).startswith(("float", "bfloat"))
    is_known = all(size is not None for size in tensor.shape[1:])
    is_end = any(tensor is output for output in graph.outputs)
    return numbers and is_known and not is_end and _separates(tensor, graph)


def _separates(tensor: Any, graph: Any) -> bool:
    """Whether every way from the input to an output leads through a tensor."""
    pending = [*graph.outputs]
    seen = {id(tensor)}
    while pending:
        current = pending.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        operation, number, _ = current._keras_history
        node = operation._inbound_nodes[number]
        if node.is_input:
            return False
        pending += node.input_tensors
    return True


def _end_of_augmentation(ends: list[Any], constant: dict[Any, frozenset[int]]) -> Any | None:
    """The first tensor behind all random layers of the frozen part."""
    random = constant[ends[-1]]
    return next(tensor for tensor in ends if constant[tensor] == random) if random else None


def ends_at(model: keras.Model, layer: str) -> keras.Model | None:
    """A model up to one of its layers, or of the layers of a model within it; None where none has the name.

    Raises:
        NoFrozenPart: The model is not one that Keras put together from layers.
    """
    graph = graph_of(model)
    for node in _nodes(graph):
        if node.operation.name == layer:
            return keras.Model(graph.inputs[0], node.outputs[0], name=f"{model.name}_to_{layer}")
        if isinstance(node.operation, keras.Model) and (inner := ends_at(node.operation, layer)) is not None:
            return keras.Model(graph.inputs[0], inner(node.input_tensors[0]), name=inner.name)
    return None


def layer_names(model: keras.Model) -> list[str]:
    """The names that `ends_at` knows, those of models within the model included."""
    layers = model._flatten_layers(include_self=False)
    return [layer.name for layer in layers if not isinstance(layer, keras.layers.InputLayer)]
