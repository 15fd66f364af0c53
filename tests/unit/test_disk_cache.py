from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from harness.disk_cache import BoundedFolder, cache_folder, limit_of_caches
from harness.errors import UsageError

NOW = time.time()


def put(folder: Path, name: str, size: int, days_ago: float) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))
    os.utime(path, (NOW - 86_400 * days_ago,) * 2)
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, place in enumerate(("a/new.h5", "b/old.h5", "a/older.h5", "b/oldest.h5")):
        put(tmp_path, place, 100, days_ago=1 + number)
    return tmp_path


@pytest.mark.parametrize(
    ("limit", "left"),
    [
        (450, ["a/new.h5", "a/older.h5", "b/old.h5", "b/oldest.h5"]),
        (449, ["a/new.h5", "a/older.h5", "b/old.h5"]),
        (250, ["a/new.h5", "b/old.h5"]),
        (50, []),
    ],
)
def test_what_was_not_used_for_longest_makes_room(folder: Path, limit: int, left: list[str]) -> None:
    assert BoundedFolder(folder, limit).has_room_for(50)
    assert names(folder) == left


def test_what_is_larger_than_the_folder_may_be_finds_no_room(folder: Path) -> None:
    assert not BoundedFolder(folder, 450).has_room_for(451)


def test_what_is_in_use_stays(folder: Path) -> None:
    room = BoundedFolder(folder, 400)
    room.used(folder / "b/oldest.h5")
    assert room.has_room_for(100)
    assert names(folder) == ["a/new.h5", "b/old.h5", "b/oldest.h5"]
    assert room.has_room_for(200)
    put(folder, "c/ours.h5", 300, days_ago=-1)
    assert not room.has_room_for(1)
    assert names(folder) == ["b/oldest.h5", "c/ours.h5"]


def test_what_others_write_is_seen_in_time(folder: Path) -> None:
    room = BoundedFolder(folder, 1000)
    assert room.has_room_for(100)
    put(folder, "c/theirs.h5", 900, days_ago=-1)
    assert room.has_room_for(100)  # not yet
    assert not room.has_room_for(200)


def test_what_a_killed_process_left_is_removed_after_a_day(folder: Path) -> None:
    old, new = put(folder, "a/0123456789abcdef", 4, days_ago=2), put(folder, "a/fedcba9876543210", 4, days_ago=0)
    assert BoundedFolder(folder, 1000).has_room_for(1)
    assert (old.exists(), new.exists(), len(names(folder))) == (False, True, 5)


def test_a_folder_that_is_not_there_has_room(tmp_path: Path) -> None:
    assert BoundedFolder(tmp_path / "none", 10).has_room_for(10)


def test_one_variable_names_the_folder_and_another_one_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_CACHE", "/elsewhere")
    assert cache_folder("pixels") == Path("/elsewhere/pixels")
    monkeypatch.setenv("HARNESS_CACHE_GB", "0.5")
    assert limit_of_caches() == 500_000_000


@pytest.mark.parametrize("text", ["much", "-1", "nan", "inf"])
def test_a_limit_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("HARNESS_CACHE_GB", text)
    with pytest.raises(UsageError, match=f"HARNESS_CACHE_GB is a number .* Received: '{text}'"):
        limit_of_caches()
