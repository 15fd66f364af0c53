"""Every write, sync and rename of a toy run fails or is the last one before a kill, one after the other.

Twice: calls from Python and statements to SQLite are made to fail in-process, which works everywhere; and a
small library put before the system's, where there is a compiler, also reaches what SQLite itself writes.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.errors import StoreError
from harness.store import RunStore, StoredFold

CALLS = ("open", "write", "fsync", "replace", "mkdir", "ftruncate")
NEVER = 1 << 30


def content(fold: int) -> dict[str, Path | bytes]:
    return {"model.keras": f"weights of {fold} ".encode() * 1000, "y.npz": b"%d" % fold}


def toy_run(root: Path) -> Iterator[StoredFold]:
    """Yields each fold when its commit has been acknowledged."""
    with RunStore(root).open_run("toy", {"seed": 7}) as run:
        run.attach("splits.npz", b"splits")
        for fold in range(2):
            yield run.commit((0, fold, 0), f"k{fold}", {"fold": fold}, content(fold))
        run.finish("finished", {"accuracy": 0.5}, 1.0)


def check(root: Path, acknowledged: int) -> None:
    """The store is consistent: nothing acknowledged is lost, nothing is half there, the run can go on."""
    store = RunStore(root)
    earlier = store.load("earlier").folds[0]
    assert (earlier.record, earlier.read("x.npz")) == ({"accuracy": 1.0}, b"earlier")
    begun = {info.run_id for info in store.list_runs()}
    known = [fold.unique_key for fold in store.load("toy").folds] if "toy" in begun else []
    assert known == [f"k{fold}" for fold in range(len(known))]
    assert len(known) >= acknowledged
    assert restorable(root) >= set(known)
    folds = list(toy_run(root))
    for fold, stored in enumerate(folds):
        assert stored.record == {"fold": fold}
        assert {name: stored.read(name) for name in stored.artifacts} == content(fold)
    assert restorable(root) == {"k0", "k1"}
    assert store.load("toy").status == "finished"
    assert store.load("toy").attachment("splits.npz") == b"splits"
    assert store.warnings == []
    assert not (root / "quarantine").exists()
    assert list((root / "open").iterdir()) == []


def restorable(root: Path) -> set[str]:
    """Returns the folds of the run that would still be there without the database."""
    database = root / "harness.sqlite"
    hidden = database.rename(root / "hidden")
    runs = RunStore(root).list_runs("toy")
    folds = RunStore(root).load("toy").folds if runs else []
    hidden.rename(database)
    return {fold.unique_key for fold in folds}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where there is such a place: thousands of syncs take their time on a disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else tmp_path) as name:
        yield Path(name)


@pytest.fixture
def template(folder: Path) -> Path:
    """A store with one earlier run."""
    root = folder / "template"
    with RunStore(root).open_run("earlier", {}) as run:
        run.commit((0, 0, 0), "earlier", {"accuracy": 1.0}, {"x.npz": b"earlier"})
    return root


class Countdown:
    """Fails at the n-th call, once or from there on."""

    def __init__(self, n: int, code: int, lasting: bool) -> None:
        self.n, self.code, self.lasting = n, code, lasting
        self.calls = 0

    def is_due(self) -> bool:
        self.calls += 1
        return self.calls == self.n or (self.lasting and self.calls > self.n)

    def system_call(self, original: Any) -> Any:
        def call(*args: Any) -> Any:
            if self.is_due():
                raise OSError(self.code, os.strerror(self.code))
            return original(*args)

        return call

    def connection(self) -> type[sqlite3.Connection]:
        countdown = self

        class Connection(sqlite3.Connection):
            def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
                if sql != "ROLLBACK" and countdown.is_due():
                    raise sqlite3.OperationalError("disk I/O error")
                return super().execute(sql, *args)

        return Connection


def run_with_fault(root: Path, countdown: Countdown) -> tuple[int, str]:
    """Returns how many folds were acknowledged, and the error, if any."""
    acknowledged = 0
    connect = sqlite3.connect
    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, countdown.system_call(getattr(os, name)))
        factory = countdown.connection()
        patch.setattr(sqlite3, "connect", lambda *args, **kw: connect(*args, factory=factory, **kw))
        try:
            for _ in toy_run(root):
                acknowledged += 1
        except StoreError as error:
            return acknowledged, str(error)
    return acknowledged, ""


@pytest.mark.parametrize(
    ("code", "lasting"), [(errno.ENOSPC, True), (errno.EIO, False)], ids=["the disk fills up", "one call fails"]
)
def test_any_call_may_fail(code: int, lasting: bool, template: Path, folder: Path) -> None:
    countdown = Countdown(NEVER, code, lasting)
    whole = Path(shutil.copytree(template, folder / "whole"))
    assert run_with_fault(whole, countdown) == (2, "")
    assert countdown.calls > 100
    for n in range(1, countdown.calls + 1):
        root = Path(shutil.copytree(template, folder / str(n)))
        acknowledged, error = run_with_fault(root, Countdown(n, code, lasting))
        if error:
            assert "\n" not in error
            assert str(root) in error
            assert "bytes free there" in error
        else:
            assert acknowledged == 2
        assert [path for path in (root / "open").rglob("*") if path.is_file()] == []
        check(root, acknowledged)


SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static const char *root;
static long countdown;
static int code, lasting;
static long calls;

void shim_arm(const char *folder, long n, int error, int last) {
    root = strdup(folder); countdown = n; code = error; lasting = last; calls = 0;
}
long shim_calls(void) { return calls; }

static int due(void) {
    calls++;
    if (calls < countdown || (calls > countdown && !lasting)) return 0;
    if (code == 0) _exit(9);
    errno = code;
    return 1;
}
static int ours(int descriptor) {
    char link[64], path[4096];
    if (!root) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    return length > 0 && !strncmp(path, root, strlen(root));
}
#define NEXT(type, name) ((type)dlsym(RTLD_NEXT, name))
#define GUARD(condition) if ((condition) && due()) return -1

ssize_t write(int d, const void *b, size_t n) {
    GUARD(ours(d));
    return NEXT(ssize_t (*)(int, const void *, size_t), "write")(d, b, n);
}
ssize_t pwrite64(int d, const void *b, size_t n, off64_t o) {
    GUARD(ours(d));
    return NEXT(ssize_t (*)(int, const void *, size_t, off64_t), "pwrite64")(d, b, n, o);
}
ssize_t pwrite(int d, const void *b, size_t n, off_t o) { return pwrite64(d, b, n, o); }
int fsync(int d) { GUARD(ours(d)); return NEXT(int (*)(int), "fsync")(d); }
int fdatasync(int d) { GUARD(ours(d)); return NEXT(int (*)(int), "fdatasync")(d); }
int ftruncate64(int d, off64_t n) { GUARD(ours(d)); return NEXT(int (*)(int, off64_t), "ftruncate64")(d, n); }
int ftruncate(int d, off_t n) { return ftruncate64(d, n); }
int rename(const char *a, const char *b) {
    GUARD(root && !strncmp(b, root, strlen(root)));
    return NEXT(int (*)(const char *, const char *), "rename")(a, b);
}
int unlink(const char *a) {
    GUARD(root && !strncmp(a, root, strlen(root)));
    return NEXT(int (*)(const char *), "unlink")(a);
}
"""

