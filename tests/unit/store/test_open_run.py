from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.errors import CorruptArtifactError, FoldError, StoreError
from harness.store import RunStore

IDENTITY = {"identity": {"seed": 7, "splits": [1, 2]}}
FILES = {"predictions.npz": b"0.1 0.9", "best.keras": b"weights"}


def test_a_committed_fold_is_found_again(store: RunStore) -> None:
    with store.open_run("a", IDENTITY) as run:
        committed = run.commit((1, 2, 3), "k", {"accuracy": 0.5}, FILES)
        found = run.find("k")
    assert found == committed
    assert (committed.key, committed.unique_key, committed.record) == ((1, 2, 3), "k", {"accuracy": 0.5})
    assert {name: committed.read(name) for name in committed.artifacts} == FILES


def test_a_fold_is_found_by_another_run_and_adopted_under_its_own_key(store: RunStore) -> None:
    with store.open_run("a", IDENTITY) as run:
        run.commit((0, 0, 0), "k", {}, FILES)
    with store.open_run("b", {}) as run:
        found = run.find("k")
        assert found is not None
        run.adopt((2, 1, 0), found)
    fold = store.load("b").folds[0]
    assert (fold.key, fold.run_id, fold.read("best.keras")) == ((2, 1, 0), "a", b"weights")


def test_what_was_never_committed_is_not_found(store: RunStore) -> None:
    with store.open_run("a", IDENTITY) as run:
        assert run.find("k") is None


def test_artifacts_may_be_files_and_names_subclasses_of_tuple(store: RunStore, tmp_path: Path) -> None:
    from harness.seeds import FoldKey

    (tmp_path / "model.keras").write_bytes(b"weights")
    with store.open_run("a", {}) as run:
        fold = run.commit(FoldKey(0, 1), "k", {"scores": np.ones(2)}, {"best": tmp_path / "model.keras"})
    assert type(fold.key) is tuple
    assert fold.key == (0, 1, 0)
    assert fold.artifacts["best"].suffix == ".keras"
    assert fold.record == {"scores": [1.0, 1.0]}


def test_the_first_commit_of_a_key_stays(store: RunStore) -> None:
    with store.open_run("a", {}) as run:
        first = run.commit((0, 0, 0), "k", {"try": 1}, {"x": b"one"})
        second = run.commit((0, 0, 0), "k", {"try": 2}, {"x": b"two"})
    assert second == first
    assert store.load("a").folds[0].read("x") == b"one"


def test_a_fold_with_nan_is_refused_with_its_path_and_nothing_is_stored(store: RunStore) -> None:
    with store.open_run("a", {}) as run:
        with pytest.raises(FoldError, match=r"Fold \(0, 3, 0\) cannot be stored: record\.scores\.mae is nan"):
            run.commit((0, 3, 0), "k", {"scores": {"mae": float("nan")}}, FILES)
        assert run.find("k") is None
    assert not (store.root / "artifacts").exists()


def test_a_manifest_with_nan_is_refused_before_anything_is_written(store: RunStore) -> None:
    with pytest.raises(ValueError, match=r"manifest\.lr is nan"):
        store.open_run("a", {"lr": float("nan")})
    assert not store.root.exists()


@pytest.mark.parametrize(("summary", "seconds"), [({"mean": float("inf")}, 1.0), ({}, float("nan"))])
def test_a_summary_with_what_is_not_finite_is_refused(
    summary: dict[str, Any], seconds: float, store: RunStore
) -> None:
    with store.open_run("a", {}) as run, pytest.raises(ValueError, match=r"(summary\.mean|seconds) is"):
        run.finish("finished", summary, seconds)


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".."])
def test_names_that_lead_elsewhere_are_refused(name: str, store: RunStore) -> None:
    with pytest.raises(StoreError, match="run id"):
        store.open_run(name, {})
    with store.open_run("a", {}) as run:
        with pytest.raises(StoreError, match="name of an artifact"):
            run.commit((0, 0, 0), "k", {}, {name: b""})
        with pytest.raises(StoreError, match="unique key"):
            run.commit((0, 0, 0), name, {}, {})
        with pytest.raises(StoreError, match="unique key"):
            run.find(name)
        with pytest.raises(StoreError, match="name of an attachment"):
            run.attach(name, b"")


