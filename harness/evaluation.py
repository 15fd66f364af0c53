"""A plan with Keras at hand: the model's tasks, keys, and what is kept of each fold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harness import xla
from harness.arrays import pack
from harness.baseline import baseline_predictions, baseline_strategy
from harness.callback_factory import as_factory, sample_callbacks
from harness.data.dataset import is_images
from harness.engines import choose_engine
from harness.engines.base import Engine, FoldData, FoldOutcome, FoldTask, Recipe
from harness.engines.builds import Origin, build_seeded, check_made_anew
from harness.engines.kept_files import MEAN_IMAGE
from harness.errors import DataError, EngineError, FoldError, UsageError
from harness.fold_rows import features, first_features, fit_and_val, take
from harness.identity import fold_key, run_id, run_identity
from harness.manifest import run_manifest
from harness.metrics import Metric, Predictions
from harness.plan import Plan
from harness.resampling import Split
from harness.seeds import FoldKey, FoldSeeds
from harness.targets import TargetCodec, codec_for, truth_of
from harness.thresholds import Choices, applied_threshold, choices, is_chosen
from harness.training_logs import TrainingLogs

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
        logs: Where folds log to for TensorBoard, or None.
    """

    plan: Plan
    build: Builder
    codec: TargetCodec
    recipe: Recipe
    engine: Engine
    engine_reason: str
    identity: Mapping[str, Any]
    logs: TrainingLogs | None = None

    @classmethod
    def of(cls, plan: Plan) -> Evaluation:
        """Builds the model for the first fold's data and checks that it fits them.

        Raises:
            UsageError: It does not, or the engine asked for cannot train it.
        """
        if plan.subject.estimator is not None:
            return cls._of_estimator(plan)
        xla.set_up()
        with xla.settling():
            return cls._of_network(plan)

    @classmethod
    def _of_network(cls, plan: Plan) -> Evaluation:
        settings = plan.settings
        build = plan.subject.bound(plan.dataset)
        first = FoldSeeds(plan.seed, FoldKey(0, 0))
        fit, _ = fit_and_val(plan, plan.splits.splits[0], first)
        x = first_features(plan, fit, first.transformers)
        model = _first_model(plan, build, x.shape[1:], first.initial_state)
        dataset = plan.dataset
        codec = codec_for(model, dataset.task, dataset.classes, len(dataset.target_names), x.shape[1:])
        factory = as_factory(settings.callbacks) if settings.callbacks else None
        logs = TrainingLogs(Path(settings.tensorboard), factory) if settings.tensorboard is not None else None
        factory = logs.callbacks if logs else factory
        recipe = Recipe(
            epochs=plan.epochs,
            batch_size=plan.batch_size,
            callbacks=factory,
            early_stopping=settings.stopping,
            fine_tune_epochs=settings.fine_tune_epochs,
            fine_tune_learning_rate=settings.fine_tune_learning_rate,
            fine_tune_frozen_layers=settings.fine_tune_frozen_layers or 0,
            checkpoint=settings.kept_checkpoint,
            widths=codec.widths,
            streamed=is_images(x),
            preprocessed=bool(plan.transformers or dataset.categorical),
            augment_copies=settings.augment_copies,
            memory=settings.memory,
            predict_validation=is_chosen(settings.threshold),
        )
        callbacks = sample_callbacks(factory, plan.epochs, plan.inner_val > 0) if factory else []
        origin = Origin(x.shape[1:], first.initial_state)
        engine, reason = choose_engine(settings.engine, model, recipe, callbacks, dataset.n, origin=origin)
        return cls(plan, build, codec, recipe, engine, reason, run_identity(plan, model, engine.name), logs)

    @classmethod
    def _of_estimator(cls, plan: Plan) -> Evaluation:
        """The evaluation of a scikit-learn estimator: nothing is built, and a fold has no epochs."""
        from harness.engines.estimators import EstimatorEngine

        dataset, first = plan.dataset, FoldSeeds(plan.seed, FoldKey(0, 0))
        fit, _ = fit_and_val(plan, plan.splits.splits[0], first)
        first_features(plan, fit, first.transformers)
        widths = (len(dataset.classes) or len(dataset.target_names),)
        codec = TargetCodec(dataset.task, dataset.classes, one_hot=False, from_logits=False, widths=widths)
        recipe = Recipe(1, 1, checkpoint="none", predict_validation=is_chosen(plan.settings.threshold))
        engine = EstimatorEngine(plan.subject.estimator, len(dataset.classes))
        identity = run_identity(plan, None, engine.name)
        return cls(plan, _build_nothing, codec, recipe, engine, engine.reason, identity)

    def logging_as(self, run_id: str) -> Evaluation:
        """The same evaluation, its folds logging to the folder of a run where logs are asked for.

        Raises:
            UsageError: The folder cannot be made.
        """
        if self.logs is None:
            return self
        logs = self.logs.of_run(run_id)
        logs.make_folder()
        return replace(self, logs=logs, recipe=replace(self.recipe, callbacks=logs.callbacks))

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
        identity = {**self.identity, "attempt": attempt}
        return run_manifest(self.plan, self.codec, identity, self._strategy, self.engine.name, self.engine_reason)

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

    def scores(self, outcome: FoldOutcome) -> dict[Metric, float]:
        """The fold's score by each metric.

        Raises:
            FoldError: The outputs cannot be read as predictions.
            EngineError: The engine has not predicted the inner validation part.
        """
        plan, values = self.plan, self.codec.decode(outcome.outputs)
        truth = self._truth[self._split(outcome.key).test]
        threshold = applied_threshold(plan.settings.threshold, self._thresholds(outcome))
        predictions = Predictions(plan.dataset.task, truth, values, plan.dataset.classes, threshold)
        return {metric: metric.score(predictions) for metric in plan.metrics}

    def artifacts(self, outcome: FoldOutcome) -> dict[str, Path | bytes]:
        """Files to keep of a fold: its arrays, and what its callbacks wrote."""
        arrays: dict[str, NDArray[Any]] = {
            "outputs": outcome.outputs,
            "rows": self._split(outcome.key).test,
            **self._validation_arrays(outcome),
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
            "thresholds": self._thresholds(outcome),
            "model_file": next((name for name in preferred if name in outcome.files), None),
        }

    def prepare(self, key: FoldKey, directory: Path | None = None) -> FoldData:
        """The arrays of one fold: cut, preprocessed and encoded, without test labels.

        Args:
            key: The fold.
            directory: Where to leave what its saved model needs besides itself, the mean image that is subtracted.

        Raises:
            DataError: Missing or infinite values reach the network, or there is nothing to choose a threshold on.
            FoldError: A transformer cannot be fitted on the fold.
        """
        plan, split = self.plan, self._split(key)
        seeds = FoldSeeds(plan.seed, key)
        fit, val = fit_and_val(plan, split, seeds)
        self._check_both_classes(key, val)
        y = plan.dataset.y
        x_train, preprocessor = features(plan, fit, seeds.transformers)
        if directory is not None and preprocessor.mean_image is not None:
            np.save(directory / MEAN_IMAGE, preprocessor.mean_image)
        return FoldData(
            x_train=x_train,
            y_train=self.codec.encode(y[fit]),
            x_test=preprocessor.transform(take(plan.dataset.X, split.test)),
            x_val=preprocessor.transform(take(plan.dataset.X, val)) if len(val) else None,
            y_val=self.codec.encode(y[val]) if len(val) else None,
            sample_weight=self._sample_weight(fit),
        )

    def _task(self, key: FoldKey, scratch: Path) -> FoldTask:
        directory = scratch / "-".join(map(str, key))
        directory.mkdir()
        return FoldTask(key, FoldSeeds(self.plan.seed, key), lambda: self.prepare(key, directory), directory)

    def _check_both_classes(self, key: FoldKey, val: NDArray[np.int64]) -> None:
        if self.recipe.predict_validation and len(np.unique(self._truth[val])) < 2:
            raise DataError(
                f"threshold='{self.plan.settings.threshold}' is chosen between two classes. Received: an inner "
                f"validation part with one only, {len(val)} rows in {key}; use a greater inner_val"
            )

    def _thresholds(self, outcome: FoldOutcome) -> Choices | None:
        """What each criterion chooses on the inner validation part; None where no choice was asked for."""
        if not self.recipe.predict_validation:
            return None
        if outcome.val_outputs is None:
            raise EngineError(f"The engine '{self.engine.name}' does not predict the inner validation part")
        return choices(self._truth[self._val_rows(outcome.key)], self.codec.decode(outcome.val_outputs)[:, 1])

    def _validation_arrays(self, outcome: FoldOutcome) -> dict[str, NDArray[Any]]:
        """What the threshold was chosen from, so that the choice can be looked into."""
        if outcome.val_outputs is None:
            return {}
        return {"val_outputs": outcome.val_outputs, "val_rows": self._val_rows(outcome.key)}

    def _val_rows(self, key: FoldKey) -> NDArray[np.int64]:
        return fit_and_val(self.plan, self._split(key), FoldSeeds(self.plan.seed, key))[1]

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


def _build_nothing(shape: tuple[int, ...]) -> keras.Model:
    raise EngineError("An estimator is no network")


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
