"""MNIST in every form: the same digits, and none that are not MNIST's."""

from __future__ import annotations

import gzip
import hashlib
import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.data import load_dataset, prepare
from harness.data.mnist import find_mnist, load_mnist
from harness.data.sources import MnistSource
from harness.errors import DataError

N = 70_000
RNG = np.random.default_rng(0)
PIXELS = np.tile(RNG.integers(0, 256, (N // 100, 784), dtype=np.uint8), (100, 1))
PIXELS[0, :2] = 0, 255
LABELS = np.arange(N, dtype=np.uint8) % 10
CUTS = (50_000, 60_000)


@pytest.fixture(scope="module")
def source() -> MnistSource:
    """Of random digits, as many as MNIST has."""
    digest = hashlib.sha256(PIXELS.tobytes() + LABELS.tobytes()).hexdigest()
    return MnistSource(
        kind="mnist", file="mnist.npz", sha256="0" * 64, url="https://example.org/mnist.npz", content_sha256=digest
    )


def idx(values: Any) -> bytes:
    header = struct.pack(">BBBB", 0, 0, 8, values.ndim)
    return header + struct.pack(f">{values.ndim}I", *values.shape) + values.tobytes()


def write_idx(folder: Path, pixels: Any = PIXELS, dot: str = "-", end: str = "") -> None:
    for part, rows in (("train", slice(60_000)), ("t10k", slice(60_000, None))):
        for what, values, axes in (("images", pixels.reshape(N, 28, 28), 3), ("labels", LABELS, 1)):
            content = idx(values[rows])
            name = f"{part}-{what}{dot}idx{axes}-ubyte{end}"
            (folder / name).write_bytes(gzip.compress(content, 0) if end else content)


def write_npz(folder: Path) -> None:
    x, y = np.split(PIXELS.reshape(N, 28, 28), [60_000]), np.split(LABELS, [60_000])
    np.savez(folder / "mnist.npz", x_train=x[0], y_train=y[0], x_test=x[1], y_test=y[1])


def write_pickle(folder: Path, divisor: int = 256, protocol: int = 2) -> None:
    scaled = PIXELS.astype(np.float32) / divisor
    pairs = zip(np.split(scaled, CUTS), np.split(LABELS.astype(np.int64), CUTS), strict=True)
    content = pickle.dumps(tuple(pairs), protocol)
    (folder / "mnist.pkl.gz").write_bytes(gzip.compress(content, 0))


FORMS: dict[str, Any] = {
    "idx": write_idx,
    "idx.gz": lambda folder: write_idx(folder, dot=".", end=".gz"),
    "npz": write_npz,
    "pickle": lambda folder: write_pickle(folder, 256, 4),
    "pickle of whole numbers": lambda folder: write_pickle(folder, 255, 5),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_digits(form: str, tmp_path: Path, source: MnistSource) -> None:
    FORMS[form](tmp_path)
    data = load_mnist(find_mnist(tmp_path), source)
    assert (data.X.shape, data.X.dtype, data.task) == ((N, 784), np.float32, "multiclass")
    assert (data.X[0, :2].tolist(), float(data.X.max())) == ([0, 1], 1)
    np.testing.assert_array_equal(np.rint(data.X[::997] * 255), PIXELS[::997])
    np.testing.assert_array_equal(data.y, LABELS)
    assert data.feature_names[29] == "pixel_1_1"


def test_the_split_is_the_one_in_general_use(tmp_path: Path, source: MnistSource) -> None:
    write_npz(tmp_path)
    parts = load_mnist(find_mnist(tmp_path), source).parts
    expected = np.repeat(["train", "val", "test"], [50_000, 10_000, 10_000])
    np.testing.assert_array_equal(parts, expected)


def test_other_digits_are_refused(tmp_path: Path, source: MnistSource) -> None:
    write_idx(tmp_path, np.roll(PIXELS, 1, axis=0))
    with pytest.raises(DataError, match="does not hold the 70,000 digits of MNIST in their order"):
        load_mnist(find_mnist(tmp_path), source)


BROKEN: dict[str, tuple[str, bytes, str]] = {
    "half an idx": ("train-images-idx3-ubyte", idx(PIXELS[:9])[:-1], "is no idx file of bytes, or not the whole"),
    "an idx of floats": ("train-images-idx3-ubyte", b"\0\0\x0d\x01" + bytes(8), "is no idx file of bytes"),
    "a short idx": ("train-images-idx3-ubyte", b"\0\0\x08\x03", "is no idx file"),
    "an empty idx": ("train-images-idx3-ubyte", b"", "is no idx file"),
    "no gzip": ("train-images-idx3-ubyte.gz", b"nothing", "cannot be read"),
    "half a gzip": ("train-images-idx3-ubyte.gz", gzip.compress(bytes(1000))[:-9], "cannot be read"),
    "no zip": ("mnist.npz", b"nothing", "has not the arrays x_train"),
    "no pickle": ("mnist.pkl.gz", gzip.compress(b"nothing"), "is a damaged pickle"),
    "a command": ("mnist.pkl.gz", gzip.compress(b"cos\nsystem\n(S'true'\ntR."), r"is refused: .*os.system"),
    "no pairs": ("mnist.pkl.gz", gzip.compress(pickle.dumps([1, 2])), "does not hold pairs"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_files_are_named_in_one_line(case: str, tmp_path: Path, source: MnistSource) -> None:
    name, content, reason = BROKEN[case]
    (tmp_path / name).write_bytes(content)
    if name.startswith("train"):
        for other in ("train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
            (tmp_path / f"{other}-ubyte").write_bytes(idx(LABELS[:3]))
    with pytest.raises(DataError, match=reason) as caught:
        load_mnist(find_mnist(tmp_path), source)
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)


def test_a_file_that_grows_without_end_is_not_read_to_it(
    tmp_path: Path, source: MnistSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.data.mnist._MOST_BYTES", 1000)
    (tmp_path / "mnist.pkl.gz").write_bytes(gzip.compress(bytes(10_000)))
    with pytest.raises(DataError, match="is larger than 1,000 bytes once decompressed"):
        load_mnist(find_mnist(tmp_path), source)


def test_without_files_the_message_tells_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"mnist is not shipped.*`prepare mnist`.*--data-dir.*`-d digits`"):
        load_dataset("mnist", data_dir=tmp_path, download=False)


def test_the_real_digits_are_found_and_whole(reference_data: Path) -> None:
    folder = reference_data / "mnist"
    assert prepare("mnist", data_dir=folder) == folder / "train-images-idx3-ubyte.gz"
    data = load_dataset("mnist", data_dir=folder)
    assert data.y[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert float(data.X[:60_000].mean()) == pytest.approx(0.1307, abs=5e-5)