# Forks a child for each call that fails, and prints how many folds each of them had acknowledged.
DRIVER = """
import ctypes, os, shutil, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_store_io_errors import NEVER, toy_run
from harness.errors import StoreError

template, folder, code, lasting = Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
shim = ctypes.CDLL(None)
shim.shim_calls.restype = ctypes.c_long

def fails_at(n, root, pipe):
    shim.shim_arm(str(root).encode(), ctypes.c_long(n), code, lasting)
    try:
        for _ in toy_run(root):
            os.write(pipe, b"a")
    except StoreError as error:
        if "bytes free there" not in str(error):
            os.write(pipe, b"?")
    os.write(pipe, f" {shim.shim_calls()}".encode())
    os._exit(0)

def run(n):
    root = folder / str(n)
    shutil.copytree(template, root)
    receive, send = os.pipe()
    if os.fork() == 0:
        fails_at(n, root, send)
    os.close(send)
    with open(receive) as file:
        answer = file.read()
    return answer, os.waitstatus_to_exitcode(os.wait()[1])

answer, _ = run(NEVER)
calls = int(answer.split()[1])
for n in range(1, calls + 1):
    answer, status = run(n)
    print(n, answer.split(" ")[0].count("a"), answer.count("?"), status)
print(calls)
"""


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("needs Linux and a C compiler")
    folder = tmp_path_factory.mktemp("shim")
    (folder / "shim.c").write_text(SHIM)
    library = folder / "shim.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, folder / "shim.c", "-ldl"], check=True)
    return library


@pytest.mark.parametrize(
    ("code", "lasting"),
    [(errno.ENOSPC, True), (errno.EIO, False), (0, False)],
    ids=["the disk fills up", "one call fails", "killed"],
)
def test_any_call_below_sqlite_may_fail(
    code: int, lasting: bool, shim: Path, template: Path, folder: Path
) -> None:
    here = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, here, str(template), str(folder), str(code), str(int(lasting))],
        env={**os.environ, "LD_PRELOAD": str(shim)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    *lines, calls = done.stdout.splitlines()
    assert len(lines) == int(calls) > 100
    for line in lines:
        n, acknowledged, unexplained, status = map(int, line.split())
        assert unexplained == 0
        assert status == (0 if code else 9)
        check(folder / str(n), acknowledged)
