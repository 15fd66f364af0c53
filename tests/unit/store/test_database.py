from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.store import database as module
from harness.store import tables
from harness.store.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database(tmp_path, [])
    made.prepare()
    return made


def journal_mode(path: Path) -> str:
    with sqlite3.connect(path) as connection:
        answer = connection.execute("PRAGMA journal_mode").fetchone()[0]
    connection.close()
    return str(answer)


def test_a_transaction_is_kept_when_its_block_is_left(database: Database) -> None:
    with database.write() as connection:
        tables.put_fold(connection, "k", "text")
    with database.read() as connection:
        assert tables.fold_document(connection, "k") == "text"


def test_a_transaction_with_an_error_never_happened(database: Database) -> None:
    def interrupted() -> None:
        with database.write() as connection:
            tables.put_fold(connection, "k", "text")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with database.read() as connection:
        assert tables.fold_document(connection, "k") is None


def test_reading_a_store_that_is_not_there_creates_nothing(tmp_path: Path) -> None:
    with Database(tmp_path / "runs", []).read() as connection:
        assert list(tables.runs(connection)) == []
    assert not (tmp_path / "runs").exists()


def test_commits_are_synced(database: Database) -> None:
    with database.write() as connection:
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 3


def test_a_transaction_takes_the_write_lock_at_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.01)
    with (
        database.write(),
        pytest.raises(StoreError, match=r"database is locked; .*another process has been writing"),
        Database(database.root, []).write(),
    ):
        pass


def test_a_newer_schema_is_refused(database: Database) -> None:
    with database.write() as connection:
        connection.execute(f"PRAGMA user_version = {tables.VERSION + 1}")
    with pytest.raises(StoreError, match=r"newer harness \(schema 2, this one knows 1\)"):
        database.prepare()
    with pytest.raises(StoreError, match="newer harness"), database.read():
        pass


@pytest.mark.parametrize(
    ("version", "kind", "mode"),
    [((3, 51, 3), None, "wal"), ((3, 51, 2), None, "delete"), ((3, 51, 3), "nfs4", "delete")],
)
def test_the_write_ahead_log_is_used_where_it_is_safe(
    version: tuple[int, int, int], kind: str | None, mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
    monkeypatch.setattr(module, "network_file_system", lambda root: kind)
    database = Database(tmp_path, [])
    database.prepare()
    assert journal_mode(database.path) == mode
    assert [("nfs4" in line) for line in database.warnings] == ([True] if kind else [])


def test_an_older_sqlite_leaves_the_write_ahead_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 3))
    Database(tmp_path, []).prepare()
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))
    Database(tmp_path, []).prepare()
    assert journal_mode(tmp_path / "harness.sqlite") == "delete"


@pytest.mark.parametrize(
    "content", [b"", b"not a database at all, but some longer text" * 10, b"SQLite format 3\0" + b"\xff" * 84]
)
def test_a_file_that_is_no_database_is_replaced(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "harness.sqlite").write_bytes(content)
    database = Database(tmp_path, [])
    database.prepare()
    with database.write() as connection:
        tables.put_fold(connection, "k", "text")
    aside = list((tmp_path / "quarantine").glob("*")) if content else []
    assert [path.read_bytes() for path in aside] == ([content] if content else [])
    assert [("was damaged" in line) for line in database.warnings] == ([True] if content else [])


@pytest.mark.parametrize("harm", ["DROP TABLE outcomes", "ALTER TABLE folds RENAME COLUMN document TO text"])
def test_tables_that_are_not_those_of_a_store_count_as_damage(harm: str, database: Database) -> None:
    with database.write() as connection:
        connection.execute(harm)
    database.prepare()
    assert "its tables are not those of a run store" in database.warnings[0]
    with database.write() as connection:
        tables.put_fold(connection, "k", "text")


def test_a_version_that_was_lost_counts_as_damage(database: Database) -> None:
    with database.write() as connection:
        connection.execute("PRAGMA user_version = 0")
    database.prepare()
    assert "was damaged" in database.warnings[0]


def test_a_truncated_database_is_noticed(database: Database) -> None:
    with database.write() as connection:
        for i in range(50):
            tables.put_fold(connection, f"k{i}", "x" * 1000)
    content = database.path.read_bytes()
    database.path.write_bytes(content[: len(content) // 2])
    database.prepare()
    assert "was damaged" in database.warnings[0]


def test_the_journal_of_a_damaged_database_goes_with_it(tmp_path: Path) -> None:
    (tmp_path / "harness.sqlite").write_bytes(b"not a database" * 100)
    (tmp_path / "harness.sqlite-shm").write_bytes(b"its index")
    Database(tmp_path, []).prepare()
    assert (tmp_path / "quarantine" / "harness.sqlite-shm").read_bytes() == b"its index"


def test_damage_met_in_a_transaction_says_what_to_do(database: Database) -> None:
    database.path.write_bytes(b"not a database" * 100)
    with pytest.raises(StoreError, match=r"not a database; .* run the same command again"), database.write():
        pass


def test_a_full_disk_names_file_and_free_bytes(database: Database) -> None:
    def fill() -> None:
        with database.write() as connection:
            connection.execute("PRAGMA max_page_count = 1")
            for i in range(100):
                tables.put_fold(connection, f"k{i}", "x" * 4000)

    with pytest.raises(StoreError, match=r"harness\.sqlite: database or disk is full; \d+ bytes free.*make room"):
        fill()
    with database.read() as connection:
        assert tables.fold_document(connection, "k0") is None


def test_a_database_that_vanishes_between_transactions_is_made_again(database: Database) -> None:
    database.path.unlink()
    with database.write() as connection:
        tables.put_fold(connection, "k", "text")
    with database.read() as connection:
        assert tables.fold_document(connection, "k") == "text"


def test_a_store_with_odd_characters_in_its_path_works(tmp_path: Path) -> None:
    root = tmp_path / "my runs? 100% #1 ü"
    root.mkdir()
    Database(root, []).prepare()
    assert (root / "harness.sqlite").exists()
