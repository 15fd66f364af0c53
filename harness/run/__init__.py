"""Finished evaluations, read from the run store."""

from harness.run.load import as_store, list_runs, load_run
from harness.run.run import Run

__all__ = ["Run", "as_store", "list_runs", "load_run"]
