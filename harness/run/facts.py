"""What a run is of, and what came of it: the plain facts that its store keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.run.results import Results
from harness.seeds import FoldKey
from harness.store import StoredRun


class Facts:
    """The part of `Run` that its manifest tells."""

    _stored: StoredRun
    _results: Results
    _manifest: Mapping[str, Any]

    @property
    def manifest(self) -> Mapping[str, Any]:
        """What was stored of the run as a whole: identity, protocol, recipe, environment; plain JSON values."""
        return self._manifest

    @property
    def stored(self) -> StoredRun:
        """The run as its store keeps it: fold records, files, attachments."""
        return self._stored

    @property
    def id(self) -> str:
        """The run's name in its store."""
        return self._stored.run_id

    @property
    def model(self) -> str:
        """Name of the model."""
        return str(self._manifest["model"])

    @property
    def dataset(self) -> str:
        """Name of the data set."""
        return str(self._manifest["dataset"])

    @property
    def task(self) -> str:
        """ "binary", "multiclass" or "regression"."""
        return str(self._manifest["task"])

    @property
    def n(self) -> int:
        """Rows of the data set."""
        return int(self._manifest["n"])

    @property
    def train_rows(self) -> float:
        """Rows of a training part, the mean over folds."""
        # Runs of earlier versions lack it; their folds train on all that they do not test.
        return float(self._manifest.get("train_rows", self.n / (1 + self._manifest["test_ratio"])))

    @property
    def test_rows(self) -> float:
        """Rows of a test part, the mean over folds."""
        return float(self._manifest.get("test_rows", self.n - self.train_rows))

    @property
    def folds(self) -> int:
        """Folds in a repeat."""
        return int(self._manifest["folds"])

    @property
    def repeats(self) -> int:
        """How often the rows were split anew."""
        return int(self._manifest["repeats"])

    @property
    def seeds(self) -> int:
        """Trainings on each split, from different initial weights."""
        return int(self._manifest["seeds"])

    @property
    def seed(self) -> int:
        """Root of all randomness."""
        return int(self._manifest["seed"])

    @property
    def engine(self) -> str:
        """What trained the folds: "fit" or "vectorized"."""
        return str(self._manifest["engine"])

    @property
    def classes(self) -> tuple[Any, ...]:
        """Original labels in scikit-learn's order, () for regression."""
        return self._results.classes

    @property
    def seconds(self) -> float:
        """Wall time of training and evaluation, over every sitting it took."""
        return float(self._stored.seconds or 0.0)

    @property
    def memory(self) -> dict[str, int]:
        """The "peak" of the process that trained it and its "growth" while it did, in bytes; {} where unknown."""
        return dict(self._stored.memory)

    @property
    def notes(self) -> list[str]:
        """What the reader should know of how the run was made."""
        return list(self._manifest["notes"])

    @property
    def failures(self) -> dict[FoldKey, str]:
        """The folds that could not be trained, and why."""
        return {FoldKey(*key): error for key, error in self._stored.failures.items()}

    @property
    def n_failed(self) -> int:
        """How many trainings failed."""
        return len(self._stored.failures)
