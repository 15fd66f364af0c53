from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import StoreError, UnknownNameError
from harness.store import RunStore, tables


def fill(store: RunStore, *names: str) -> None:
    for name in names:
        with store.open_run(name, {"model": name}) as run:
            run.attach("splits.npz", name.encode())
            run.commit((0, 0, 0), f"{name}-0", {"accuracy": 0.5}, {"x.npz": name.encode()})
            run.commit((0, 1, 0), f"{name}-1", {"accuracy": 0.7}, {"x.npz": b"shared"})
            run.fail((0, 2, 0), "raised")
            run.finish("failed", {"accuracy": 0.6}, 2.0)


def lose_database(store: RunStore) -> None:
    (store.root / "harness.sqlite").unlink()


def damage_database(store: RunStore) -> None:
    path = store.root / "harness.sqlite"
    content = bytearray(path.read_bytes())
    content[100:5000] = b"\xaa" * 4900
    path.write_bytes(content)


def test_making_a_store_creates_nothing(store: RunStore) -> None:
    assert store.list_runs() == []
    assert not store.root.exists()


def test_the_folder_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert RunStore().root == tmp_path / "runs"


def test_runs_are_listed_newest_last_with_their_counts(store: RunStore) -> None:
    fill(store, "zeta", "alpha")
    infos = store.list_runs()
    assert [(info.run_id, info.sequence) for info in infos] == [("zeta", 1), ("alpha", 2)]
    assert [(info.status, info.finished_folds, info.failed_folds) for info in infos] == [("failed", 2, 1)] * 2
    assert infos[0].manifest == {"model": "zeta"}
    assert infos[0].summary == {"accuracy": 0.6}


@pytest.mark.parametrize(
    ("pattern", "names"), [("*", ["a1", "a2", "b1"]), ("a?", ["a1", "a2"]), ("b1", ["b1"]), ("A*", []), ("a", [])]
)
def test_a_pattern_chooses_run_ids(pattern: str, names: list[str], store: RunStore) -> None:
    for name in ("a1", "a2", "b1"):
        with store.open_run(name, {}):
            pass
    assert [info.run_id for info in store.list_runs(pattern)] == names


