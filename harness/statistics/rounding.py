"""What is a difference and what is rounding noise, judged by the size of the numbers that it comes from."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

NOISE = 1e-12
"""Share of a number's size below which differences are taken for noise: some thousand units in the last place."""


def all_alike(values: npt.ArrayLike, scale: float | None = None) -> bool:
    """Whether numbers are equal but for rounding noise.

    Args:
        values: At least one finite number.
        scale: Size of the numbers that they were computed from, where that is another, such as of scores whose
            differences they are; their own greatest size by default.

    Example:
        >>> all_alike([0.3, 0.1 + 0.2]), all_alike([1e-14, 2e-14])
        (True, False)
        >>> all_alike([1e-14, 2e-14], scale=1.0)
        True
    """
    numbers = np.asarray(values, dtype=np.float64)
    size = float(np.abs(numbers).max()) if scale is None else scale
    return bool(np.ptp(numbers) <= NOISE * size)


def rounded(values: npt.ArrayLike, scales: npt.ArrayLike, digits: int = 6) -> npt.NDArray[np.float64]:
    """Rounds numbers to a small part of a scale, so that equal ones tie whatever their last bits.

    To so many decimals where the scale lies above 0.1 and up to 1, to one more for every power of ten below.

    Args:
        values: Numbers.
        scales: Their scale, each its own or one for all, at least 0; 0 counts as 1.
        digits: Decimals at a scale of 1.

    Example:
        >>> rounded([0.12345678, 1.2345678e-7], [1.0, 3e-7]).tolist()
        [0.123457, 1.23457e-07]
    """
    numbers, sizes = np.broadcast_arrays(np.asarray(values, dtype=np.float64), scales)
    pairs = zip(numbers.ravel().tolist(), np.ravel(sizes).tolist(), strict=True)
    found = [round(number, digits - _magnitude(size)) for number, size in pairs]
    return np.asarray(found, dtype=np.float64).reshape(numbers.shape)


def _magnitude(scale: float) -> int:
    return math.ceil(math.log10(scale)) if scale > 0 else 0
