"""Images on disk as an array: NumPy's own indexing and Pillow's own decoding are the oracle."""

from __future__ import annotations

import hashlib
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from harness.data import ImageRows
from harness.errors import DataError
from tests.pictures import noise, picture_folder

SIZE = (10, 12)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = picture_folder(tmp_path_factory.mktemp("pictures"), count=4)
    return sorted(folder.rglob("*.png"))


@pytest.fixture(scope="module")
def expected(paths: list[Path]) -> Any:
    images = [Image.open(path).resize((12, 10), Image.Resampling.BILINEAR) for path in paths]
    return np.stack([np.asarray(image) for image in images]).astype(np.float32)


def test_it_has_the_shape_of_the_array_it_stands_for(paths: list[Path], expected: Any) -> None:
    rows = ImageRows(paths, SIZE)
    array = np.asarray(rows)
    assert (rows.shape, rows.ndim, rows.dtype, len(rows)) == (array.shape, array.ndim, array.dtype, len(array))
    np.testing.assert_array_equal(array, expected)


@pytest.mark.parametrize(
    "index", [np.array([5, 0, 0]), [1, 2], slice(1, 6, 2), np.arange(8) % 3 == 0, np.array([], dtype=int)]
)
def test_indexing_is_numpys(paths: list[Path], expected: Any, index: Any) -> None:
    np.testing.assert_array_equal(ImageRows(paths, SIZE)[index].load(), expected[index])


def test_views_of_views_are_views(paths: list[Path], expected: Any) -> None:
    np.testing.assert_array_equal(ImageRows(paths, SIZE)[2:][[3, 1]].load(), expected[2:][[3, 1]])


def test_indexing_reads_nothing() -> None:
    assert ImageRows(["none.png"] * 3, SIZE)[1:].shape == (2, *SIZE, 3)


def test_one_row_number_is_refused(paths: list[Path]) -> None:
    with pytest.raises(TypeError, match=r"for one image \[\[i\]\]"):
        ImageRows(paths, SIZE)[0]


@pytest.mark.parametrize("budget", [0, 2**20])
@pytest.mark.parametrize("batch_size", [1, 3, 8, 100])
def test_batches_are_the_rows_in_their_order(
    paths: list[Path], expected: Any, batch_size: int, budget: int
) -> None:
    batches = list(ImageRows(paths, SIZE, budget=budget).batches(batch_size))
    assert [len(batch) for batch in batches[:-1]] == [batch_size] * (len(batches) - 1)
    np.testing.assert_array_equal(np.concatenate(batches), expected)


def test_a_few_rows_can_be_read(paths: list[Path], expected: Any) -> None:
    np.testing.assert_array_equal(ImageRows(paths, SIZE).read([6, 6, 2]), expected[[6, 6, 2]])


def test_what_is_mapped_is_done_in_turn_and_leaves_the_others_alone(paths: list[Path], expected: Any) -> None:
    rows = ImageRows(paths, SIZE)
    mapped = rows.map(lambda batch: batch + 1).map(lambda batch: batch * 2)[2:]
    np.testing.assert_array_equal(mapped.load(), (expected[2:] + 1) * 2)
    np.testing.assert_array_equal(mapped.read([0]), (expected[[2]] + 1) * 2)
    np.testing.assert_array_equal(rows.load(), expected)


def test_hashes_are_of_the_files(paths: list[Path]) -> None:
    rows = ImageRows(paths, SIZE)[[3, 1, 3]]
    assert rows.hashes() == [hashlib.sha256(paths[i].read_bytes()).hexdigest() for i in (3, 1, 3)]


def test_views_hash_a_file_once(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"first")
    rows = ImageRows([tmp_path / "a.png"], SIZE)
    before = rows[:].hashes()
    (tmp_path / "a.png").write_bytes(b"second")
    assert rows.hashes() == before


