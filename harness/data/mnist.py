"""The MNIST digits in the forms they are passed around in: four idx files, `mnist.npz`, or `mnist.pkl.gz`."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.data.array_pickle import load_arrays
from harness.data.dataset import Dataset
from harness.data.sources import MnistSource
from harness.errors import DataError

SIDE = 28
_TRAIN, _VALIDATION, _TEST = 50_000, 10_000, 10_000
_MOST_BYTES = 2**29  # of a file once it is decompressed; the largest form takes less than half
_IDX_TYPE = 8  # unsigned bytes
_IDX = (
    ("train-images", "idx3-ubyte"),
    ("train-labels", "idx1-ubyte"),
    ("t10k-images", "idx3-ubyte"),
    ("t10k-labels", "idx1-ubyte"),
)


class Digits(NamedTuple):
    """(70000, 784) pixels and (70000,) labels, unsigned bytes; the test part last."""

    pixels: NDArray[np.uint8]
    labels: NDArray[np.uint8]


def find_mnist(folder: Path) -> list[Path]:
    """The files of one form of MNIST in a folder, or in a folder `mnist` within it; empty if there are none."""
    for place in (folder, folder / "mnist"):
        idx = [_first_file(place, _idx_names(part, suffix)) for part, suffix in _IDX]
        if all(idx):
            return [path for path in idx if path is not None]
        if (single := _first_file(place, ("mnist.npz", "mnist.pkl.gz"))) is not None:
            return [single]
    return []


def load_mnist(files: list[Path], source: MnistSource) -> Dataset:
    """Reads MNIST, and sees to it that it is the whole of it and in its order.

    Args:
        files: As `find_mnist` found them.
        source: Tells the digest of the content.

    Returns:
        70,000 rows of 784 float32 from 0 to 1, row by row of the picture; labels 0 to 9; the parts "train"
        (50,000), "val" (the next 10,000) and "test" (10,000), as in the tutorials that use it.

    Raises:
        DataError: A file that cannot be read, or that holds other digits.
    """
    digits = _read(files)
    if hashlib.sha256(digits.pixels.tobytes() + digits.labels.tobytes()).hexdigest() != source.content_sha256:
        raise DataError(f"{files[0]} does not hold the 70,000 digits of MNIST in their order; fetch it anew")
    pixels = digits.pixels.astype(np.float32) / np.float32(255)
    labels = digits.labels.astype(np.int64)
    parts = np.repeat(["train", "val", "test"], [_TRAIN, _VALIDATION, _TEST])
    for array in (pixels, labels, parts):
        array.setflags(write=False)
    names = tuple(f"pixel_{row}_{column}" for row in range(SIDE) for column in range(SIDE))
    return Dataset("mnist", pixels, labels, "multiclass", names, ("digit",), parts=parts)


def _read(files: list[Path]) -> Digits:
    where = files[0]
    if len(files) == len(_IDX):
        train_x, train_y, test_x, test_y = map(_read_idx, files)
        return _joined((train_x, test_x), (train_y, test_y), where)
    if where.suffix == ".npz":
        arrays = _read_npz(where)
        return _joined((arrays["x_train"], arrays["x_test"]), (arrays["y_train"], arrays["y_test"]), where)
    pairs = _read_pickle(where)
    return _joined([_bytes_of(x) for x, _ in pairs], [y for _, y in pairs], where)


def _joined(pixels: Iterable[Any], labels: Iterable[Any], where: Path) -> Digits:
    try:
        x = np.concatenate([np.asarray(part, dtype=np.uint8).reshape(len(part), -1) for part in pixels])
        y = np.concatenate([np.asarray(part, dtype=np.uint8).ravel() for part in labels])
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(f"{where} holds no pictures and labels of digits: {error}") from None
    return Digits(x, y)


def _read_idx(path: Path) -> NDArray[np.uint8]:
    """An idx file: two zero bytes, the type, the number of axes, each axis' length, then the values."""
    content = _decompressed(path)
    axes = content[3] if content[:3] == bytes((0, 0, _IDX_TYPE)) else 0
    start = 4 + 4 * axes
    shape = tuple(np.frombuffer(content[4:start], dtype=">u4").tolist()) if axes and len(content) >= start else ()
    if not shape or int(np.prod(shape)) != len(content) - start:
        raise DataError(f"{path} is no idx file of bytes, or not the whole of one; fetch it anew")
    return np.asarray(np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape))


def _read_npz(path: Path) -> dict[str, NDArray[Any]]:
    names = ("x_train", "y_train", "x_test", "y_test")
    try:
        with zipfile.ZipFile(path) as members:
            if sum(member.file_size for member in members.infolist()) > _MOST_BYTES:
                raise ValueError(f"more than {_MOST_BYTES:,} bytes once decompressed")
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in names}
    except Exception as error:  # zip files can be broken in many ways
        reason = " ".join(str(error).split())[:80]
        raise DataError(f"{path} has not the arrays {', '.join(names)} ({reason}); fetch it anew") from None


def _read_pickle(path: Path) -> Any:
    """Three pairs of (n, 784) floats and (n,) labels, written by Python 2."""
    pairs = load_arrays(io.BytesIO(_decompressed(path)), str(path))
    if not isinstance(pairs, (list, tuple)) or not all(_is_pair(pair) for pair in pairs):
        raise DataError(f"{path} does not hold pairs of pictures and labels; fetch it anew")
    return pairs


def _is_pair(pair: Any) -> bool:
    return isinstance(pair, (list, tuple)) and len(pair) == 2 and all(isinstance(p, np.ndarray) for p in pair)


def _bytes_of(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Pixels of 0 to 255 from floats that were divided by 255, or by 256 as in the oldest of these files."""
    if pixels.dtype.kind != "f":
        return pixels.astype(np.uint8)
    divisor = 256 if pixels.max(initial=0) < 1 else 255
    return np.asarray(np.rint(pixels * divisor).astype(np.uint8))


def _decompressed(path: Path) -> bytes:
    try:
        opened: Callable[..., Any] = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rb") as file:
            content: bytes = file.read(_MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read ({' '.join(str(error).split())}); fetch it anew") from None
    if len(content) > _MOST_BYTES:
        raise DataError(f"{path} is larger than {_MOST_BYTES:,} bytes once decompressed; it cannot be MNIST")
    return content


def _idx_names(part: str, suffix: str) -> list[str]:
    return [f"{part}{dot}{suffix}{end}" for dot in ("-", ".") for end in (".gz", "")]


def _first_file(folder: Path, names: Iterable[str]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)
