"""Several processes write one store at the same time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.store import RunStore

# Every writer has folds of its own and folds that all of them want.
WRITE = """
import sys
from harness.store import RunStore

root, name, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
with RunStore(root).open_run(name, {"model": name}) as run:
    for fold in range(n):
        shared = fold % 2 == 0
        unique_key = f"shared-{fold}" if shared else f"{name}-{fold}"
        stored = run.find(unique_key)
        if stored:
            run.adopt((0, fold, 0), stored)
        else:
            run.commit((0, fold, 0), unique_key, {"by": name}, {"x.npz": f"fold {fold}".encode()})
    run.finish("finished", {}, 1.0)
    assert run.warnings == [], run.warnings
"""


@pytest.mark.parametrize(
    ("writers", "n"), [(2, 30), pytest.param(4, 300, marks=[pytest.mark.slow, pytest.mark.timeout(1200)])]
)
def test_writers_of_different_runs_all_finish_and_lose_nothing(writers: int, n: int, tmp_path: Path) -> None:
    names = [f"run{i}" for i in range(writers)]
    processes = [
        subprocess.Popen([sys.executable, "-c", WRITE, str(tmp_path), name, str(n)], stderr=subprocess.PIPE)
        for name in names
    ]
    errors = [process.communicate()[1].decode() for process in processes]
    assert errors == [""] * writers
    store = RunStore(tmp_path)
    runs = [store.load(name) for name in names]
    for run in runs:
        assert run.status == "finished"
        assert [fold.key for fold in run.folds] == [(0, fold, 0) for fold in range(n)]
        assert all(fold.read("x.npz") == f"fold {fold.key[1]}".encode() for fold in run.folds)
    shared = {fold.unique_key: fold.record["by"] for fold in runs[0].folds[::2]}
    assert all({f.unique_key: f.record["by"] for f in run.folds[::2]} == shared for run in runs)
    assert store.rebuild() == n // 2 * (writers + 1)
    assert sorted(info.sequence for info in store.list_runs()) == list(range(1, writers + 1))


def test_the_second_process_on_one_run_is_told_who_owns_it(tmp_path: Path) -> None:
    script = "import sys; from harness.store import RunStore; RunStore(sys.argv[1]).open_run('toy', {})"
    with RunStore(tmp_path).open_run("toy", {}):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script, str(tmp_path)], capture_output=True, text=True
        )
    last = done.stderr.splitlines()[-1]
    assert "Run toy is owned by process" in last
    assert f"process {__import__('os').getpid()} on host" in last


@pytest.mark.parametrize("damaged", [False, True])
def test_processes_that_find_the_database_gone_restore_it_together(damaged: bool, tmp_path: Path) -> None:
    with RunStore(tmp_path).open_run("old", {}) as run:
        for fold in range(20):
            run.commit((0, fold, 0), f"old-{fold}", {}, {"x.npz": b"x"})
    (tmp_path / "harness.sqlite").unlink()
    if damaged:
        (tmp_path / "harness.sqlite").write_bytes(b"not a database" * 1000)
    script = WRITE.replace("assert run.warnings == [], run.warnings", "")
    processes = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path), name, "4"]) for name in ("a", "b", "c")
    ]
    assert [process.wait() for process in processes] == [0, 0, 0]
    store = RunStore(tmp_path)
    assert [info.finished_folds for info in store.list_runs()] == [20, 4, 4, 4]
    assert store.warnings == []
