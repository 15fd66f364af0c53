from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.store import ownership
from harness.store.ownership import Owner, Ownership, clear_abandoned, read_owner

HOLD = """
import sys
from pathlib import Path
from harness.store.ownership import Ownership
mine = Ownership(Path(sys.argv[1]))
mine.acquire()
(mine.folder / "temporary").write_text("half")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "open" / "sonar-7"


@pytest.fixture
def holder(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that owns the run."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that cannot lock files."""

    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", refuse)


def test_the_owner_signs_and_leaves_nothing_behind(folder: Path) -> None:
    mine = Ownership(folder)
    mine.acquire()
    assert read_owner(folder) == Owner.current()
    mine.release()
    assert not folder.exists()
    assert not mine.held


def test_a_second_owner_in_the_same_process_is_refused(folder: Path) -> None:
    mine = Ownership(folder)
    mine.acquire()
    with pytest.raises(StoreError, match=f"owned by process {os.getpid()} on host"):
        Ownership(folder).acquire()
    mine.release()


def test_a_run_is_free_again_after_its_release(folder: Path) -> None:
    for _ in range(3):
        mine = Ownership(folder)
        mine.acquire()
        mine.release()
        mine.release()


def test_another_process_is_named(folder: Path, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(StoreError, match=rf"Run sonar-7 is owned by process {holder.pid} on host \S+; wait"):
        Ownership(folder).acquire()


def test_a_killed_owner_is_replaced_and_its_temporary_files_go(
    folder: Path, holder: subprocess.Popen[str]
) -> None:
    holder.kill()
    holder.wait()
    assert (folder / "temporary").exists()
    mine = Ownership(folder)
    mine.acquire()
    mine.release()
    assert not folder.exists()


def test_a_lock_outlives_no_process_even_on_another_host(folder: Path, holder: subprocess.Popen[str]) -> None:
    """A container or machine that was taken away has another name, but its lock is gone all the same."""
    holder.kill()
    holder.wait()
    (folder / "owner.json").write_text('{"pid": 1, "host": "taken-away", "started": "x"}')
    mine = Ownership(folder)
    mine.acquire()
    mine.release()


def test_what_living_processes_hold_is_not_cleared(folder: Path, holder: subprocess.Popen[str]) -> None:
    clear_abandoned(folder.parent)
    assert (folder / "temporary").exists()


def test_what_killed_processes_left_is_cleared(folder: Path, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()
    clear_abandoned(folder.parent)
    assert list(folder.parent.iterdir()) == []


def test_a_folder_that_is_closed_to_us_does_not_stop_the_clearing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder.parent / "closed").mkdir(parents=True)
    (folder.parent / "left").mkdir()
    real = os.open

    def refuse(path: Path, *args: int) -> int:
        if Path(path).parent.name == "closed":
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))
        return real(path, *args)

    monkeypatch.setattr(os, "open", refuse)
    clear_abandoned(folder.parent)
    assert [path.name for path in folder.parent.iterdir()] == ["closed"]


def test_a_forked_child_neither_keeps_nor_gives_back_its_parents_run(folder: Path) -> None:
    script = """
import os, sys
from pathlib import Path
from harness.store.ownership import Ownership
mine = Ownership(Path(sys.argv[1]))
mine.acquire()
child = os.fork()
if child == 0:
    mine.release()
    sys.stdin.read()  # outlives its parent
    os._exit(0)
print(mine.held, Ownership(mine.folder).try_acquire(), flush=True)
os._exit(9)
"""
    with subprocess.Popen(
        [sys.executable, "-c", script, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True False\n"
        process.wait()
        mine = Ownership(folder)
        mine.acquire()
        mine.release()


def test_a_lock_on_a_file_that_was_just_removed_is_worth_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last owner removes its file after the next one has opened it."""
    last, following = Ownership(folder), Ownership(folder)
    last.acquire()
    lock = fcntl.flock

    def late(descriptor: int, operation: int) -> None:
        last.release()
        lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    assert not following.try_acquire()
    following.acquire()
    assert not Ownership(folder).try_acquire()
    following.release()


@pytest.mark.usefixtures("no_locks")
def test_without_locks_a_living_process_is_refused(folder: Path, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(StoreError, match=f"owned by process {holder.pid} on host"):
        Ownership(folder).acquire()


@pytest.mark.usefixtures("no_locks")
def test_without_locks_a_dead_process_is_replaced(folder: Path, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()
    mine = Ownership(folder)
    mine.acquire()
    assert read_owner(folder) == Owner.current()
    mine.release()


@pytest.mark.usefixtures("no_locks")
def test_without_locks_another_host_is_refused_with_the_way_out(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "owner.json").write_text('{"pid": 12, "host": "elsewhere", "started": ""}')
    with pytest.raises(StoreError, match=r"process 12 on host elsewhere; .*delete .*sonar-7/owner\.json"):
        Ownership(folder).acquire()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "x", "host": "h", "started": ""}', '{"pid": 1}'])
def test_an_unreadable_signature_belongs_to_nobody(content: str, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "owner.json").write_text(content)
    assert read_owner(folder) is None
    mine = Ownership(folder)
    mine.acquire()
    mine.release()


def test_a_full_disk_gives_the_run_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(StoreError, match="No space left"):
            Ownership(folder).acquire()
    assert not folder.exists()
    mine = Ownership(folder)
    mine.acquire()
    mine.release()


def test_this_process_is_alive() -> None:
    assert Owner.current().is_alive()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_recycled_process_id_is_another_process() -> None:
    assert not replace(Owner.current(), started="another boot:1").is_alive()


def test_a_process_that_ended_is_not_alive() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert not replace(Owner.current(), pid=process.pid).is_alive()


def test_a_process_on_another_host_counts_as_alive() -> None:
    assert replace(Owner.current(), host="elsewhere", pid=2**22 + 1).is_alive()


@pytest.mark.parametrize(("pid", "alive"), [(os.getpid(), True), (2**22 + 1, False)], ids=["ours", "none"])
def test_without_a_start_time_the_process_id_decides(
    pid: int, alive: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ownership, "_start_time", lambda pid: "")
    assert replace(Owner.current(), pid=pid).is_alive() is alive


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_process_name_with_spaces_and_parentheses_does_not_shift_the_start_time(tmp_path: Path) -> None:
    script = tmp_path / "a) R 1 (b"
    script.symlink_to(sys.executable)
    code = "from harness.store.ownership import Owner; print(Owner.current().started)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([script, "-c", code], capture_output=True, text=True, check=True, env=environment)
    boot, _, ticks = done.stdout.strip().partition(":")
    assert boot == Owner.current().started.partition(":")[0]
    assert int(ticks) >= int(Owner.current().started.partition(":")[2])
