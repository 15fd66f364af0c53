from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from harness.store import tables
from harness.store.tables import Outcome


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    tables.create(connection)
    yield connection
    connection.close()


def test_runs_are_numbered_in_the_order_of_their_beginning(database: sqlite3.Connection) -> None:
    assert [tables.put_run(database, name, "{}") for name in ("c", "a", "b")] == [1, 2, 3]
    assert [row.run_id for row in tables.runs(database)] == ["c", "a", "b"]


def test_a_run_that_is_written_again_keeps_its_number(database: sqlite3.Connection) -> None:
    tables.put_run(database, "a", "old")
    tables.put_run(database, "b", "{}")
    assert tables.put_run(database, "a", "new", sequence=7) == 1
    assert tables.run_document(database, "a") == "new"


@pytest.mark.parametrize(("wanted", "given"), [(5, 5), (1, 2), (None, 2)])
def test_a_new_run_gets_the_number_it_had_unless_that_is_taken(
    wanted: int | None, given: int, database: sqlite3.Connection
) -> None:
    tables.put_run(database, "a", "{}")
    assert tables.put_run(database, "b", "{}", wanted) == given


def test_outcomes_are_counted_apart(database: sqlite3.Connection) -> None:
    tables.put_run(database, "a", "{}")
    tables.put_run(database, "b", "{}")
    tables.put_outcome(database, "a", Outcome(0, 0, 0, "k0", None))
    tables.put_outcome(database, "a", Outcome(0, 1, 0, "k1", None))
    tables.put_outcome(database, "a", Outcome(0, 2, 0, None, "raised"))
    assert [(row.folds, row.failed) for row in tables.runs(database)] == [(2, 1), (0, 0)]


def test_outcomes_come_in_repeat_fold_init_order(database: sqlite3.Connection) -> None:
    for key in [(1, 0, 0), (0, 10, 0), (0, 2, 1), (0, 2, 0)]:
        tables.put_outcome(database, "a", Outcome(*key, "k", None))
    keys = [outcome.key for outcome in tables.outcomes(database, "a")[0]]
    assert keys == [(0, 2, 0), (0, 2, 1), (0, 10, 0), (1, 0, 0)]


@pytest.mark.parametrize(("keep", "error"), [(False, None), (True, "raised")])
def test_a_later_outcome_takes_the_place_unless_the_first_is_kept(
    keep: bool, error: str | None, database: sqlite3.Connection
) -> None:
    tables.put_outcome(database, "a", Outcome(0, 0, 0, None, "raised"))
    tables.put_outcome(database, "a", Outcome(0, 0, 0, "k", None), keep=keep)
    assert [outcome.error for outcome in tables.outcomes(database, "a")[0]] == [error]


def test_an_outcome_that_is_known_is_not_written_again(database: sqlite3.Connection) -> None:
    tables.put_outcome(database, "a", Outcome(0, 0, 0, "k", None))
    before = database.total_changes
    tables.put_outcome(database, "a", Outcome(0, 0, 0, "k", None))
    assert database.total_changes == before


@pytest.mark.parametrize(("unique_key", "error"), [(None, None), ("k", "raised")])
def test_an_outcome_is_either_a_fold_or_an_error(
    unique_key: str | None, error: str | None, database: sqlite3.Connection
) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        tables.put_outcome(database, "a", Outcome(0, 0, 0, unique_key, error))


def test_an_intact_database_passes_the_check(database: sqlite3.Connection) -> None:
    assert tables.damage(database) is None
    assert tables.version(database) == tables.VERSION
