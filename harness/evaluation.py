"""A plan with Keras at hand: the model's tasks, keys, and what is kept of each fold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import pack
from harness.baseline import baseline_predictions, baseline_strategy
from harness.callback_factory import as_factory, sample_callbacks
from harness.data import audit
from harness.engines import choose_engine
from harness.engines.base import Engine, FoldData, FoldOutcome, FoldTask, Recipe, build_seeded, check_made_anew
from harness.environment import capture
from harness.errors import DataError, FoldError, UsageError
from harness.identity import fold_key, run_id, run_identity
from harness.metrics import Predictions
from harness.plan import Plan
from harness.preprocessing import FoldPreprocessor
from harness.resampling import Split, inner_split
from harness.seeds import FoldKey, FoldSeeds
from harness.statistics.cautions import interval_cautions, procedure_caution
from harness.targets import TargetCodec, codec_for, truth_of

if TYPE_CHECKING:
    import keras

Builder = Callable[[tuple[int, ...]], "keras.Model"]


@dataclass(frozen=True)
class Evaluation:
    """What `evaluate` works with, made from a plan by building the model once.

    Attributes:
        plan: The plan.
        build: Makes a new compiled model for the shape of one example.
        codec: How the model wants its targets.
        recipe: How every fold is trained.
        engine: What trains.
        engine_reason: Why that one.
        identity: What the results depend on.
    """

    plan: Plan
    build: Builder
    codec: TargetCodec
    recipe: Recipe
    engine: Engine
    engine_reason: str
    identity: Mapping[str, Any]

    @classmethod
    def of(cls, plan: Plan) -> Evaluation:
        """Builds the model for the first fold's data and checks that it fits them.

        Raises:
            UsageError: It does not, or the engine asked for cannot train it.
        """
        settings = plan.settings
        build = plan.subject.bound(plan.dataset)
        first = FoldSeeds(plan.seed, FoldKey(0, 0))
        fit, _ = _fit_and_val(plan, plan.splits.splits[0], first)
        x = _first_features(plan, fit, first.transformers)
        model = _first_model(plan, build, x.shape[1:], first.initial_state)
        dataset = plan.dataset
        codec = codec_for(model, dataset.task, dataset.classes, len(dataset.target_names), x.shape[1:])
        factory = as_factory(settings.callbacks) if settings.callbacks else None
        recipe = Recipe(
            epochs=plan.epochs,
            batch_size=plan.batch_size,
            callbacks=factory,
            early_stopping=settings.early_stopping,
            checkpoint=settings.kept_checkpoint,
            widths=codec.widths,
        )
        callbacks = sample_callbacks(factory, plan.epochs, plan.inner_val > 0) if factory else []
        engine, reason = choose_engine(settings.engine, model, recipe, callbacks)
        return cls(plan, build, codec, recipe, engine, reason, run_identity(plan, model, engine.name))

    def run_id(self, attempt: int = 0) -> str:
        """The run's name; a later attempt has its number behind it."""
        name = run_id(dict(self.identity))
        return f"{name}.{attempt}" if attempt else name

    def fold_key(self, key: FoldKey, attempt: int) -> str:
        """The key under which a fold is stored."""
        return fold_key(dict(self.identity), self._split(key), key, attempt)

    def tasks(self, scratch: Path) -> list[FoldTask]:
        """One task for each training, in repeat, fold and seed order.

        Args:
            scratch: An existing folder; each task gets a folder in it.
        """
        return [
            self._task(FoldKey(split.repeat, split.fold, init), scratch)
            for split in self.plan.splits
            for init in range(self.plan.settings.init_seeds)
        ]

    def manifest(self, attempt: int) -> dict[str, Any]:
        """What is stored of the run as a whole."""
        plan = self.plan
        return {
            "identity": {**self.identity, "attempt": attempt},
            "model": plan.subject.name,
            "dataset": plan.dataset.name,
            "task": plan.dataset.task,
            "n": plan.dataset.n,
            "classes": [_plain(label) for label in plan.dataset.classes],
            "target_names": list(plan.dataset.target_names),
            "scheme": plan.splits.scheme,
            "folds": plan.splits.folds,
            "repeats": plan.splits.repeats,
            "seeds": plan.settings.init_seeds,
            "seed": plan.seed,
            "test_ratio": plan.splits.test_ratio,
            "epochs": plan.epochs,
            "batch_size": plan.batch_size,
            "preprocessing": self.identity["preprocessing"],
            "metrics": [metric.name for metric in plan.metrics],
            "custom_metrics": [metric.name for metric in plan.metrics if metric.custom],
            "baseline": self._strategy,
            "codec": {**asdict(self.codec), "classes": None},
            "engine": self.engine.name,
            "engine_reason": self.engine_reason,
            "notes": [*plan.notes, procedure_caution(plan.dataset.n, plan.splits.test_ratio), self.engine_reason],
            "warnings": [*plan.warnings, *_cautions(plan)],
            "environment": capture(),
        }

    def attachments(self) -> dict[str, bytes]:
        """The splits, the true targets and the baseline's predictions."""
        rows: dict[str, NDArray[np.int64]] = {
            f"{side}/{i}": getattr(split, side)
            for i, split in enumerate(self.plan.splits)
            for side in ("train", "test")
        }
        classes = len(self.plan.dataset.classes)
        guesses = baseline_predictions(
            self._truth, self.plan.splits, self.plan.dataset.task, classes, self._strategy
        )
        return {
            "splits.npz": pack(rows),
            "targets.npz": pack({"truth": self._truth}),
            "baseline.npz": pack({str(i): guess for i, guess in enumerate(guesses)}),
        }

    def headline(self, outcome: FoldOutcome) -> str:
        """The fold's score by the first metric, as text.

        Raises:
            FoldError: The outputs cannot be read as predictions.
        """
        values = self.codec.decode(outcome.outputs)
        truth = self._truth[self._split(outcome.key).test]
        metric = self.plan.metrics[0]
        predictions = Predictions(self.plan.dataset.task, truth, values, self.plan.dataset.classes)
        return f"{metric.name} {metric.score(predictions):.4g}"

    def artifacts(self, outcome: FoldOutcome) -> dict[str, Path | bytes]:
        """Files to keep of a fold: its arrays, and what its callbacks wrote."""
        arrays: dict[str, NDArray[Any]] = {
            "outputs": outcome.outputs,
            "rows": self._split(outcome.key).test,
            **{f"history/{name}": np.asarray(values) for name, values in outcome.history.items()},
        }
        return {"result.npz": pack(arrays), **outcome.files}

    def record(self, outcome: FoldOutcome) -> dict[str, Any]:
        """What is stored of a fold beside its files."""
        preferred = ("best.keras", "last.keras") if self.recipe.early_stopping else ("last.keras", "best.keras")
        return {
            "seconds": outcome.seconds,
            "epochs": outcome.epochs,
            "best_epoch": outcome.best_epoch,
            "n_test": len(outcome.outputs),
            "model_file": next((name for name in preferred if name in outcome.files), None),
        }

    def prepare(self, key: FoldKey) -> FoldData:
        """The arrays of one fold: cut, preprocessed and encoded, without test labels.

        Raises:
            DataError: Missing or infinite values reach the network.
            FoldError: A transformer cannot be fitted on the fold.
        """
        plan, split = self.plan, self._split(key)
        seeds = FoldSeeds(plan.seed, key)
        fit, val = _fit_and_val(plan, split, seeds)
        y = plan.dataset.y
        x_train, preprocessor = _features(plan, fit, seeds.transformers)
        return FoldData(
            x_train=x_train,
            y_train=self.codec.encode(y[fit]),
            x_test=preprocessor.transform(_take(plan.dataset.X, split.test)),
            x_val=preprocessor.transform(_take(plan.dataset.X, val)) if len(val) else None,
            y_val=self.codec.encode(y[val]) if len(val) else None,
            sample_weight=self._sample_weight(fit),
        )

    def _task(self, key: FoldKey, scratch: Path) -> FoldTask:
        directory = scratch / "-".join(map(str, key))
        directory.mkdir()
        return FoldTask(key, FoldSeeds(self.plan.seed, key), lambda: self.prepare(key), directory)

    def _sample_weight(self, rows: NDArray[np.int64]) -> NDArray[np.float32] | None:
        weight = self.plan.settings.class_weight
        if weight is None:
            return None
        from sklearn.utils.class_weight import compute_sample_weight

        labels = self.plan.dataset.y[rows]
        return np.asarray(compute_sample_weight(weight, labels), dtype=np.float32)

    @cached_property
    def _truth(self) -> NDArray[Any]:
        return truth_of(self.plan.dataset)

    @cached_property
    def _strategy(self) -> str:
        return baseline_strategy(self.plan.dataset.task, self.plan.metrics[0].name)

    @cached_property
    def _by_key(self) -> dict[tuple[int, int], Split]:
        return {(split.repeat, split.fold): split for split in self.plan.splits}

    def _split(self, key: FoldKey) -> Split:
        return self._by_key[key.repeat, key.fold]


