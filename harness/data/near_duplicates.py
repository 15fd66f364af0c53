"""Which images show the same picture: scaled, compressed anew, or retouched a little.

The fingerprint of an image is its difference hash: whether each pixel of its 9 × 9 thumbnail is brighter than the
one to its left, and than the one above (after N. Krawetz, 2013, "Kind of like that"). Pairs whose hashes
nearly agree are compared by their thumbnails' colours: the hashes of plain surfaces are all alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from harness.data.image_rows import ImageRows

MOST_BITS = 15
"""Of the hashes' 128 bits, as many may differ; those of unlike photographs differ in some 64."""
MOST_DIFFERENCE = 8.0
"""Mean absolute difference of two thumbnails that are alike, in levels of 256."""

_LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
_ONES = np.array([byte.bit_count() for byte in range(256)], dtype=np.uint8)
_AT_ONCE = 1 << 17  # comparisons

Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


def near_duplicate_groups(images: ImageRows) -> NDArray[np.int64]:
    """Numbers the distinct pictures; images that look alike share a number, directly or through others.

    Args:
        images: The images; their thumbnails are read.

    Returns:
        (n,) numbered from 0 in the order of first appearance.
    """
    return groups_of_thumbnails(images.thumbnails())


def groups_of_thumbnails(thumbnails: NDArray[np.uint8]) -> NDArray[np.int64]:
    """As `near_duplicate_groups`, of (n, 9, 9, 3) thumbnails."""
    distinct, inverse = np.unique(thumbnails, axis=0, return_inverse=True)
    labels = np.arange(len(distinct))
    hashes = difference_hashes(distinct)
    for byte in range(hashes.shape[1]):
        labels = _joined(labels, _alike_pairs(distinct, hashes, byte, labels))
    _, appeared, numbers = np.unique(labels[inverse.ravel()], return_index=True, return_inverse=True)
    return np.argsort(np.argsort(appeared))[numbers].astype(np.int64)


def _joined(labels: NDArray[np.int64], pairs: Iterator[Pairs]) -> NDArray[np.int64]:
    """The numbers of the groups that are left when the groups of each pair have become one."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    found = [labels[np.array(pair)] for pair in pairs]
    first, second = np.concatenate(found, axis=1) if found else np.empty((2, 0), dtype=np.int64)
    graph = coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(len(labels), len(labels)))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)[labels]


def difference_hashes(thumbnails: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The 128 bits of each thumbnail, ``(n, 16)`` bytes.

    Args:
        thumbnails: (n, 9, 9, 3) RGB pixels.
    """
    grey = thumbnails @ _LUMA
    right = grey[:, :8, 1:] > grey[:, :8, :-1]
    below = grey[:, 1:, :8] > grey[:, :-1, :8]
    return np.packbits(np.concatenate([right.reshape(-1, 64), below.reshape(-1, 64)], axis=1), axis=1)


def _alike_pairs(
    thumbnails: NDArray[np.uint8], hashes: NDArray[np.uint8], byte: int, labels: NDArray[np.int64]
) -> Iterator[Pairs]:
    """Pairs of images that look alike and share this byte of their hashes, but no group yet.

    Hashes that differ in 15 bits at most agree in one of their 16 bytes, so that no pair is missed.
    """
    order = np.argsort(hashes[:, byte], kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(hashes[order, byte])) + 1):
        rows = max(1, _AT_ONCE // len(members))
        for start in range(0, len(members), rows):
            left, right = _near(hashes, members[start : start + rows], members)
            apart = labels[left] != labels[right]
            yield _alike(thumbnails, left[apart], right[apart])


def _near(hashes: NDArray[np.uint8], some: NDArray[np.int64], others: NDArray[np.int64]) -> Pairs:
    """Pairs, the smaller row first, whose hashes differ in few bits."""
    differing = _ONES[hashes[some][:, None] ^ hashes[others][None]].sum(axis=2, dtype=np.uint8)
    left, right = np.nonzero(differing <= MOST_BITS)
    ahead = some[left] < others[right]
    return some[left][ahead], others[right][ahead]


def _alike(thumbnails: NDArray[np.uint8], left: NDArray[np.int64], right: NDArray[np.int64]) -> Pairs:
    difference = np.abs(thumbnails[left].astype(np.int16) - thumbnails[right]).mean(axis=(1, 2, 3))
    near = difference <= MOST_DIFFERENCE
    return left[near], right[near]
