"""Runs from their store."""

from __future__ import annotations

from pathlib import Path

from harness.run.run import Run
from harness.store import RunInfo, RunStore


def load_run(run: str, store: RunStore | str | Path = "runs") -> Run:
    """Loads a run by its name, or by the first letters of it.

    Raises:
        UnknownNameError: No such run in the store.
    """
    return Run(as_store(store).load(run))


def list_runs(pattern: str | None = None, store: RunStore | str | Path = "runs") -> list[RunInfo]:
    """The runs of a store, oldest first.

    Args:
        pattern: A glob such as "sonar_*".
        store: The store or its folder.
    """
    return as_store(store).list_runs(pattern)


def as_store(store: RunStore | str | Path) -> RunStore:
    """The store in a folder, or the store itself."""
    return store if isinstance(store, RunStore) else RunStore(store)
