"""Images out of archives, and nothing that an archive might do beside."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.data import archives
from harness.data.archives import unpack_images
from harness.errors import DataError

PATTERN = r"(?P<label>[A-Za-z_]+)_\d+\.jpg"


def member(name: str, content: bytes = b"picture", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, content


def archive(path: Path, *members: tuple[tarfile.TarInfo, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
        for info, content in members:
            tar.addfile(info, io.BytesIO(content) if info.isreg() else None)
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("mode", ["w:gz", "w"])
def test_images_are_sorted_by_label_and_the_rest_is_left(tmp_path: Path, mode: str) -> None:
    packed = archive(
        tmp_path / "a.tar",
        member("images", b"", type=tarfile.DIRTYPE),
        member("images/Shiba_Inu_12.jpg", b"one"),
        member("images/pug_3.jpg", b"two"),
        member("images/pug_3.mat", b"no image"),
        member("images/._pug_3.jpg", b"no image"),
        mode=mode,
    )
    unpack_images(packed, tmp_path / "out", PATTERN)
    assert files(tmp_path / "out") == {"shiba_inu/Shiba_Inu_12.jpg": b"one", "pug/pug_3.jpg": b"two"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar", "out"]


HOSTILE = {
    "a link": member("images/pug_1.jpg", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
    "a hard link": member("images/pug_1.jpg", b"", type=tarfile.LNKTYPE, linkname="/etc/passwd"),
    "a device": member("images/pug_1.jpg", b"", type=tarfile.CHRTYPE),
    "a pipe": member("images/pug_1.jpg", b"", type=tarfile.FIFOTYPE),
    "an absolute path": member("/tmp/pug_1.jpg"),
    "a climbing path": member("images/../../pug_1.jpg"),
    "another system's path": member("images\\..\\pug_1.jpg"),
    "a large file": member("images/pug_1.jpg", bytes(2000)),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_archives_that_hold_more_than_files_are_refused(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_FILE_BYTES", 1000)
    packed = archive(tmp_path / "a.tar", member("images/pug_0.jpg"), HOSTILE[case])
    with pytest.raises(DataError, match="is refused: ") as caught:
        unpack_images(packed, tmp_path / "out", PATTERN)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar"]


@pytest.mark.parametrize(
    ("limit", "reason"), [("MOST_FILES", "more than 1 images"), ("MOST_BYTES", "more than 1")]
)
def test_too_much_of_anything_is_refused(
    limit: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, limit, 1)
    packed = archive(tmp_path / "a.tar", member("pug_0.jpg"), member("pug_1.jpg"))
    with pytest.raises(DataError, match=reason):
        unpack_images(packed, tmp_path / "out", PATTERN)
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar"]


def _halved(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-30])


def _flipped(path: Path) -> None:
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[10] ^= 1
    path.write_bytes(gzip.compress(bytes(content)))


def _replaced(path: Path) -> None:
    path.write_bytes(b"no archive")


@pytest.mark.parametrize("damage", [_halved, _flipped, _replaced])
def test_damaged_archives_leave_nothing(damage: Callable[[Path], None], tmp_path: Path) -> None:
    packed = archive(tmp_path / "a.tar", member("pug_0.jpg"))
    damage(packed)
    with pytest.raises(DataError, match=r"is a damaged archive|holds no file"):
        unpack_images(packed, tmp_path / "out", PATTERN)
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar"]


def test_an_archive_without_images_is_refused(tmp_path: Path) -> None:
    packed = archive(tmp_path / "a.tar", member("notes.txt"))
    with pytest.raises(DataError, match="holds no file whose name matches"):
        unpack_images(packed, tmp_path / "out", PATTERN)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    packed = archive(tmp_path / "a.tar", member("pug_0.jpg"))
    with pytest.raises(DataError, match=r"a.tar/out cannot be written"):
        unpack_images(packed, packed / "out", PATTERN)
