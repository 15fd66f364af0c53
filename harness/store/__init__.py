"""The run store: what was run, and every finished fold, safe from kills, full disks and flipped bits.

On disk::

    runs/                                   the store's folder
    ├── harness.sqlite                      runs, folds, and which fold belongs to which run
    ├── artifacts/ab/<sha256><suffix>       immutable files named by their content
    ├── folds/<unique_key>.json             a copy of each fold's record
    ├── runs/<run_id>.json                  a copy of each run's manifest, summary and outcomes
    ├── open/<run_id>/                      only while a process owns the run: its name, its temporary files
    └── quarantine/                         what was found damaged

The unit is the fold: it is stored whole, once, under a key of everything that its result depends on, and any
run of the store finds it again. The database can always be made again from the copies.
"""

from harness.store.open_run import OpenRun
from harness.store.records import RunInfo, StoredFold, StoredRun
from harness.store.store import RunStore

__all__ = ["OpenRun", "RunInfo", "RunStore", "StoredFold", "StoredRun"]
