"""Models from `.keras` files that nobody vouches for.

`keras.saving.load_model` takes a file at its word: a few kilobytes may ask for gigabytes of weights, name
functions that the program has registered, or lead to other files. Here everything is checked before anything is
built: that the file is a regular one, what the archive holds and how large it is, which classes are named, how
many weights they come to, and where the numbers lie.
"""

from __future__ import annotations

import io
import json
import lzma
import math
import os
import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import keras

from zoo._hdf5 import check_plain, open_regular
from zoo._unallocated import unallocated

_CONFIG, _METADATA, _WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
_CONFIG_BYTES = 16 * 2**20
_SLACK = 2**20
# An array of float32 numbers hardly shrinks; zeros do, a thousandfold.
_MOST_EXPANSION = 20
_OUTPUT_NUMBERS = 2**28
# What reading a damaged archive raises.
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, lzma.LZMAError),
    *(NotImplementedError, RuntimeError, EOFError, OSError, ValueError),
)

_MODULES = frozenset(
    {
        *("keras", "keras.models", "keras.layers", "keras.activations", "keras.constraints", "keras.initializers"),
        *("keras.losses", "keras.metrics", "keras.optimizers", "keras.optimizers.schedules", "keras.ops"),
        *("keras.dtype_policies", "keras.quantizers", "keras.random", "keras.regularizers"),
        *("keras.src.models.functional", "keras.src.models.sequential"),
    }
)
_OPERATIONS = "keras.src.ops."
# These run code or read files that the configuration names.
_REFUSED = frozenset(
    {
        *("Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"),
        *("StringLookup", "IntegerLookup", "TextVectorization", "Function"),
    }
)
_PLAIN = frozenset({"__keras_tensor__", "__slice__", "__ellipsis__", "__bytes__"})
_ARRAYS = frozenset({"__numpy__", "__tensor__"})
_NUMBERS = ("bool", "int", "uint", "float", "bfloat")


def load_model(path: str | os.PathLike[str]) -> keras.Model:
    """Loads a model that consists of nothing but Keras' own parts; it is not compiled.

    Args:
        path: A `.keras` file, as `keras.Model.save` writes it.

    Returns:
        The model with its weights.

    Raises:
        ValueError: The file is no regular one, damaged, or holds what a model of Keras' own layers does not need:
            other members, `Lambda` and other layers with code of their own, objects that are not Keras', more
            weights than numbers, numbers outside of the file. The message is one line and names the file.

    Example:
        >>> path = Path(tempfile.mkdtemp()) / "small.keras"
        >>> keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)]).save(path)
        >>> load_model(path).count_params()
        9
    """
    name = os.fspath(path)
    try:
        with open_regular(path, "A model file") as file:
            config, weights = _members(file)
        return _built(config, weights)
    except _Refused as error:
        raise ValueError(f"'{name}' {error}") from None
    except RecursionError:
        raise ValueError(f"'{name}' is refused as a model: it is nested too deeply") from None


class _Refused(Exception):  # noqa: N818 (the rest of a sentence that begins with the file's name)
    """What is wrong with the file."""


def _refuse(reason: str) -> NoReturn:
    raise _Refused(f"is refused as a model: {reason}")


def _damaged(reason: object) -> _Refused:
    return _Refused(
        f"is no .keras file, or a damaged one: {' '.join(str(reason).split()) or type(reason).__name__}"
    )


def _members(file: Any) -> tuple[dict[str, Any], bytes]:
    """The configuration and the bytes of the weights file."""
    try:
        with zipfile.ZipFile(file) as archive:
            _check_members(archive.infolist())
            config, weights = archive.read(_CONFIG), archive.read(_WEIGHTS)
    except _UNREADABLE as error:
        raise _damaged(error) from error
    try:
        parsed = json.loads(config)
    except ValueError as error:
        raise _damaged(f"{_CONFIG} cannot be read ({error})") from error
    if not isinstance(parsed, dict):
        raise _damaged(f"{_CONFIG} describes no model")
    return parsed, weights


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    names = sorted(member.filename for member in members)
    if names != sorted((_CONFIG, _METADATA, _WEIGHTS)):
        listed = ", ".join(map(repr, names[:5])) or "nothing"
        _refuse(f"the archive must hold {_CONFIG}, {_METADATA} and {_WEIGHTS}, once each. Received: {listed}")
    sizes = {member.filename: member for member in members}
    if sizes[_CONFIG].file_size > _CONFIG_BYTES:
        _refuse(f"{_CONFIG} has {sizes[_CONFIG].file_size:,} bytes, more than {_CONFIG_BYTES:,}")
    weights = sizes[_WEIGHTS]
    if weights.file_size > _MOST_EXPANSION * weights.compress_size + _SLACK:
        _refuse(f"{_WEIGHTS} would unpack from {weights.compress_size:,} bytes to {weights.file_size:,}")


