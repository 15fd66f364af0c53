from __future__ import annotations

import hashlib
import io
import os
import re
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from harness.disk_cache import BoundedFolder
from harness.engines.frozen.feature_cache import FeatureCache

SHAPE = (2, 3)
KEYS = [hashlib.sha256(bytes([number])).hexdigest() for number in range(5)]
VALUES = np.random.default_rng(0).normal(size=(5, *SHAPE)).astype(np.float32)


def opened(folder: Path) -> tuple[FeatureCache, list[str]]:
    said: list[str] = []
    return FeatureCache(folder, SHAPE, said.append), said


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    cache, _ = opened(tmp_path / "base")
    cache.add(dict(zip(KEYS[:3], VALUES[:3], strict=True)))
    cache.add(dict(zip(KEYS[3:], VALUES[3:], strict=True)))
    return tmp_path / "base"


def test_what_was_added_is_read_in_any_order_and_by_the_next_process(folder: Path) -> None:
    cache, said = opened(folder)
    rows = [4, 0, 3, 0]
    np.testing.assert_array_equal(cache.read([KEYS[row] for row in rows]), VALUES[rows])
    assert (said, "0" * 64 in cache) == ([], False)


def damaged(content: bytes, how: str) -> bytes:
    if how == "cut short":
        return content[: len(content) // 2]
    if how == "empty":
        return b""
    place = content.index(VALUES[0].tobytes())
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


@pytest.mark.parametrize("how", ["cut short", "empty", "one bit flipped"])
def test_a_damaged_file_is_refused_and_its_features_are_missing(folder: Path, how: str) -> None:
    path = next(path for path in folder.iterdir() if VALUES[0].tobytes() in path.read_bytes())
    path.write_bytes(damaged(path.read_bytes(), how))
    cache, said = opened(folder)
    assert [key in cache for key in KEYS] == [False, False, False, True, True]
    assert len(said) == 1
    assert str(path) in said[0]
    assert "SHA-256" in said[0]
    assert not path.exists()


def planted(folder: Path, **arrays: Any) -> None:
    """Puts a file of somebody else's making under the right name."""
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        for name, value in arrays.items():
            file[name] = value
    folder.mkdir(parents=True)
    (folder / f"{hashlib.sha256(stream.getvalue()).hexdigest()}.h5").write_bytes(stream.getvalue())


ASCII = np.array(KEYS[:2], dtype="S64")


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"keys": ASCII}, "'features' is not in it"),
        ({"keys": ASCII, "features": VALUES[:2].astype("float64")}, "float64"),
        ({"keys": ASCII, "features": VALUES[:3]}, r"\(3, 2, 3\)"),
        ({"keys": ASCII, "features": VALUES[:2, :1]}, r"\(2, 1, 3\)"),
        ({"keys": ASCII, "features": h5py.ExternalLink("/etc/other.h5", "x")}, "'features' is not in it"),
        ({"keys": ASCII, "features": h5py.SoftLink("/keys")}, "'features' is not in it"),
    ],
)
def test_a_planted_file_is_refused(tmp_path: Path, arrays: dict[str, Any], reason: str) -> None:
    planted(tmp_path / "base", **arrays)
    cache, said = opened(tmp_path / "base")
    assert KEYS[0] not in cache
    assert len(said) == 1
    assert re.search(reason, said[0])


def test_numbers_that_lie_in_another_file_are_refused(tmp_path: Path) -> None:
    folder, secret = tmp_path / "base", tmp_path / "secret"
    secret.write_bytes(VALUES[:2].tobytes())
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file["keys"] = ASCII
        place = [(str(secret), 0, secret.stat().st_size)]
        file.create_dataset("features", (2, *SHAPE), np.float32, external=place)
    folder.mkdir()
    (folder / f"{hashlib.sha256(stream.getvalue()).hexdigest()}.h5").write_bytes(stream.getvalue())
    cache, said = opened(folder)
    assert KEYS[0] not in cache
    assert "lies in another file" in said[0]


def test_without_a_folder_to_write_to_features_are_kept_for_the_time_being(tmp_path: Path) -> None:
    (tmp_path / "base").touch()
    cache, said = opened(tmp_path / "base")
    cache.add(dict(zip(KEYS, VALUES, strict=True)))
    np.testing.assert_array_equal(cache.read(KEYS), VALUES)
    assert "cannot be kept" in said[0]


def test_all_bases_together_take_a_limited_number_of_bytes(tmp_path: Path) -> None:
    def base(name: str, limit: int) -> tuple[FeatureCache, list[str]]:
        said: list[str] = []
        return FeatureCache(tmp_path / name, SHAPE, said.append, BoundedFolder(tmp_path, limit)), said

    for name in ("first", "second"):
        base(name, 10**6)[0].add({KEYS[0]: VALUES[0]})
        for path in (tmp_path / name).iterdir():
            os.utime(path, (path.stat().st_mtime - (200 if name == "first" else 100),) * 2)
    size = sum(path.stat().st_size for path in tmp_path.rglob("*.h5"))
    cache, said = base("third", size)
    cache.add({KEYS[1]: VALUES[1]})
    kept = [name for name in ("first", "second", "third") if any((tmp_path / name).glob("*.h5"))]
    assert (kept, said) == (["second", "third"], [])


def test_without_room_features_are_kept_for_the_time_being(tmp_path: Path) -> None:
    said: list[str] = []
    cache = FeatureCache(tmp_path / "base", SHAPE, said.append, BoundedFolder(tmp_path, 100))
    cache.add(dict(zip(KEYS, VALUES, strict=True)))
    np.testing.assert_array_equal(cache.read(KEYS), VALUES)
    assert list(tmp_path.rglob("*")) == []
    assert "it is full, and HARNESS_CACHE_GB is its limit" in said[0]


def test_features_that_another_process_removed_are_missing(folder: Path) -> None:
    cache, _ = opened(folder)
    next(path for path in folder.iterdir() if VALUES[0].tobytes() in path.read_bytes()).unlink()
    with pytest.raises(KeyError, match="is gone"):
        cache.read(KEYS)
    assert [key in cache for key in KEYS] == [False, False, False, True, True]


def test_two_processes_may_add_the_same(folder: Path) -> None:
    one, other = opened(folder)[0], opened(folder)[0]
    for cache in (one, other):
        cache.add({KEYS[0]: VALUES[0]})
    np.testing.assert_array_equal(opened(folder)[0].read(KEYS), VALUES)


def test_large_features_are_written_a_few_rows_at_a_time(tmp_path: Path) -> None:
    assert FeatureCache(tmp_path, (2**20,), print).rows_a_file == 16
    assert FeatureCache(tmp_path, (2**30,), print).rows_a_file == 1
