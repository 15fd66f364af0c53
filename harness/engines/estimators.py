"""The engine for scikit-learn's estimators: each fold fits a clone, on the same rows and judged the same way."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.engines.base import FoldData, FoldFailure, FoldOutcome, FoldTask, Recipe
from harness.errors import FoldError, UsageError
from harness.preprocessing import with_seed
from harness.progress import Progress


class EstimatorEngine:
    """Fits clones of an estimator, one fold after the other.

    Args:
        estimator: A scikit-learn classifier or regressor; it is never changed. What it would draw at random comes
            from the fold's seed, unless it was given a `random_state`.
        classes: Number of classes; 0 for a regressor.
    """

    name = "scikit-learn"

    def __init__(self, estimator: Any, classes: int) -> None:
        self._estimator = estimator
        self._classes = classes

    @property
    def reason(self) -> str:
        """What a run says of the engine."""
        certain = self._classes and not hasattr(self._estimator, "predict_proba")
        how = " It gives no probabilities: what it predicts counts as certain." if certain else ""
        return f"Engine scikit-learn: a clone of the estimator is fitted on each fold.{how}"

    def train(
        self, tasks: Sequence[FoldTask], build: Any, recipe: Recipe, progress: Progress
    ) -> Iterator[FoldOutcome | FoldFailure]:
        """Fits a clone for every task in turn; a fold that fails is yielded as such.

        Args:
            tasks: The folds.
            build: Not used.
            recipe: Whether to predict the inner validation part.
            progress: Not used: a fold has no epochs.

        Yields:
            A `FoldOutcome` without history or files, or a `FoldFailure`, for each task in their order.
        """
        for task in tasks:
            try:
                yield self._fitted(task, recipe)
            except UsageError:
                raise
            except Exception as error:  # a fold may fail in any way; the others go on
                yield FoldFailure(task.key, error)

    def _fitted(self, task: FoldTask, recipe: Recipe) -> FoldOutcome:
        from sklearn.base import clone

        started = time.perf_counter()
        data = task.prepare()
        estimator = with_seed(clone(self._estimator), task.seeds.initial_state)
        estimator.fit(_table(data.x_train), _targets(data.y_train), **_weights(estimator, data))
        outputs = self._outputs(estimator, data.x_test)
        wanted = recipe.predict_validation and data.x_val is not None
        validation = self._outputs(estimator, data.x_val) if wanted else None
        if not np.isfinite(outputs).all():
            raise FoldError("The predictions are not finite")
        seconds = time.perf_counter() - started
        return FoldOutcome(task.key, outputs, {}, None, seconds, val_outputs=validation)

    def _outputs(self, estimator: Any, x: Any) -> NDArray[np.float32]:
        """Probabilities of all classes, those that the training rows do not have included, or numbers."""
        rows = _table(x)
        if not self._classes:
            return np.asarray(estimator.predict(rows), dtype=np.float32).reshape(len(rows), -1)
        outputs = np.zeros((len(rows), self._classes), dtype=np.float32)
        if hasattr(estimator, "predict_proba"):
            outputs[:, np.asarray(estimator.classes_, dtype=int)] = estimator.predict_proba(rows)
        else:
            outputs[np.arange(len(rows)), np.asarray(estimator.predict(rows), dtype=int)] = 1
        return outputs


def _table(x: Any) -> NDArray[np.float32]:
    rows = np.asarray(x)
    return rows.reshape(len(rows), -1)


def _targets(y: NDArray[Any]) -> NDArray[Any]:
    return y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y


def _weights(estimator: Any, data: FoldData) -> dict[str, Any]:
    from sklearn.utils.validation import has_fit_parameter

    if data.sample_weight is None:
        return {}
    if not has_fit_parameter(estimator, "sample_weight"):
        raise UsageError(f"{type(estimator).__name__} takes no weights; leave out class_weight")
    return {"sample_weight": data.sample_weight}
