"""Evaluate Keras models honestly: leak-free folds, intervals with known coverage, runs that resume.

The names are imported when first used: `import harness` imports neither Keras nor pandas.

Example:
    >>> import harness
    >>> run = harness.evaluate("linear_regression", epochs=1, store=None)  # doctest: +SKIP
    >>> run.summary()  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness._lazy import lazy_names
from harness._version import __version__

if TYPE_CHECKING:
    from harness.comparison import Comparison, compare
    from harness.data import Dataset, audit, from_arrays, from_csv, get_card, list_datasets, load_dataset
    from harness.engines.base import FoldContext
    from harness.errors import (
        CorruptArtifactError,
        DataError,
        EngineError,
        FoldError,
        HarnessError,
        ResamplingError,
        StoreError,
        UnknownNameError,
        UsageError,
    )
    from harness.feature_table import features
    from harness.pipeline import evaluate
    from harness.progress import Progress
    from harness.recovery import parameter_recovery
    from harness.reporting import draw_figure, render_report
    from harness.run import Run, list_runs, load_run
    from harness.seeds import FoldKey
    from harness.store import RunStore
    from harness.visualization import FilterImages, draw_feature_maps, draw_filters, draw_weights

_MODULES = {
    "Comparison": "comparison",
    "CorruptArtifactError": "errors",
    "DataError": "errors",
    "Dataset": "data",
    "EngineError": "errors",
    "FilterImages": "visualization",
    "FoldContext": "engines.base",
    "FoldError": "errors",
    "FoldKey": "seeds",
    "HarnessError": "errors",
    "Progress": "progress",
    "ResamplingError": "errors",
    "Run": "run",
    "RunStore": "store",
    "StoreError": "errors",
    "UnknownNameError": "errors",
    "UsageError": "errors",
    "audit": "data",
    "compare": "comparison",
    "draw_feature_maps": "visualization",
    "draw_figure": "reporting",
    "draw_filters": "visualization",
    "draw_weights": "visualization",
    "evaluate": "pipeline",
    "features": "feature_table",
    "from_arrays": "data",
    "from_csv": "data",
    "get_card": "data",
    "list_datasets": "data",
    "list_runs": "run",
    "load_dataset": "data",
    "load_run": "run",
    "parameter_recovery": "recovery",
    "render_report": "reporting",
}

__all__ = [
    "Comparison",
    "CorruptArtifactError",
    "DataError",
    "Dataset",
    "EngineError",
    "FilterImages",
    "FoldContext",
    "FoldError",
    "FoldKey",
    "HarnessError",
    "Progress",
    "ResamplingError",
    "Run",
    "RunStore",
    "StoreError",
    "UnknownNameError",
    "UsageError",
    "__version__",
    "audit",
    "compare",
    "draw_feature_maps",
    "draw_figure",
    "draw_filters",
    "draw_weights",
    "evaluate",
    "features",
    "from_arrays",
    "from_csv",
    "get_card",
    "list_datasets",
    "list_runs",
    "load_dataset",
    "load_run",
    "parameter_recovery",
    "render_report",
]


__getattr__ = lazy_names(__name__, _MODULES)


def __dir__() -> list[str]:
    return __all__
