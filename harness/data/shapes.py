"""Small pictures of circles, squares and triangles: to try image models on without any photographs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KINDS = ("circle", "square", "triangle")

_RADII = (0.22, 0.34)  # of a circle, as a share of the shorter side; the others have its area
_OFF_CENTRE = 0.15  # at most, as a share of each side
_TILT = 0.35  # at most, in radians
_CORNERS = {"square": 4, "triangle": 3}
_DARK, _BRIGHT = (20.0, 110.0), (130.0, 235.0)  # colours of backgrounds and of shapes


def shapes(
    *, n_samples: int = 240, image_size: Sequence[int] = (32, 32), noise: float = 40.0, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
    """Draws pictures of one circle, square or triangle each, as many of every kind.

    Place, size, tilt and both colours are drawn at random, the light falls from a side, and noise lies over all;
    the shape is brighter than what is behind it, squares and triangles stand nearly upright. The three kinds have
    the same distribution of areas, so that counting pixels does not tell them apart.

    Args:
        n_samples: Number of pictures, a multiple of 3.
        image_size: Height and width in pixels, 8 or more.
        noise: Standard deviation of the normal noise of every value, 0 or more, in levels of 0 to 255.
        seed: Of the random numbers, 0 or more.

    Returns:
        X ``(n_samples, height, width, 3)`` float32, whole numbers from 0 to 255, RGB, and y ``(n_samples,)``, the
        kinds in random order.

    Raises:
        ValueError: An argument is out of its range.

    Example:
        >>> X, y = shapes(n_samples=6)
        >>> X.shape, sorted(y.tolist())
        ((6, 32, 32, 3), ['circle', 'circle', 'square', 'square', 'triangle', 'triangle'])
    """
    import numpy as np

    height, width = image_size
    if n_samples < 1 or n_samples % len(KINDS):
        raise ValueError(f"n_samples is a multiple of {len(KINDS)}. Received: {n_samples}")
    if min(height, width) < 8:
        raise ValueError(f"image_size is 8 or more each way. Received: {tuple(image_size)}")
    rng = np.random.default_rng(seed)
    kinds = rng.permutation(np.repeat(np.array(KINDS), n_samples // len(KINDS)))
    pictures = np.stack([_picture(kind, height, width, rng) for kind in kinds.tolist()])
    noisy = pictures + noise * rng.standard_normal(pictures.shape)
    return np.clip(np.rint(noisy), 0, 255).astype(np.float32), kinds


def _picture(kind: str, height: int, width: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """``(height, width, 3)``: one shape on a shaded background."""
    import numpy as np

    rows, columns = np.mgrid[:height, :width] + 0.5
    radius = rng.uniform(*_RADII) * min(height, width)
    down, right = 0.5 + rng.uniform(-_OFF_CENTRE, _OFF_CENTRE, size=2)
    tilt = np.pi / 2 + rng.uniform(-_TILT, _TILT)
    inside = _mask(kind, columns - right * width, rows - down * height, radius, tilt)
    colour, background = rng.uniform(*_BRIGHT, size=3), rng.uniform(*_DARK, size=3)
    slope = rng.uniform(-40, 40, size=2)
    shade = slope[0] * (rows / height - 0.5) + slope[1] * (columns / width - 0.5)
    return np.asarray(np.where(inside[..., None], colour, background) + shade[..., None])


def _mask(
    kind: str, x: NDArray[np.float64], y: NDArray[np.float64], radius: float, angle: float
) -> NDArray[np.bool_]:
    """Which pixels, given by their distances from the centre, are within the shape."""
    import numpy as np

    if kind == "circle":
        return np.hypot(x, y) <= radius
    corners = _CORNERS[kind]
    # The distance of the sides from the centre that gives a regular polygon the circle's area.
    apothem = radius * np.sqrt(np.pi / (corners * np.tan(np.pi / corners)))
    normals = angle + 2 * np.pi * np.arange(corners) / corners
    distances = x[..., None] * np.cos(normals) + y[..., None] * np.sin(normals)
    return np.asarray((distances <= apothem).all(axis=-1))
