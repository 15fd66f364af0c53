from __future__ import annotations

from pathlib import Path

import pytest

from harness.engines.kept_files import kept_files
from harness.store.names import check_name


def _write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


@pytest.mark.parametrize(
    "names",
    [
        ("a/b.csv", "a-b.csv"),
        ("a/b.csv", "a-b.csv", "a-b-2.csv"),
        ("my log.csv", "my_log.csv", "my+log.csv"),
        (".last.keras", "last.keras", "x/.last.keras"),
        ("result.npz", "x" * 200),
        ("...", "/".join(["deep"] * 9)),
    ],
)
def test_every_file_is_kept_under_a_name_of_its_own(tmp_path: Path, names: tuple[str, ...]) -> None:
    _write(tmp_path, *names)
    kept = kept_files(tmp_path)
    assert {path.read_text() for path in kept.values()} == set(names)
    for name in kept:
        check_name("artifact", name)
        assert name != "result.npz"


def test_names_keep_their_suffix(tmp_path: Path) -> None:
    _write(tmp_path, "a/b.csv", "a-b.csv")
    assert list(kept_files(tmp_path)) == ["a-b.csv", "a-b-2.csv"]


@pytest.mark.parametrize("other", [".last.keras", ".a/last.keras"])
def test_a_checkpoint_keeps_its_name(tmp_path: Path, other: str) -> None:
    _write(tmp_path, other, "last.keras")
    assert kept_files(tmp_path)["last.keras"].read_text() == "last.keras"