def _built(config: dict[str, Any], weights: bytes) -> keras.Model:
    config.pop("compile_config", None)  # a loss of the caller's own does not matter to what the model puts out
    _check_objects(config)
    try:
        with io.BytesIO(weights) as file:
            check_plain(file)
    except ValueError as error:
        _refuse(f"{_WEIGHTS} holds {error}")
    with _nothing_but_keras(), tempfile.TemporaryDirectory() as folder:
        _check_size(config, len(weights))
        model = _model(config)
        path = Path(folder) / _WEIGHTS
        path.write_bytes(weights)
        try:
            model.load_weights(path)
        except Exception as error:  # Keras raises what it likes where file and model differ
            raise _damaged(f"its weights are not those of its layers ({_first_line(error)})") from error
    return model


def _check_objects(config: Any) -> None:
    """Looks at every object that the configuration names."""
    pending = [config]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if "class_name" in value:
                _check_object(value)
            pending += value.values()
        elif isinstance(value, list):
            pending += value


def _check_object(entry: dict[str, Any]) -> None:
    module, name = entry.get("module"), str(entry["class_name"])
    if name in _PLAIN:
        return
    if name in _ARRAYS:
        kind = entry["config"].get("dtype") if isinstance(entry.get("config"), dict) else None
        if str(kind).rstrip("0123456789") not in _NUMBERS:
            _refuse(f"it has an array of type {kind!r}")
        return
    if name == "function" and module in ("builtins", *_MODULES):
        return
    known = isinstance(module, str) and (module in _MODULES or module.startswith(_OPERATIONS))
    if not known or name in _REFUSED or not name.isidentifier():
        kind = " ".join(f"{module}.{name}".split())[:100]
        _refuse(
            f"it has a part of type {kind}, which may run code or read files; if you trust the file, "
            "load it with keras.saving.load_model"
        )


@contextmanager
def _nothing_but_keras() -> Iterator[None]:
    """Hides what the program has registered, and holds to safe mode whatever was enabled."""
    from keras.src.backend.common import global_state
    from keras.src.saving.serialization_lib import SafeModeScope

    scope = "custom_objects_scope_dict"
    registered, in_scope = keras.saving.get_custom_objects(), global_state.get_global_attribute(scope, {})
    kept = dict(registered)
    registered.clear()
    global_state.set_global_attribute(scope, {})
    try:
        with SafeModeScope(True):
            yield
    finally:
        registered.update(kept)
        global_state.set_global_attribute(scope, in_scope)


def _check_size(config: dict[str, Any], stored: int) -> None:
    """Builds the model without allocating anything, and compares its weights with what the file holds."""
    with unallocated():
        model = _model(config)
    declared = sum(math.prod(variable.shape) * _item_bytes(variable.dtype) for variable in model.variables)
    if declared > stored + _SLACK:
        _refuse(f"its layers have weights of {declared:,} bytes, and {_WEIGHTS} has {stored:,}")
    largest = max((_numbers(layer) for layer in model._flatten_layers(include_self=False)), default=0)
    if largest > _OUTPUT_NUMBERS:
        _refuse(f"a layer puts out {largest:,} numbers for one example, more than {_OUTPUT_NUMBERS:,}")


def _item_bytes(dtype: str) -> int:
    """Bytes of one number, such as 4 of "float32" and 1 of "bool"."""
    bits = re.search(r"\d+", dtype)
    return max(int(bits[0]) // 8, 1) if bits else 1


def _numbers(layer: Any) -> int:
    """Numbers that a layer puts out for one example, as far as its shape is known."""
    nodes = layer._inbound_nodes
    tensors = [tensor for node in nodes for tensor in node.output_tensors]
    return max((math.prod(size or 1 for size in tensor.shape[1:]) for tensor in tensors), default=0)


def _model(config: dict[str, Any]) -> keras.Model:
    try:
        model = keras.saving.deserialize_keras_object(json.loads(json.dumps(config)), safe_mode=True)
    except RecursionError:
        raise
    except Exception as error:  # Keras raises what it likes on a configuration that it did not write
        raise _damaged(f"{_CONFIG} describes no model that can be built ({_first_line(error)})") from error
    if not isinstance(model, keras.Model) or not model.built:
        raise _damaged(f"{_CONFIG} describes no built model")
    return model


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