@pytest.mark.parametrize("budget", [2**20, 0])
def test_a_file_that_was_decoded_once_is_not_needed_any_more(tmp_path: Path, budget: int) -> None:
    folder = picture_folder(tmp_path, count=1)
    rows = ImageRows(sorted(folder.rglob("*.png")), SIZE, budget=budget)
    assert rows.in_memory is rows[:1].in_memory is (budget > 0)
    before = rows.load()
    (folder / "cat" / "0000.png").unlink()
    np.testing.assert_array_equal(rows.load(), before)


@pytest.mark.parametrize("budget", [2**20, 0])
def test_a_file_that_is_gone_is_named(tmp_path: Path, budget: int) -> None:
    rows = ImageRows([tmp_path / "cat" / "0000.png"], SIZE, budget=budget)
    with pytest.raises(DataError, match=r"cat/0000.png cannot be read \(No such file or directory\)"):
        rows.load()


def test_what_images_are_mapped_to_tells_them_apart(paths: list[Path], expected: Any) -> None:
    rows = ImageRows(paths, SIZE)
    assert rows.content_hashes() == rows.hashes()
    brighter, darker = rows.map(lambda batch: batch + 1), rows.map(lambda batch: batch - 1)
    assert not {*brighter.content_hashes(), *rows.hashes()} & {*darker.content_hashes()}
    digests = [hashlib.sha256(image.tobytes()).hexdigest() for image in expected + 1]
    assert brighter.content_hashes() == digests
    assert brighter[[5, 0, 5]].content_hashes() == [digests[i] for i in (5, 0, 5)]
    assert brighter.map(lambda batch: batch - 2).content_hashes() == darker.content_hashes()


def test_batches_that_nobody_waits_for_are_not_read(paths: list[Path]) -> None:
    batches = ImageRows([*paths, "none.png"] * 50, SIZE).batches(8)
    next(batches)
    batches.close()  # and nothing is raised of the file that is missing


def test_an_image_can_be_asked_for_without_a_copy_only_in_vain(paths: list[Path]) -> None:
    with pytest.raises(ValueError, match="copy=False"):
        np.asarray(ImageRows(paths, SIZE), copy=False)


def test_another_dtype_can_be_asked_for(paths: list[Path], expected: Any) -> None:
    np.testing.assert_array_equal(np.asarray(ImageRows(paths, SIZE), dtype=np.float64), expected)


FORKED = """
import os, sys, time
from harness.data import ImageRows
rows = ImageRows(sys.argv[1:], (10, 12))
rows.load()
child = os.fork()
if child == 0:
    os._exit(0 if len(ImageRows(sys.argv[1:], (10, 12)).load()) == len(rows) else 1)
for _ in range(200):
    done, status = os.waitpid(child, os.WNOHANG)
    if done:
        sys.exit(os.waitstatus_to_exitcode(status))
    time.sleep(0.05)
os.kill(child, 9)
sys.exit("the child waits for threads that it does not have")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")
def test_a_forked_process_reads_images_too(paths: list[Path]) -> None:
    done = subprocess.run([sys.executable, "-c", FORKED, *map(str, paths)], check=False, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_only_three_channels_are_read() -> None:
    with pytest.raises(ValueError, match="Received: channels=1"):
        ImageRows([], SIZE, channels=1)


def test_it_can_be_sent_to_another_process(paths: list[Path], expected: Any) -> None:
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(ImageRows(paths, SIZE))).load(), expected)


def test_thumbnails_are_the_pictures_at_nine_by_nine(paths: list[Path]) -> None:
    small = [np.asarray(Image.open(path).resize((9, 9), Image.Resampling.BILINEAR)) for path in paths[:2]]
    np.testing.assert_array_equal(ImageRows(paths, SIZE)[:2].thumbnails(), small)


def test_the_representation_tells_the_shape() -> None:
    assert repr(ImageRows(["a.png"], SIZE)) == "ImageRows(1 files, 10×12×3)"


def test_noise_is_unlike_for_each_seed() -> None:
    assert (noise(1) != noise(2)).any()
