"""One process per run: who holds it, and whether that process is still alive.

A run that is open has a folder `open/<run_id>`, which holds the owner's name and its temporary files.
The operating system's lock on `owner.json` decides, as it ends with its process whatever becomes of that:
on the same machine, in another container, or on a machine taken away. Where files cannot be locked, the
owner's process id, host and start time decide.
"""

from __future__ import annotations

import errno
import json
import os
import time
import weakref
from contextlib import suppress
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path

from harness.errors import StoreError
from harness.store.atomic import make_folder, store_errors, write_all

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

# A process that tidies up holds a dead owner's lock for an instant, so one refusal is not the answer.
_ATTEMPTS = 10
_PAUSE_SECONDS = 0.02
_BUSY = {errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK}


@dataclass(frozen=True)
class Owner:
    """A process, told apart from a later one with the same id.

    Attributes:
        pid: Its process id.
        host: Name of its machine.
        started: When it started, as the machine's boot and the ticks since; empty where that is unknown.
    """

    pid: int
    host: str
    started: str

    @classmethod
    def current(cls) -> Owner:
        """Returns the calling process."""
        return cls(os.getpid(), _host(), _start_time(os.getpid()))

    def is_alive(self) -> bool:
        """Whether the process still runs; true also where that cannot be found out from here."""
        if self.host != _host():
            return True
        if self.started:
            return _start_time(self.pid) == self.started
        return _exists(self.pid)

    def __str__(self) -> str:
        return f"process {self.pid} on host {self.host}"


class Ownership:
    """The right to write one run.

    Args:
        folder: `open/<run_id>` of the store; it stands while the run is owned, and after a kill.
        what: What is owned, for messages; by default the run.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as root:
        ...     mine = Ownership(Path(root) / "sonar-7")
        ...     mine.acquire()
        ...     taken = Ownership(mine.folder).try_acquire()
        ...     mine.release()
        >>> taken
        False
    """

    def __init__(self, folder: Path, what: str = "") -> None:
        self.folder = folder
        self._what = what or f"Run {folder.name}"
        self._path = folder / "owner.json"
        self._file: FileIO | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the run in this process."""
        return self._file is not None and not self._file.closed

    def acquire(self) -> None:
        """Takes the run, from nobody or from a dead owner.

        Raises:
            StoreError: A living process holds it, or nothing can be written here.
        """
        for _ in range(_ATTEMPTS):
            if self.try_acquire():
                return
            time.sleep(_PAUSE_SECONDS)
        raise StoreError(
            f"{self._what} is owned by {read_owner(self.folder) or 'another process'}; "
            f"wait for that to end or stop it{self._way_out()}"
        )

    def try_acquire(self) -> bool:
        """Takes the run if nobody alive holds it.

        Returns:
            Whether it is held now.

        Raises:
            StoreError: Nothing can be written here.
        """
        with store_errors(self.folder):
            make_folder(self.folder)
            self._file = self._open()
            if self._file is None:
                return False
            try:
                self._sign()
            except BaseException:
                self.release()
                raise
        return True

    def release(self) -> None:
        """Gives the run back and removes its folder; temporary files of a killed owner go with it."""
        if self._file is None or self._file.closed:
            return
        with suppress(OSError):
            # An empty file has no owner, even where it cannot be removed.
            os.ftruncate(self._file.fileno(), 0)
        for path in self.folder.glob("*"):
            if path != self._path:
                _remove(path)
        if fcntl is None:  # Windows removes no open file.
            self._file.close()
        _remove(self._path)
        with suppress(OSError):
            self.folder.rmdir()
        self._file.close()

    def _open(self) -> FileIO | None:
        """Opens the file and locks it, or returns None where another has it."""
        try:
            file = FileIO(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666), "r+")
        except FileNotFoundError:  # The last owner is just removing the folder.
            return None
        if self._lock(file) and os.fstat(file.fileno()).st_nlink:
            return file
        file.close()
        return None

    def _lock(self, file: FileIO) -> bool:
        if fcntl is not None:
            try:
                fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno in _BUSY:
                    return False
            else:
                return True
        owner = read_owner(self.folder)
        return owner is None or not owner.is_alive()

    def _sign(self) -> None:
        assert self._file is not None
        descriptor = self._file.fileno()
        os.ftruncate(descriptor, 0)
        write_all(descriptor, json.dumps(asdict(Owner.current())).encode())
        os.fsync(descriptor)
        _held.add(self)

    def _way_out(self) -> str:
        owner = read_owner(self.folder)
        if owner is None or owner.host == _host():
            return ""
        return f" (if that machine is gone, delete {self._path})"


def read_owner(folder: Path) -> Owner | None:
    """Returns who signed a run's folder, or None where nobody did."""
    try:
        entry = json.loads((folder / "owner.json").read_bytes())
        return Owner(int(entry["pid"]), str(entry["host"]), str(entry["started"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def clear_abandoned(folder: Path) -> None:
    """Removes what killed processes left in `open`: their folders with their temporary files."""
    for run in filter(Path.is_dir, list(folder.iterdir())):
        ownership = Ownership(run)
        # Another user's folder may be closed to us; that user will clear it.
        with suppress(StoreError):
            if ownership.try_acquire():
                ownership.release()


_held: weakref.WeakSet[Ownership] = weakref.WeakSet()


def _forget_the_parents() -> None:
    """In a forked child: runs stay with the parent, and its lock must not live as long as the child does."""
    for ownership in list(_held):
        if ownership._file is not None:
            ownership._file.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_the_parents)


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def _host() -> str:
    import platform

    return platform.node()


def _start_time(pid: int) -> str:
    """Returns the machine's boot and the clock ticks from there to the process's start, or ""."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    # proc_pid_stat(5): `starttime` is the 22nd field, the 20th after the name in parentheses.
    return f"{boot}:{fields[19]}"


def _exists(pid: int) -> bool:
    if os.name == "nt":  # Signal 0 would end it there.
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
