"""Which pictures are one: against all pairs compared one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage

from harness.data.near_duplicates import MOST_BITS, MOST_DIFFERENCE, difference_hashes, groups_of_thumbnails

RNG = np.random.default_rng(3)


def random_pictures(n: int) -> Any:
    return RNG.integers(0, 256, (n, 9, 9, 3), dtype=np.uint8)


def by_all_pairs(thumbnails: Any) -> Any:
    """Single linkage of the pairs that are alike."""
    bits = np.unpackbits(difference_hashes(thumbnails), axis=1).astype(int)
    apart = [
        float(np.abs(bits[i] - bits[j]).sum() > MOST_BITS
              or np.abs(thumbnails[i].astype(int) - thumbnails[j]).mean() > MOST_DIFFERENCE)
        for i in range(len(bits)) for j in range(i + 1, len(bits))
    ]  # fmt: skip
    return fcluster(linkage(apart, "single"), 0.5, "distance")


def same_partition(a: Any, b: Any) -> bool:
    return bool(((a[:, None] == a) == (b[:, None] == b)).all())


@pytest.mark.parametrize("strength", [0, 2, 6, 12, 25])
def test_groups_are_those_of_all_pairs(strength: int) -> None:
    originals = random_pictures(20)
    noise = RNG.integers(-strength, strength + 1, (3, 20, 9, 9, 3))
    pictures = np.clip(originals + noise, 0, 255).astype(np.uint8).reshape(-1, 9, 9, 3)
    assert same_partition(groups_of_thumbnails(pictures), by_all_pairs(pictures))


def test_groups_are_numbered_by_first_appearance() -> None:
    a, b = random_pictures(2)
    assert groups_of_thumbnails(np.stack([b, a, b, a, a])).tolist() == [0, 1, 0, 1, 1]


def test_plain_surfaces_of_other_colours_are_other_pictures() -> None:
    plain = np.stack([np.full((9, 9, 3), level, np.uint8) for level in (0, 4, 60, 200)])
    assert groups_of_thumbnails(plain).tolist() == [0, 0, 1, 2]


def test_the_hash_compares_neighbours() -> None:
    rising = np.broadcast_to(np.arange(9, dtype=np.uint8)[:, None] * 20, (9, 9, 3))
    assert difference_hashes(rising[None])[0].tolist() == [255] * 8 + [0] * 8
    assert difference_hashes(rising.transpose(1, 0, 2)[None])[0].tolist() == [0] * 8 + [255] * 8


def test_thousands_of_copies_are_no_burden() -> None:
    pictures = random_pictures(3000)
    pictures[::2] = pictures[0]
    assert np.bincount(groups_of_thumbnails(pictures)).max() == 1500


def test_real_photographs_hold_one_scene_twice(reference_data: Any) -> None:
    from harness.data import from_image_folder

    data = from_image_folder(reference_data / "groceries", image_size=(16, 16))
    groups = groups_of_thumbnails(data.X.thumbnails())
    copies = data.X.paths[np.bincount(groups)[groups] > 1]
    assert [path.split("/")[-2:] for path in copies] == [["conference", "013.jpg"], ["conference", "041.jpg"]]
