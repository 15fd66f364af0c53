"""One image file: every format, and every way to be no image."""

from __future__ import annotations

import os
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from harness.data import decoding
from harness.data.decoding import UnusableImageError, decode, quiet_decoding, read_pixels
from harness.errors import DataError
from tests.pictures import noise, save

RED = np.tile(np.array([200, 30, 40], np.uint8), (16, 16, 1))


def png_bomb(width: int, height: int) -> bytes:
    """A small PNG that says it is large."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("name", "options", "off"),
    [("a.jpg", {"quality": 95}, 6), ("a.png", {}, 0), ("a.bmp", {}, 0), ("a.webp", {"lossless": True}, 0)],
)
def test_formats_are_read_as_rgb(tmp_path: Path, name: str, options: Any, off: int) -> None:
    pixels = decode(save(tmp_path / name, RED, **options), (16, 16))
    assert (pixels.shape, pixels.dtype) == ((16, 16, 3), np.uint8)
    assert np.abs(pixels.astype(int) - RED).max() <= off


@pytest.mark.parametrize("mode", ["L", "1", "P", "PA", "LA", "RGBA", "CMYK"])
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("a.tif.jpg" if mode == "CMYK" else "a.png")
    image = Image.fromarray(RED).convert(mode if mode != "PA" else "P")
    image.save(path)
    assert decode(path, (4, 4)).shape == (4, 4, 3)


def test_an_animation_gives_its_first_frame(tmp_path: Path) -> None:
    frames = [Image.fromarray(np.full((8, 8, 3), level, np.uint8)) for level in (50, 200)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert decode(tmp_path / "a.gif", (8, 8)).mean() == pytest.approx(50, abs=2)


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    Image.fromarray(np.full((8, 8), 0x8000, np.uint16)).save(tmp_path / "a.png")
    assert set(decode(tmp_path / "a.png", (8, 8)).ravel().tolist()) == {0x80}


def test_a_transparent_palette_gives_no_warning(tmp_path: Path) -> None:
    Image.fromarray(RED).convert("P").save(tmp_path / "a.png", transparency=b"\x00\x80")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        decode(tmp_path / "a.png", (8, 8))


def test_photographs_stand_upright(tmp_path: Path) -> None:
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, :20] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90° clockwise
    upright = decode(save(tmp_path / "a.png", pixels, exif=exif), (40, 20))
    assert (upright[:15].min(), upright[25:].max()) == (255, 0)


def test_a_large_jpeg_is_as_the_whole_of_it_resized(tmp_path: Path) -> None:
    path = save(tmp_path / "a.jpg", noise(1, 800, 1000), quality=95)
    whole = Image.open(path).resize((24, 20), Image.Resampling.BILINEAR)
    assert np.abs(decode(path, (20, 24)).astype(int) - np.asarray(whole)).max() <= 3


def test_the_name_of_a_file_does_not_matter(tmp_path: Path) -> None:
    save(tmp_path / "a.png", RED).rename(tmp_path / "a.jpg")
    np.testing.assert_array_equal(decode(tmp_path / "a.jpg", (16, 16)), RED)


def truncated(folder: Path, name: str) -> bytes:
    return save(folder / name, noise(1, 64, 64)).read_bytes()[:-200]


CASES: dict[str, tuple[Any, str]] = {
    "empty": (b"", "is empty"),
    "text": (b"no image at all", "is no JPEG, PNG, GIF, BMP or WebP image"),
    "header": (b"\xff\xd8\xff\xe0", "is no JPEG, PNG, GIF, BMP or WebP image"),
    "half a JPEG": ("a.jpg", r"cannot be decoded \(.*truncated"),
    "half a PNG": ("a.png", r"cannot be decoded \("),
    "half a WebP": ("a.webp", r"cannot be decoded|is no JPEG"),
    "TIFF": (b"II*\x00" + bytes(50), "is no JPEG, PNG, GIF, BMP or WebP image"),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is no JPEG"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_no_image_is_refused(tmp_path: Path, case: str) -> None:
    content, reason = CASES[case]
    bad = tmp_path / "bad"
    bad.write_bytes(truncated(tmp_path, content) if isinstance(content, str) else content)
    with pytest.raises(UnusableImageError, match=reason) as caught:
        decode(bad, (8, 8))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("width", "height"), [(9_000, 9_000), (12_000, 10_000), (100_000, 100_000)])
def test_an_image_that_says_it_is_enormous_is_refused(tmp_path: Path, width: int, height: int) -> None:
    (tmp_path / "bomb.png").write_bytes(png_bomb(width, height))
    with quiet_decoding(), pytest.raises(UnusableImageError, match=r"more than .*67,108,864"):
        decode(tmp_path / "bomb.png", (8, 8))


def test_large_images_are_decoded_in_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "_MANY_PIXELS", 10)
    save(tmp_path / "a.png", RED)
    assert decoding._in_turn(11) is decoding._one_large_image
    assert decode(tmp_path / "a.png", (16, 16)).shape == (16, 16, 3)
    assert not decoding._one_large_image.locked()


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    with pytest.raises(UnusableImageError, match="is no regular file"):
        decode(tmp_path / "a.jpg", (8, 8))


def test_a_link_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").symlink_to(tmp_path / "gone.jpg")
    with pytest.raises(DataError, match=r"a.jpg cannot be read \(No such file or directory\)"):
        read_pixels(tmp_path / "a.jpg", (8, 8))
