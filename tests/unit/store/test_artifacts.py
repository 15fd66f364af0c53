from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from harness.errors import CorruptArtifactError, StoreError
from harness.store.artifacts import Artifact, put_artifact, quarantine


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def test_the_file_is_named_by_its_content(root: Path, scratch: Path) -> None:
    digest = hashlib.sha256(b"weights").hexdigest()
    artifact = put_artifact(root, "best.keras", b"weights", scratch)
    assert artifact == Artifact(root / "artifacts" / digest[:2] / f"{digest}.keras", digest, 7)
    assert artifact.read() == b"weights"


def test_a_file_is_copied_and_stays_where_it_was(root: Path, scratch: Path, tmp_path: Path) -> None:
    source = tmp_path / "model.keras"
    source.write_bytes(b"x" * 3_000_000)
    assert put_artifact(root, "last.keras", source, scratch).read() == source.read_bytes()


@pytest.mark.parametrize(
    ("name", "source", "suffix"),
    [
        ("best.weights.h5", "anything", ".weights.h5"),
        ("best", "model.keras", ".keras"),
        ("best", "model", ""),
        ("a.b.c.d.npz", "x", ".npz"),
        ("best", "odd.(1).keras", ".keras"),
    ],
)
def test_the_suffix_is_kept(
    name: str, source: str, suffix: str, root: Path, scratch: Path, tmp_path: Path
) -> None:
    (tmp_path / source).write_bytes(b"content")
    artifact = put_artifact(root, name, tmp_path / source, scratch)
    assert artifact.path.name == artifact.sha256 + suffix


def test_equal_content_is_stored_once_and_not_written_again(root: Path, scratch: Path) -> None:
    first = put_artifact(root, "a.npz", b"same", scratch)
    before = first.path.stat()
    second = put_artifact(root, "b.npz", b"same", scratch)
    assert second == first
    assert (first.path.stat().st_ino, first.path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert list(scratch.iterdir()) == []


def test_a_damaged_file_is_replaced_when_its_content_comes_again(root: Path, scratch: Path) -> None:
    artifact = put_artifact(root, "a.npz", b"same", scratch)
    artifact.path.write_bytes(b"sAme")
    assert put_artifact(root, "a.npz", b"same", scratch).read() == b"same"


def test_a_source_that_cannot_be_read_is_named(root: Path, scratch: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"Cannot read .*gone\.keras, to be stored: No such file"):
        put_artifact(root, "best.keras", tmp_path / "gone.keras", scratch)
    assert list(scratch.iterdir()) == []


def test_a_full_disk_is_named_and_leaves_nothing(
    root: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StoreError, match=r"Cannot write .*artifacts: No space left on device; \d+ bytes free"):
        put_artifact(root, "best.keras", b"weights", scratch)
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("damaged", [b"", b"weight", b"weightS", b"weights "])
def test_damage_names_file_expected_and_received_hash(damaged: bytes, root: Path, scratch: Path) -> None:
    artifact = put_artifact(root, "best.keras", b"weights", scratch)
    artifact.path.write_bytes(damaged)
    received = hashlib.sha256(damaged).hexdigest()
    sentence = f"{artifact.path} is corrupt: expected SHA-256 {artifact.sha256}, received {received}"
    assert artifact.damage() == sentence
    with pytest.raises(CorruptArtifactError) as caught:
        artifact.read()
    assert str(caught.value) == sentence


def test_a_missing_file_is_damage(root: Path, scratch: Path) -> None:
    artifact = put_artifact(root, "best.keras", b"weights", scratch)
    artifact.path.unlink()
    assert "cannot be read (No such file or directory): expected SHA-256" in (artifact.damage() or "")
    with pytest.raises(CorruptArtifactError, match="No such file"):
        artifact.read()


def test_an_intact_file_has_no_damage(root: Path, scratch: Path) -> None:
    assert put_artifact(root, "best.keras", b"weights", scratch).damage() is None


def test_an_entry_finds_its_file_in_a_store_that_was_moved(root: Path, scratch: Path, tmp_path: Path) -> None:
    entry = put_artifact(root, "best.keras", b"weights", scratch).entry()
    root.rename(tmp_path / "moved")
    assert Artifact.from_entry(tmp_path / "moved", entry).read() == b"weights"


@pytest.mark.parametrize(
    "entry",
    [
        {"sha256": "../../etc/passwd", "suffix": "", "size": 1},
        {"sha256": "a" * 64, "suffix": "/../../../secret", "size": 1},
        {"sha256": "A" * 64, "suffix": ".npz", "size": 1},
        {"sha256": "a" * 64 + "\n", "suffix": ".npz", "size": 1},
    ],
)
def test_an_entry_that_leads_elsewhere_is_refused(entry: dict[str, object], root: Path) -> None:
    with pytest.raises(CorruptArtifactError, match="tampered"):
        Artifact.from_entry(root, entry)


def test_quarantine_overwrites_nothing(root: Path, scratch: Path) -> None:
    first = put_artifact(root, "a", b"weights", scratch)
    first.path.write_bytes(b"damage 1")
    one = quarantine(first.path, root)
    second = put_artifact(root, "a", b"weights", scratch)
    second.path.write_bytes(b"damage 2")
    two = quarantine(second.path, root)
    assert [one.read_bytes(), two.read_bytes()] == [b"damage 1", b"damage 2"]
    assert one.parent == two.parent == root / "quarantine"
    assert not first.path.exists()
