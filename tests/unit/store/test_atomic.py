from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import StoreError
from harness.store import atomic


def failing(code: int) -> Callable[..., Any]:
    def fail(*args: Any, **kwargs: Any) -> Any:
        raise OSError(code, os.strerror(code))

    return fail


def test_the_file_holds_the_content_and_nothing_else_is_left(tmp_path: Path, scratch: Path) -> None:
    atomic.write_file(tmp_path / "a" / "b" / "x.json", b"content", scratch)
    assert (tmp_path / "a" / "b" / "x.json").read_bytes() == b"content"
    assert list(scratch.iterdir()) == []


def test_a_file_is_replaced_whole(tmp_path: Path, scratch: Path) -> None:
    atomic.write_file(tmp_path / "x", b"a long old content", scratch)
    atomic.write_file(tmp_path / "x", b"new", scratch)
    assert (tmp_path / "x").read_bytes() == b"new"


def test_partial_writes_are_completed(tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: write(descriptor, bytes(content)[:3]))
    atomic.write_file(tmp_path / "x", b"0123456789", scratch)
    assert (tmp_path / "x").read_bytes() == b"0123456789"


@pytest.mark.parametrize("call", ["open", "write", "fsync", "replace"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_failing_call_leaves_the_old_file_and_no_other(
    call: str, code: int, tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "x"
    atomic.write_file(target, b"old", scratch)
    with monkeypatch.context() as patch:
        patch.setattr(os, call, failing(code))
        with pytest.raises(StoreError):
            atomic.write_file(target, b"new", scratch)
    assert target.read_bytes() == b"old"
    assert list(scratch.iterdir()) == []


def test_an_interrupt_leaves_no_temporary_file(
    tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(descriptor: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", interrupt)
        with pytest.raises(KeyboardInterrupt):
            atomic.write_file(tmp_path / "x", b"new", scratch)
    assert list(scratch.iterdir()) == []


def test_the_file_is_synced_before_its_name_and_its_folder_after(
    tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def spy(name: str) -> Callable[..., Any]:
        original = getattr(os, name)

        def call(*args: Any) -> Any:
            calls.append(name)
            return original(*args)

        return call

    for name in ("write", "fsync", "replace"):
        monkeypatch.setattr(os, name, spy(name))
    atomic.write_file(tmp_path / "x", b"new", scratch)
    assert calls == ["write", "fsync", "replace", "fsync"]


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOTSUP])
def test_a_file_system_that_cannot_sync_folders_is_accepted(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", failing(code))
    atomic.sync_folder(tmp_path)


def test_other_trouble_in_syncing_a_folder_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", failing(errno.EIO))
    with pytest.raises(OSError, match="Input/output error"):
        atomic.sync_folder(tmp_path)


def test_folders_are_made_with_those_above(tmp_path: Path) -> None:
    atomic.make_folder(tmp_path / "a" / "b" / "c")
    atomic.make_folder(tmp_path / "a" / "b" / "c")
    assert (tmp_path / "a" / "b" / "c").is_dir()


def test_a_file_where_a_folder_should_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("not a folder")
    with (
        pytest.raises(StoreError, match=r"Cannot write .*runs: Not a directory; \d+ bytes free"),
        atomic.store_errors(tmp_path / "runs"),
    ):
        atomic.make_folder(tmp_path / "runs" / "open")


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (errno.ENOSPC, "make room, then run the same command again"),
        (errno.EDQUOT, "make room, then run the same command again"),
        (errno.EROFS, "choose another folder"),
        (errno.EACCES, "choose another folder"),
    ],
)
def test_the_error_names_path_reason_free_bytes_and_what_to_do(code: int, advice: str, tmp_path: Path) -> None:
    path = tmp_path / "not" / "there" / "x"
    with pytest.raises(StoreError) as caught, atomic.store_errors(path):
        failing(code)()
    message = str(caught.value)
    assert message.startswith(f"Cannot write {path}: {os.strerror(code)}; ")
    assert " bytes free there" in message
    assert advice in message
    assert "\n" not in message