def test_a_failure_is_kept_until_the_fold_is_finished(store: RunStore) -> None:
    with store.open_run("a", {}) as run:
        run.fail((0, 0, 0), "raised")
        run.fail((0, 1, 0), "raised too")
        run.commit((0, 0, 0), "k", {}, FILES)
    stored = store.load("a")
    assert stored.failures == {(0, 1, 0): "raised too"}
    assert [fold.key for fold in stored.folds] == [(0, 0, 0)]


def test_attachments_are_kept_and_idempotent(store: RunStore) -> None:
    with store.open_run("a", {}) as run:
        run.attach("splits.npz", b"splits")
        written = (store.root / "runs" / "a.json").stat().st_mtime_ns
        run.attach("splits.npz", b"splits")
        assert (store.root / "runs" / "a.json").stat().st_mtime_ns == written
    assert store.load("a").attachment("splits.npz") == b"splits"


def test_attachments_survive_a_resume(store: RunStore) -> None:
    with store.open_run("a", IDENTITY) as run:
        run.attach("splits.npz", b"splits")
    with store.open_run("a", IDENTITY):
        pass
    assert store.load("a").attachment("splits.npz") == b"splits"


def test_a_resumed_run_keeps_its_number_and_its_folds(store: RunStore) -> None:
    for name in ("a", "b"):
        with store.open_run(name, IDENTITY) as run:
            run.commit((0, 0, 0), name, {}, FILES)
    with store.open_run("a", IDENTITY) as run:
        run.commit((0, 1, 0), "k1", {}, FILES)
    stored = store.load("a")
    assert (stored.sequence, [fold.unique_key for fold in stored.folds]) == (1, ["a", "k1"])


def test_another_identity_is_refused_with_the_key_that_differs(store: RunStore) -> None:
    with store.open_run("a", IDENTITY):
        pass
    with pytest.raises(StoreError, match=r"Run a was begun .*: identity\.seed was 7 and is 8 now; give"):
        store.open_run("a", {"identity": {"seed": 8, "splits": [1, 2]}})
    with store.open_run("a", IDENTITY):
        pass


def test_what_is_only_shown_may_change_and_is_updated(store: RunStore) -> None:
    for title in ("old", "new"):
        with store.open_run("a", {**IDENTITY, "title": title}):
            pass
    assert store.load("a").manifest == {**IDENTITY, "title": "new"}


def test_without_an_identity_the_whole_manifest_must_be_the_same(store: RunStore) -> None:
    with store.open_run("a", {"seed": 7}):
        pass
    with pytest.raises(StoreError, match=r"manifest\.seed was 7 and is 8 now"):
        store.open_run("a", {"seed": 8})


def test_the_end_of_a_run_is_kept(store: RunStore) -> None:
    with store.open_run("a", {}) as run:
        run.finish("failed", {"accuracy": 0.5}, 12.5)
    stored = store.load("a")
    assert (stored.status, stored.summary, stored.seconds) == ("failed", {"accuracy": 0.5}, 12.5)


def test_a_run_that_is_left_unfinished_is_interrupted(store: RunStore) -> None:
    def interrupted() -> None:
        with store.open_run("a", {}):
            assert store.load("a").status == "running"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert store.load("a").status == "interrupted"


def test_a_run_that_is_discarded_leaves_nothing_behind(store: RunStore) -> None:
    with store.open_run("a", {}) as run:
        run.attach("truth.npz", b"0 1")
        run.fail((0, 0, 0), "EngineError: it cannot be compiled")
        assert run.discard()
    assert store.list_runs() == []
    assert store.rebuild() == 0
    assert store.list_runs() == []
    with store.open_run("a", {}) as run:
        assert store.load("a").failures == {}


def test_a_run_with_a_finished_fold_is_not_discarded(store: RunStore) -> None:
    with store.open_run("a", {}) as run:
        run.commit((0, 0, 0), "k", {}, FILES)
        assert not run.discard()
        run.finish("failed", {}, 1.0)
    assert (store.load("a").status, len(store.load("a").folds)) == ("failed", 1)


def test_a_closed_run_takes_nothing_more(store: RunStore) -> None:
    with store.open_run("a", {}) as run:
        pass
    run.close()
    with pytest.raises(StoreError, match="Run a is closed"):
        run.commit((0, 0, 0), "k", {}, FILES)
    with pytest.raises(StoreError, match="Run a is closed"):
        run.fail((0, 0, 0), "raised")


