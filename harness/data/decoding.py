"""Reads one image file into pixels; the only place where a picture's format is parsed."""

from __future__ import annotations

import importlib.metadata
import os
import stat
import threading
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP")
SUFFIXES = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp")
MOST_PIXELS = 64 * 2**20
"""Pixels an image may have: a small file may claim to be enormous, and decoding it would fill the memory."""

_MANY_PIXELS = 16 * 2**20
_one_large_image = threading.Lock()


class UnusableImageError(DataError):
    """A file that is no picture we can read; the message is why, in a few words."""


def decoder_version() -> str:
    """What the pixels of a file depend on besides its bytes and the size asked for: our code and the libraries'.

    Example:
        >>> decoder_version() == decoder_version()
        True
    """
    from PIL import features

    from harness._version import __version__

    libraries = (f"{name} {features.version(name)}" for name in ("libjpeg_turbo", "jpg", "zlib", "webp"))
    return f"{__version__} Pillow {importlib.metadata.version('pillow')} {' '.join(libraries)}"


def read_pixels(path: str | os.PathLike[str], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Reads an image and resizes it.

    The first frame is turned upright as its EXIF data say, converted to RGB, and resized to the size asked for,
    whatever its own proportions, by bilinear interpolation with antialiasing.

    Args:
        path: A JPEG, PNG, GIF, BMP or WebP file; its content counts, not its name.
        size: Height and width, in pixels.

    Returns:
        (height, width, 3) uint8.

    Raises:
        DataError: The file is no longer a readable image; the message names it.
    """
    try:
        return decode(path, size)
    except UnusableImageError as error:
        raise DataError(f"{os.fspath(path)} {error}; restore the file, or leave it out") from None


def decode(path: str | os.PathLike[str], size: tuple[int, int]) -> NDArray[np.uint8]:
    """As `read_pixels`, but the error says only why.

    Raises:
        UnusableImageError: The file is not a readable image.
    """
    from PIL import Image, UnidentifiedImageError

    _check_file(path)
    try:
        with Image.open(path, formats=FORMATS) as image, _in_turn(image.width * image.height):
            return _pixels(image, size)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnusableImageError(f"has more than the {MOST_PIXELS:,} pixels that an image may have") from None
    except UnidentifiedImageError:
        raise UnusableImageError("is no JPEG, PNG, GIF, BMP or WebP image") from None
    except UnusableImageError:
        raise
    except Exception as error:  # Pillow's parsers raise what they like on broken files
        raise UnusableImageError(f"cannot be decoded ({_reason(error)})") from None


@contextmanager
def quiet_decoding() -> Iterator[None]:
    """Keeps Pillow from warning of odd but readable files; an enormous image is an error instead.

    Filters are those of the whole process: set in the thread that waits for others, they hold in all of them.
    """
    from PIL import Image

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _in_turn(pixels: int) -> AbstractContextManager[Any]:
    """Lets one thread at a time decode a large image, lest several fill the memory together."""
    return _one_large_image if pixels > _MANY_PIXELS else nullcontext()


def _check_file(path: str | os.PathLike[str]) -> None:
    try:
        status = Path(path).stat()
    except OSError as error:
        raise UnusableImageError(f"cannot be read ({error.strerror})") from None
    if not stat.S_ISREG(status.st_mode):
        raise UnusableImageError("is no regular file")
    if status.st_size == 0:
        raise UnusableImageError("is empty")


def _pixels(image: Any, size: tuple[int, int]) -> NDArray[np.uint8]:
    import numpy as np
    from PIL import Image, ImageOps

    if image.width * image.height > MOST_PIXELS:
        raise UnusableImageError(f"has {image.width} × {image.height} pixels, more than {MOST_PIXELS:,}")
    height, width = size
    # A large JPEG is decoded at an eighth, a quarter or half of its size, where that is still twice what is asked.
    image.draft("RGB", (2 * max(size), 2 * max(size)))
    upright = _rgb(ImageOps.exif_transpose(image))
    resized = upright.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(resized, dtype=np.uint8)


def _rgb(image: Any) -> Any:
    import numpy as np
    from PIL import Image

    if image.mode.startswith("I"):  # 16 bits a pixel, of which Pillow would clip all but the lowest 8
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if image.mode == "P":  # its transparent colour, if it has one, is no reason for a warning
        image = image.convert("RGBA")
    return image.convert("RGB")


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:80] or type(error).__name__