def test_the_order_is_that_of_the_beginning_whatever_the_clock_says(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, shown in [("first", "2031-01-01"), ("second", "1999-01-01"), ("third", "2026-01-01")]:
        monkeypatch.setattr("harness.store.open_run._now", lambda shown=shown: shown)
        with store.open_run(name, {}):
            pass
    assert [info.run_id for info in store.list_runs()] == ["first", "second", "third"]
    lose_database(store)
    assert [info.run_id for info in store.list_runs()] == ["first", "second", "third"]


def test_a_run_is_loaded_whole(store: RunStore) -> None:
    fill(store, "sonar")
    run = store.load("sonar")
    assert [fold.record["accuracy"] for fold in run.folds] == [0.5, 0.7]
    assert run.failures == {(0, 2, 0): "raised"}
    assert run.attachment("splits.npz") == b"sonar"
    assert run.warnings == []


def test_a_prefix_is_enough(store: RunStore) -> None:
    fill(store, "sonar-7", "mnist-1")
    assert store.load("s").run_id == "sonar-7"


def test_a_whole_id_wins_over_those_it_begins(store: RunStore) -> None:
    fill(store, "sonar", "sonar-7")
    assert store.load("sonar").run_id == "sonar"


def test_an_ambiguous_prefix_names_the_candidates(store: RunStore) -> None:
    fill(store, "sonar-8", "sonar-7", "mnist")
    with pytest.raises(StoreError, match="Several runs begin with 'sonar': sonar-7, sonar-8; write more"):
        store.load("sonar")


def test_an_unknown_run_names_what_there_is(store: RunStore) -> None:
    fill(store, "sonar-7")
    with pytest.raises(UnknownNameError, match=r"Unknown run 'sonar-8'\. Did you mean 'sonar-7'"):
        store.load("sonar-8")


@pytest.mark.parametrize("kind", ["artifact", "attachment"])
def test_an_unknown_file_names_what_there_is(kind: str, store: RunStore) -> None:
    fill(store, "sonar")
    run = store.load("sonar")
    read = {"artifact": run.folds[0].read, "attachment": run.attachment}[kind]
    with pytest.raises(UnknownNameError, match=f"Unknown {kind} 'y'. Available: (x|splits).npz"):
        read("y")


@pytest.mark.parametrize("harm", [lose_database, damage_database])
def test_reading_without_a_database_uses_the_copies_and_says_so(
    harm: Callable[[RunStore], None], store: RunStore
) -> None:
    fill(store, "sonar", "mnist")
    before = (store.list_runs(), store.load("sonar"))
    harm(store)
    content = {path: path.read_bytes() for path in store.root.rglob("*") if path.is_file()}
    assert (store.list_runs(), store.load("sonar")) == before
    assert "read from JSON copies: 2 runs, 4 folds" in store.warnings[0]
    assert {path: path.read_bytes() for path in store.root.rglob("*") if path.is_file()} == content


@pytest.mark.parametrize("harm", [lose_database, damage_database])
def test_opening_a_run_without_a_database_makes_it_again_and_says_so(
    harm: Callable[[RunStore], None], store: RunStore
) -> None:
    fill(store, "sonar", "mnist")
    before = store.load("sonar")
    harm(store)
    with store.open_run("new", {}) as run:
        assert run.find("mnist-1") is not None
    assert "made again from JSON copies: 2 runs, 4 folds" in run.warnings[-1]
    assert store.load("sonar") == before
    assert [info.sequence for info in store.list_runs()] == [1, 2, 3]
    assert store.warnings == []


@pytest.mark.parametrize("harm", [lose_database, damage_database])
def test_rebuild_restores_everything(harm: Callable[[RunStore], None], store: RunStore) -> None:
    fill(store, "sonar", "mnist")
    before = (store.list_runs(), store.load("sonar"), store.load("mnist"))
    harm(store)
    assert store.rebuild() == 4
    assert (store.list_runs(), store.load("sonar"), store.load("mnist")) == before


def test_rebuild_of_an_intact_store_changes_nothing(store: RunStore) -> None:
    fill(store, "sonar", "mnist")
    before = (store.list_runs(), store.load("sonar"), store.load("mnist"))
    assert store.rebuild() == 4
    assert (store.list_runs(), store.load("sonar"), store.load("mnist")) == before


def test_rebuild_mends_damaged_rows(store: RunStore) -> None:
    fill(store, "sonar")
    before = store.load("sonar")
    with store._database().write() as database:
        database.execute("UPDATE folds SET document = replace(document, '0.5', '0.9')")
        database.execute("UPDATE runs SET document = replace(document, '0.6', '0.9')")
    assert store.list_runs() == []
    assert "row of run sonar is corrupt" in store.warnings[0]
    store.rebuild()
    assert store.load("sonar") == before


@pytest.mark.parametrize(
    "change", ["fold = 5", "unique_key = 'sonar-0'", "unique_key = x'ff'", "run_id = 'sonar', fold = 7"]
)
def test_a_damaged_outcome_is_left_out_and_said_until_it_is_restored(change: str, store: RunStore) -> None:
    fill(store, "sonar")
    before = store.load("sonar")
    with store._database().write() as database:
        database.execute(f"UPDATE outcomes SET {change} WHERE fold = 1")
    damaged = store.load("sonar")
    assert [fold.key for fold in damaged.folds] == [(0, 0, 0)]
    assert damaged.warnings == ["1 rows of run sonar are damaged; `rebuild` restores them"]
    store.rebuild()
    assert store.load("sonar") == before


def test_rebuild_names_damaged_copies_and_restores_the_rest(store: RunStore) -> None:
    fill(store, "sonar")
    lose_database(store)
    copy = store.root / "folds" / "sonar-0.json"
    copy.write_text(copy.read_text().replace("0.5", "0.9"))
    assert store.rebuild() == 1
    assert f"{copy} is corrupt: expected SHA-256" in store.warnings[0]
    assert [fold.key for fold in store.load("sonar").folds] == [(0, 1, 0)]


def test_a_fold_committed_since_the_runs_copy_was_written_is_restored(store: RunStore) -> None:
    fill(store, "sonar")
    stale = (store.root / "runs" / "sonar.json").read_bytes()
    with store.open_run("sonar", {"model": "sonar"}) as run:
        run.commit((0, 2, 0), "sonar-2", {}, {})
    (store.root / "runs" / "sonar.json").write_bytes(stale)
    lose_database(store)
    stored = store.load("sonar")
    assert [fold.key for fold in stored.folds] == [(0, 0, 0), (0, 1, 0), (0, 2, 0)]
    assert stored.failures == {}


def test_there_is_nothing_to_rebuild_where_no_store_is(store: RunStore) -> None:
    with pytest.raises(StoreError, match="no run store at"):
        store.rebuild()


def test_a_moved_store_works(store: RunStore, tmp_path: Path) -> None:
    fill(store, "sonar")
    shutil.move(store.root, tmp_path / "elsewhere")
    assert RunStore(tmp_path / "elsewhere").load("sonar").folds[0].read("x.npz") == b"sonar"


@pytest.mark.parametrize("root", ["file", "file/runs"])
def test_a_folder_that_cannot_be_made_is_found_out_on_opening(root: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    root = str(tmp_path / root)
    with pytest.raises(StoreError, match=rf"Cannot write {root}.*bytes free there"):
        RunStore(root).open_run("a", {})


def test_a_read_only_store_is_refused_for_writing_and_can_be_read(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    fill(store, "sonar")
    monkeypatch.setattr(os, "mkdir", refuse)
    with pytest.raises(StoreError, match=r"Read-only file system; .* choose another folder"):
        store.open_run("sonar", {"model": "sonar"})
    assert store.load("sonar").status == "failed"


def test_the_status_of_a_run_whose_process_died_is_interrupted(store: RunStore) -> None:
    script = (
        "import os, sys; from harness.store import RunStore; "
        "RunStore(sys.argv[1]).open_run('a', {}); print(RunStore(sys.argv[1]).load('a').status); "
        "sys.stdout.flush(); os._exit(9)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(store.root)], capture_output=True, text=True)
    assert done.stdout == "running\n", done.stderr
    assert store.load("a").status == "interrupted"


def test_importing_the_store_imports_nothing_heavy() -> None:
    script = (
        "import sys; import harness.store; "
        "print(sorted({'numpy', 'pandas', 'keras', 'tensorflow', 'sklearn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_thousand_folds_are_listed_quickly(store: RunStore) -> None:
    with store.open_run("a", {}) as run:
        fold = run.commit((0, 0, 0), "k", {}, {})
        with run._database.write() as database:
            for index in range(1, 1000):
                tables.put_outcome(database, "a", tables.Outcome(0, index, 0, fold.unique_key, None))
    start = time.perf_counter()
    assert store.list_runs()[0].finished_folds == 1000
    assert time.perf_counter() - start < 1
