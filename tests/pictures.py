"""Folders of small pictures to read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def noise(seed: int, height: int = 20, width: int = 24) -> Any:
    """(height, width, 3) unsigned bytes: smooth enough that JPEG keeps the picture, unlike for each seed."""
    small = np.random.default_rng(seed).integers(0, 256, (5, 6, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


def save(path: Path, pixels: Any, **options: Any) -> Path:
    """Writes a picture in the format that its name tells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path


def picture_folder(folder: Path, classes: tuple[str, ...] = ("cat", "dog"), count: int = 6, **size: int) -> Path:
    """A sub-folder of `count` pictures a class; no two alike."""
    for number, label in enumerate(classes):
        for i in range(count):
            save(folder / label / f"{i:04}.png", noise(100_000 * number + i, **size))
    return folder
