from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.data import ImageRows, decoding, image_rows
from harness.data.pixel_cache import PixelCache
from tests.pictures import noise, picture_folder, save

SIZE = (10, 12)
DIGEST = "ab" * 32
PIXELS = noise(1, *SIZE)


def opened(folder: Path, limit: int = 10**6) -> PixelCache:
    return PixelCache(folder, limit)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_was_kept_is_read_by_the_next_process(tmp_path: Path) -> None:
    opened(tmp_path).keep(DIGEST, SIZE, PIXELS)
    kept = opened(tmp_path).read(DIGEST, SIZE)
    np.testing.assert_array_equal(kept, PIXELS)
    assert len(files(tmp_path)) == 1


def test_another_picture_size_or_decoder_is_another_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(tmp_path).keep(DIGEST, SIZE, PIXELS)
    assert opened(tmp_path).read("cd" * 32, SIZE) is None
    assert opened(tmp_path).read(DIGEST, SIZE[::-1]) is None
    monkeypatch.setattr("importlib.metadata.version", lambda package: "0.1")
    assert opened(tmp_path).read(DIGEST, SIZE) is None


@pytest.mark.parametrize("damage", ["one bit flipped", "cut short", "empty", "too long"])
def test_a_damaged_file_counts_for_nothing_and_is_written_anew(tmp_path: Path, damage: str) -> None:
    cache = opened(tmp_path)
    cache.keep(DIGEST, SIZE, PIXELS)
    (path,) = files(tmp_path)
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    damaged = {"one bit flipped": content, "cut short": content[:50], "empty": b"", "too long": content + b"x"}
    path.write_bytes(damaged[damage])
    assert cache.read(DIGEST, SIZE) is None
    cache.keep(DIGEST, SIZE, PIXELS)
    np.testing.assert_array_equal(cache.read(DIGEST, SIZE), PIXELS)


def test_no_more_is_kept_than_there_is_room_for(tmp_path: Path) -> None:
    cache = opened(tmp_path, limit=2 * PIXELS.size)
    for number in range(3):
        cache.keep(f"{number:064}", SIZE, PIXELS)
    assert len(files(tmp_path)) == 1


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = opened(tmp_path / "file")
    cache.keep(DIGEST, SIZE, PIXELS)
    assert cache.read(DIGEST, SIZE) is None


class Counted:
    """Counts the files that are decoded."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.paths: list[str] = []
        monkeypatch.setattr(image_rows, "read_pixels", self)

    def __call__(self, path: str, size: tuple[int, int]) -> Any:
        self.paths.append(path)
        return decoding.read_pixels(path, size)


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    return sorted(picture_folder(tmp_path / "pictures", count=3).rglob("*.png"))


def streamed(paths: list[Path]) -> ImageRows:
    return ImageRows(paths, SIZE, budget=0)


def test_images_are_decoded_once_for_all_epochs_folds_and_runs(
    paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = Counted(monkeypatch)
    rows = streamed(paths)
    first = rows.load()
    np.testing.assert_array_equal(rows[[4, 1]].load(), first[[4, 1]])
    np.testing.assert_array_equal(rows.read([2, 2]), first[[2, 2]])
    np.testing.assert_array_equal(streamed(paths).load(), first)
    assert sorted(decoded.paths) == [str(path) for path in paths]


def test_an_edited_picture_is_decoded_anew(paths: list[Path]) -> None:
    before = streamed(paths).load()
    save(paths[0], noise(99))
    after = streamed(paths).load()
    assert (after[0] != before[0]).any()
    np.testing.assert_array_equal(after[1:], before[1:])
    np.testing.assert_array_equal(after, ImageRows(paths, SIZE).load())


def test_a_picture_exchanged_while_it_is_read_is_not_kept_for_the_other(paths: list[Path]) -> None:
    rows, original = streamed(paths[:1]), paths[0].read_bytes()
    rows.hashes()
    save(paths[0], noise(99))
    rows.load()
    paths[0].write_bytes(original)
    np.testing.assert_array_equal(streamed(paths[:1]).load(), ImageRows(paths[:1], SIZE).load())


def test_without_room_images_are_decoded_every_time(paths: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_CACHE_GB", "0")
    decoded = Counted(monkeypatch)
    rows = streamed(paths)
    np.testing.assert_array_equal(rows.load(), rows.load())
    assert len(decoded.paths) == 2 * len(paths)