def test_the_same_run_cannot_be_open_twice(store: RunStore) -> None:
    with (
        store.open_run("a", {}),
        pytest.raises(StoreError, match=f"Run a is owned by process {os.getpid()} on host"),
    ):
        store.open_run("a", {})
    with store.open_run("a", {}):
        pass


def test_an_error_in_the_block_is_not_hidden_by_one_in_closing(store: RunStore) -> None:
    def wrong_twice() -> None:
        with store.open_run("a", {}):
            (store.root / "harness.sqlite").write_bytes(b"not a database" * 100)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        wrong_twice()
    assert not (store.root / "open" / "a").exists()


def test_an_error_in_closing_is_raised_and_the_run_given_back(store: RunStore) -> None:
    with pytest.raises(StoreError, match="not a database"), store.open_run("a", {}):
        (store.root / "harness.sqlite").write_bytes(b"not a database" * 100)
    assert not (store.root / "open" / "a").exists()


def test_a_damaged_fold_is_quarantined_and_said(store: RunStore) -> None:
    with store.open_run("a", {}) as run:
        path = run.commit((0, 0, 0), "k", {}, FILES).artifacts["best.keras"]
        path.write_bytes(b"Weights")
        assert run.find("k") is None
    assert not path.exists()
    assert (store.root / "quarantine" / path.name).read_bytes() == b"Weights"
    assert len(run.warnings) == 1
    assert f"{path} is corrupt: expected SHA-256 {path.stem}, received" in run.warnings[0]
    assert "fold k is run again" in run.warnings[0]


def test_a_quarantined_fold_does_not_come_back_with_its_copy(store: RunStore) -> None:
    with store.open_run("a", {}) as run:
        run.commit((0, 0, 0), "k", {}, FILES).artifacts["best.keras"].unlink()
        assert run.find("k") is None
        assert run.find("k") is None
    assert store.rebuild() == 0
    assert "Fold (0, 0, 0) was damaged" in store.load("a").warnings[0]


def test_a_quarantined_fold_can_be_committed_again(store: RunStore) -> None:
    with store.open_run("a", {}) as run:
        run.commit((0, 0, 0), "k", {}, FILES).artifacts["best.keras"].write_bytes(b"")
        assert run.commit((0, 0, 0), "k", {}, FILES).read("best.keras") == b"weights"
    assert store.load("a").folds[0].read("best.keras") == b"weights"


def test_reading_a_damaged_artifact_raises(store: RunStore) -> None:
    with store.open_run("a", {}) as run:
        run.commit((0, 0, 0), "k", {}, FILES).artifacts["best.keras"].write_bytes(b"Weights")
    with pytest.raises(CorruptArtifactError, match="expected SHA-256"):
        store.load("a").folds[0].read("best.keras")


def test_a_damaged_row_is_read_from_its_copy(store: RunStore) -> None:
    with store.open_run("a", {}) as run:
        fold = run.commit((0, 0, 0), "k", {"accuracy": 0.5}, FILES)
        with run._database.write() as database:
            database.execute("UPDATE folds SET document = replace(document, '0.5', '0.6')")
        assert run.find("k") == fold
        assert "row of fold k is corrupt" in run.warnings[0]
        assert run.find("k") == fold
        assert len(run.warnings) == 1


def test_a_copy_whose_row_never_came_counts_as_finished(store: RunStore) -> None:
    with store.open_run("a", {}) as run:
        fold = run.commit((0, 0, 0), "k", {}, FILES)
        with run._database.write() as database:
            database.execute("DELETE FROM folds")
        assert run.find("k") == fold


def test_each_copy_is_json_and_lies_beside(store: RunStore) -> None:
    with store.open_run("a", IDENTITY) as run:
        run.commit((0, 0, 0), "k", {"accuracy": 0.5}, FILES)
        run.finish("finished", {}, 1.0)
    fold = json.loads((store.root / "folds" / "k.json").read_text())
    manifest = json.loads((store.root / "runs" / "a.json").read_text())
    assert fold["record"] == {"accuracy": 0.5}
    assert manifest["manifest"] == IDENTITY
    assert manifest["outcomes"] == [[0, 0, 0, "k", None]]


def test_no_temporary_files_are_left(store: RunStore) -> None:
    with store.open_run("a", {}) as run:
        run.commit((0, 0, 0), "k", {}, FILES)
        assert [path.name for path in (store.root / "open" / "a").iterdir()] == ["owner.json"]
    assert list((store.root / "open").iterdir()) == []
