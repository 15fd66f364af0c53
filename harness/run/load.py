"""Runs from their store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.metrics import resolve_metrics
from harness.run.run import Run
from harness.store import RunInfo, RunStore


def load_run(
    run: str,
    store: RunStore | str | Path = "runs",
    metrics: str | Sequence[Any] | Mapping[str, Any] | None = None,
) -> Run:
    """Loads a run by its name, or by the first letters of it.

    Args:
        run: The name.
        store: The store or its folder.
        metrics: What to score the kept predictions with, as in `evaluate`; the run's own metrics by default.

    Raises:
        UnknownNameError: No such run in the store, or no such metric.
    """
    stored = as_store(store).load(run)
    if metrics is None:
        return Run(stored)
    return Run(stored, resolve_metrics(metrics, stored.manifest["task"], stored.manifest["target_names"]))


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