def _first_model(plan: Plan, build: Builder, shape: tuple[int, ...], seed: int) -> keras.Model:
    """A model to look at; what a builder refuses here it refuses for every fold."""
    try:
        model = build_seeded(build, shape, seed)
        if plan.subject.spec is None:
            check_made_anew(model, build_seeded(build, shape, seed))
        return model
    except (FoldError, TypeError, ValueError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise UsageError(f"{plan.subject.name} cannot be built: {reason}") from error


def _fit_and_val(plan: Plan, split: Split, seeds: FoldSeeds) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if plan.inner_val == 0:
        return split.train, split.train[:0]
    dataset = plan.dataset
    return inner_split(split.train, dataset.y, dataset.task, plan.groups, plan.inner_val, seeds.inner_split)


def _first_features(plan: Plan, fit: NDArray[np.int64], seed: int) -> NDArray[np.float32]:
    """The first fold's training rows; refuses data of which any row would not do, before anything is trained."""
    dataset = plan.dataset
    try:
        x, preprocessor = _features(plan, fit, seed)
        preprocessor.transform(dataset.X)
    except (DataError, FoldError, ValueError) as error:
        missing = [f"{each.message} {each.advice}" for each in audit(dataset) if each.code == "missing_values"]
        raise DataError(f"{dataset.name}: {missing[0] if missing else error}") from error
    return x


def _features(plan: Plan, fit: NDArray[np.int64], seed: int) -> tuple[NDArray[np.float32], FoldPreprocessor]:
    dataset = plan.dataset
    preprocessor = FoldPreprocessor(plan.transformers, dataset.categorical, seed, dataset.feature_names)
    try:
        return preprocessor.fit_transform(_take(dataset.X, fit), dataset.y[fit]), preprocessor
    except ValueError as error:
        raise FoldError(f"The preprocessing cannot be fitted: {error}") from error


def _take(X: Any, rows: NDArray[np.int64]) -> Any:
    return X.iloc[rows] if hasattr(X, "iloc") else X[rows]


def _cautions(plan: Plan) -> list[str]:
    smallest = min(plan.dataset.class_counts.values(), default=None)
    return interval_cautions(plan.dataset.n, plan.splits.folds, plan.splits.repeats, smallest)


def _plain(label: Any) -> Any:
    return label.item() if isinstance(label, np.generic) else label
