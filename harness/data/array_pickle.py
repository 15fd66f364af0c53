"""Reads pickles of plain numbers without running what they say.

A pickle is a program that may call any function. Here it may name only what NumPy's arrays are pickled with, and
gets stand-ins of ours for these: they do nothing but note their arguments, which are checked before an array is
made of them. NumPy itself is never called by the pickle.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from typing import IO, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from harness.errors import DataError

_DTYPE = re.compile(r"[fiu][1248]")
_MODULES = ("numpy.core.multiarray", "numpy._core.multiarray")


def load_arrays(file: IO[bytes], where: str) -> Any:
    """Reads tuples, lists and numbers with arrays of numbers in them.

    Args:
        file: A pickle of any protocol up to 5, of Python 2 or 3.
        where: What messages call it.

    Returns:
        What was pickled; arrays of float, int or unsigned numbers.

    Raises:
        DataError: The pickle names anything else than an array of numbers, or is damaged.
    """
    try:
        return _plain(_ArrayUnpickler(file, encoding="bytes").load())
    except DataError as error:
        raise DataError(f"{where} {error}") from None
    except Exception as error:  # the unpickler raises what it likes on damaged files
        reason = " ".join(str(error).split())[:80]
        raise DataError(f"{where} is a damaged pickle ({type(error).__name__}: {reason})") from None


class _Dtype:
    """Stands for `numpy.dtype`: the code of a kind of number and, set by its state, the order of its bytes."""

    def __init__(self, code: Any, *_: Any) -> None:
        text = code.decode("ascii") if isinstance(code, bytes) else code
        if not isinstance(text, str) or not _DTYPE.fullmatch(text.lstrip("<|=")):
            _refuse(f"an array of type {str(code)[:40]!r}")
        self.code = text.lstrip("<|=")
        self.order = "<"

    def __setstate__(self, state: Any) -> None:
        order = state[1].decode("ascii") if isinstance(state[1], bytes) else state[1]
        if order not in ("<", ">", "|", "=") or any(part is not None for part in state[2:5]):
            _refuse("an array of structured values")
        self.order = order

    def numpy(self) -> np.dtype[Any]:
        return np.dtype(self.order + self.code)


class _Array:
    """Stands for an array: shape, type and bytes, as `ndarray.__setstate__` is given them."""

    value: NDArray[Any] | None = None

    def __setstate__(self, state: Any) -> None:
        _, shape, dtype, fortran, content = state
        if not isinstance(dtype, _Dtype) or not isinstance(content, bytes):
            _refuse("an array of objects")
        self.value = _from_bytes(content, dtype, shape, "F" if fortran else "C")


def _from_bytes(content: Any, dtype: _Dtype, shape: Any, order: Any) -> NDArray[Any]:
    flat = np.frombuffer(content, dtype=dtype.numpy())
    return flat.astype(flat.dtype.newbyteorder("=")).reshape(shape, order=order)


def _reconstruct(kind: Any, *_: Any) -> _Array:
    if kind is not _Array:
        _refuse("a kind of array that is not NumPy's own")
    return _Array()


def _frombuffer(content: Any, dtype: Any, shape: Any, order: Any) -> _Array:
    """How protocol 5 writes arrays."""
    array = _Array()
    array.value = _from_bytes(content, dtype, shape, order)
    return array


def _encode(text: str, encoding: Any = "latin1", *_: Any) -> bytes:
    """How Python 3 writes bytes in the protocols of Python 2."""
    return text.encode("latin1")


def _no_bytes() -> bytes:
    """How Python 3 writes no bytes at all in the protocols of Python 2."""
    return b""


_ALLOWED: dict[tuple[str, str], Callable[..., Any]] = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Dtype,
    ("_codecs", "encode"): _encode,
    ("__builtin__", "bytes"): _no_bytes,
    **{(module, "_reconstruct"): _reconstruct for module in _MODULES},
    **{(module.replace("multiarray", "numeric"), "_frombuffer"): _frombuffer for module in _MODULES},
}


# Python's own unpickler, not the one in C, whose memory a few bytes of a hostile pickle can fill.
class _ArrayUnpickler(pickle._Unpickler):
    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        allowed = _ALLOWED.get((module, name))
        return allowed or _refuse(f"{module}.{name}"[:80])

    def persistent_load(self, pid: Any) -> NoReturn:
        _refuse("an object kept elsewhere")


def _refuse(what: str) -> NoReturn:
    raise DataError(f"is refused: its pickle holds {what}, and only arrays of numbers are read")


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(_plain(item) for item in value)
    if isinstance(value, _Array):
        return value.value
    if value is None or isinstance(value, (bool, int, float, bytes, str)):
        return value
    return _refuse(f"a {type(value).__name__}")
