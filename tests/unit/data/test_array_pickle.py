"""Pickles of arrays are read, and no pickle runs anything."""

from __future__ import annotations

import fractions
import io
import os
import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.data.array_pickle import load_arrays
from harness.errors import DataError

ARRAYS = {
    "float32": np.arange(12, dtype=np.float32).reshape(3, 4) / 7,
    "big-endian": np.arange(5, dtype=">i4"),
    "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "bytes": np.array([0, 255], np.uint8),
    "empty": np.empty((0, 3)),
}
CANARY = "/tmp/harness-canary-of-array-pickles"


def load(content: bytes) -> Any:
    return load_arrays(io.BytesIO(content), "file.pkl")


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_of_every_protocol_are_read(name: str, protocol: int) -> None:
    found = load(pickle.dumps(((ARRAYS[name], [1, 2.5]), None), protocol))
    np.testing.assert_array_equal(found[0][0], ARRAYS[name])
    assert found[0][0].dtype == ARRAYS[name].dtype.newbyteorder("=")
    assert (found[0][1], found[1]) == ([1, 2.5], None)


def test_pickles_of_python_2_are_read() -> None:
    """As Python 2 wrote `numpy.array([1, 2], 'i1')` with protocol 2: its texts are bytes."""
    state = b"K\x01K\x02\x85q\x03cnumpy\ndtype\nq\x04U\x02i1K\x00K\x01\x87Rq\x05"
    state += b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x02\x01\x02tb."
    content = (
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\nq\x00cnumpy\nndarray\nq\x01K\x00\x85U\x01b\x87Rq\x02("
    )
    np.testing.assert_array_equal(load(content + state), np.array([1, 2], np.int8))


class Runs:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> Any:
        return os.system, (f"touch {CANARY}",)


def _reduced(function: str, *arguments: bytes) -> bytes:
    """A call of "module\\nname" on pickled arguments."""
    return b"\x80\x02c" + function.encode() + b"\n(" + b"".join(arguments) + b"tR."


HOSTILE: dict[str, bytes] = {
    "a command": pickle.dumps(Runs()),
    "a command in an array": pickle.dumps(np.array([Runs()], dtype=object)),
    "an array of objects": pickle.dumps(np.array([None], dtype=object)),
    "structured values": pickle.dumps(np.zeros(2, dtype=[("a", "i4")])),
    "texts": pickle.dumps(np.array(["a"])),
    "dates": pickle.dumps(np.array(["2020-01-01"], dtype="M8[D]")),
    "another class": pickle.dumps(fractions.Fraction(1, 2)),
    "a set": pickle.dumps({1}),
    "eval": _reduced("builtins\neval", b"X\x01\x00\x00\x001"),
    "a name within a name": _reduced("numpy\nndarray.tofile", b"X\x01\x00\x00\x001"),
    "a masked array": pickle.dumps(np.ma.array([1.0])),
    "NumPy's loader": _reduced("numpy\nload", b"X\x01\x00\x00\x001"),
    "a dtype of fields": _reduced("numpy\ndtype", b"]X\x01\x00\x00\x00a"),
    "too large a shape": pickle.dumps(ARRAYS["bytes"], 2).replace(b"K\x02\x85", b"J\xff\xff\xff\x7f\x85"),
    "an object kept elsewhere": b"\x80\x02X\x01\x00\x00\x00aQ.",
    "an extension": b"\x80\x02\x82\x01.",
    "a huge memo": b"\x80\x02N" + b"r" + struct.pack("<I", 2**32 - 1) + b"(.",
    "a stack that is empty": b"\x80\x02R.",
    "half": pickle.dumps(ARRAYS["float32"])[:-20],
    "nothing": b"",
    "noise": bytes(range(256)),
    "no pickle": b"\x89HDF\r\n\x1a\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_everything_else_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(DataError, match=r"^file.pkl is (refused|a damaged pickle)") as caught:
        load(HOSTILE[name])
    assert "\n" not in str(caught.value)
    assert not Path(CANARY).exists()


def test_the_canary_would_have_sung() -> None:
    pickle.loads(HOSTILE["a command"])
    assert Path(CANARY).exists()
    Path(CANARY).unlink()


@pytest.mark.parametrize("seed", range(200))
def test_mutated_pickles_raise_nothing_but_our_error(seed: int) -> None:
    rng = np.random.default_rng(seed)
    content = bytearray(pickle.dumps((ARRAYS["float32"], ARRAYS["bytes"]), protocol=seed % 5))
    for at in rng.integers(0, len(content), 3):
        content[at] = rng.integers(0, 256)
    try:
        load(bytes(content))
    except DataError:
        return
