"""The evaluation of one model, from what the caller asks to a finished run."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, Literal

from harness.data.dataset import Dataset
from harness.errors import EngineError, HarnessError
from harness.evaluation import Evaluation
from harness.garbage import collected_seldom
from harness.memory import memory_since, peak_memory
from harness.plan import Plan, make_plan
from harness.progress import Progress
from harness.run import Run, as_store
from harness.run.kept_scores import SCORES
from harness.settings import Checkpoint, EngineName, GrowingPatience, Settings
from harness.store import OpenRun, RunStore
from harness.training import Training


def evaluate(
    model: str | Callable[..., Any],
    X: Any = None,
    y: Any = None,
    *,
    dataset: Dataset | str | None = None,
    arguments: Mapping[str, Any] | None = None,
    cv: Any = None,
    folds: int | None = None,
    repeats: int | None = None,
    test_size: float | None = None,
    shuffle: bool = True,
    groups: Any = None,
    preprocessing: Any = "default",
    metrics: str | Sequence[Any] | Mapping[str, Any] | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    callbacks: Callable[..., Sequence[Any]] | None = None,
    early_stopping: int | GrowingPatience | Literal["none"] | None = None,
    fine_tune_epochs: int | None = None,
    fine_tune_learning_rate: float | None = None,
    fine_tune_frozen_layers: int | None = None,
    inner_val: float | None = None,
    checkpoint: Checkpoint | None = None,
    class_weight: Literal["balanced"] | Mapping[Any, float] | None = None,
    threshold: str | float | None = None,
    seed: int | None = None,
    init_seeds: int = 1,
    engine: EngineName = "auto",
    augment_copies: int | None = None,
    memory: int | None = None,
    tensorboard: str | PathLike[str] | None = None,
    store: RunStore | str | Path | None = "runs",
    resume: bool = True,
    on_error: Literal["continue", "raise"] = "continue",
    progress: Progress | None = None,
) -> Run:
    """Trains a model on every fold of a data set and judges it on the rows it has not seen.

    What is left as None is what the data set's card (splits, metrics, seed) or the model's recipe (epochs, batch
    size, preprocessing) says. Interrupted, the same call finishes what is left and gives the same bits.

    Args:
        model: A zoo name, "module:function", or a function that returns a new compiled `keras.Model`. It is
            passed `input_shape`, and `classes` or `num_outputs`, where it names them. Or a scikit-learn estimator,
            of which a clone is fitted on each fold.
        X: (n, …) features: a NumPy array, or a pandas DataFrame whose text columns are one-hot encoded inside
            the fold.
        y: (n,) labels of any kind, or (n,) or (n, t) numbers.
        dataset: A `Dataset` or the name of one, in place of `X` and `y`.
        arguments: Keyword arguments of the builder.
        cv: "kfold", "stratified", "group", "stratified_group", "holdout", "leave_one_out", a scikit-learn
            splitter, or a list of (train, test) row numbers.
        folds: Folds in a repeat, at least 2.
        repeats: How often to split anew.
        test_size: Share of test rows of a hold-out split, in (0, 1).
        shuffle: Whether to shuffle the rows before splitting.
        groups: (n,) groups that no split divides, the name of a feature column, or "duplicates" for rows with
            equal features.
        preprocessing: "default" for the model's recipe, None, names ("standardize", "impute", …), or
            scikit-learn transformers; they are fitted on the training rows of each fold.
        metrics: Names, scikit-learn scorers, or a mapping of names to functions `f(y_true, y_pred)`; a pair
            `(function, "minimize")` or `(function, "maximize")` says which way is better, for `compare`.
        epochs: Epochs at most.
        batch_size: Rows in a batch.
        callbacks: Makes the Keras callbacks of one fold; may take a `FoldContext`. They see an inner
            validation part of the training rows, never the test fold.
        early_stopping: Patience in epochs on the inner validation loss, or "geometric" for one in batches that
            grows with progress (`GeometricPatience`, whose best and last iteration the fold keeps in
            `geometric_patience.json`), or "geometric-error" for the same on the share of wrong answers, of a model
            with the metric "accuracy"; the best weights are restored. "none" trains for all epochs, whatever the
            recipe says; without an inner validation part (`inner_val=0`) the recipe stops nothing either.
        fine_tune_epochs: Epochs of a second phase, in which frozen layers are trained too
            (`zoo.fine_tuning.unfreeze`). The callbacks of the first phase go on in it, and the best epoch is that
            of both.
        fine_tune_learning_rate: Step size of the second phase; a tenth of the model's own by default.
        fine_tune_frozen_layers: Layers of the base that stay frozen in the second phase; none by default.
        inner_val: Share of training rows for the inner validation part, in [0, 1); 0.2 where callbacks or a
            threshold need one.
        checkpoint: Weights to keep of each fold: "best", "last", "both" or "none"; the best with early stopping,
            the last otherwise.
        class_weight: "balanced" or a mapping of labels to weights.
        threshold: Of two classes: from which probability on a row is called positive, in (0, 1), or the criterion
            that chooses it in each fold on its inner validation part: "accuracy", "balanced_accuracy", "f1",
            "mcc" or "youden". The most probable class by default.
        seed: Root of all randomness, at least 0.
        init_seeds: Trainings on each split from different initial weights; averaged within the fold.
        engine: "auto", "fit", "vectorized", or "frozen": the outputs of the model's frozen part are computed once
            for each image over all folds, epochs and runs.
        memory: Bytes that the process should not exceed: fewer folds are then trained side by side, with the same
            results.
        augment_copies: Where the model begins with random changes of images and a frozen part: how many versions
            of each training image to make once; the rest of the model is trained on all of them, so that an epoch
            is that many times as long. None: a new version whenever an image is trained on, and nothing is kept.
        tensorboard: Folder for TensorBoard logs, `<folder>/<run>/repeat_0_fold_0` and so on: losses and metrics of
            the training rows and of the inner validation part, the graph, histograms of the weights. Only the fit
            engine logs.
        store: A folder, a `RunStore`, or None for one that is gone when Python ends.
        resume: False trains anew what is already in the store.
        on_error: "continue" trains the other folds when one fails; "raise" stops.
        progress: Told of epochs and folds.

    Returns:
        The finished run. With failed folds it has no mean.

    Raises:
        UsageError: Something cannot be done as asked; nothing was trained.
        FoldError: A fold failed and `on_error` is "raise".

    Example:
        >>> run = evaluate("linear_regression", store=None)  # doctest: +SKIP
        >>> run.summary().loc["r2", "mean"] > 0.99  # doctest: +SKIP
        True
    """
    settings = Settings(
        dataset=dataset,
        arguments=arguments or {},
        cv=cv,
        folds=folds,
        repeats=repeats,
        test_size=test_size,
        shuffle=shuffle,
        groups=groups,
        preprocessing=preprocessing,
        metrics=metrics,
        epochs=epochs,
        batch_size=batch_size,
        callbacks=callbacks,
        early_stopping=early_stopping,
        fine_tune_epochs=fine_tune_epochs,
        fine_tune_learning_rate=fine_tune_learning_rate,
        fine_tune_frozen_layers=fine_tune_frozen_layers,
        inner_val=inner_val,
        checkpoint=checkpoint,
        class_weight=class_weight,
        threshold=threshold,
        seed=seed,
        init_seeds=init_seeds,
        engine=engine,
        augment_copies=augment_copies,
        memory=memory,
        tensorboard=tensorboard,
    )
    plan = make_plan(model, X, y, settings)
    run_store = as_store(store if store is not None else _temporary_folder())
    return carry_out(plan, run_store, resume=resume, on_error=on_error, progress=progress or Progress())


@collected_seldom()
def carry_out(
    plan: Plan, store: RunStore, *, resume: bool = True, on_error: str = "continue", progress: Progress
) -> Run:
    """Trains what a plan says and is not in the store yet.

    Args:
        plan: As `make_plan` made it.
        store: Where finished folds are looked for and put.
        resume: False trains all of it anew, as a further attempt beside the earlier ones.
        on_error: "continue" or "raise".
        progress: Told of epochs and folds.

    Raises:
        UsageError: The model does not fit the data, or the store cannot be used.
        FoldError: A fold failed and `on_error` is "raise".
    """
    try:
        return _carry_out(Evaluation.of(plan), store, resume, on_error, progress)
    except EngineError as error:
        if plan.settings.engine != "auto":
            raise
        progress.message(f"{error}; going on with engine fit")
        plan = replace(plan, settings=replace(plan.settings, engine="fit"))
        reason = f"Engine fit: model.fit on one fold after the other, for another engine failed: {error}."
        evaluation = replace(Evaluation.of(plan), engine_reason=reason)
        return _carry_out(evaluation, store, resume, on_error, progress)


def _carry_out(evaluation: Evaluation, store: RunStore, resume: bool, on_error: str, progress: Progress) -> Run:
    plan = evaluation.plan
    started, memory = time.perf_counter(), peak_memory()
    attempt = 0 if resume else _next_attempt(store, evaluation.run_id())
    run_id = evaluation.run_id(attempt)
    evaluation = evaluation.logging_as(run_id)
    earlier = _earlier_seconds(store, run_id)
    with store.open_run(run_id, evaluation.manifest(attempt)) as open_run, _scratch() as scratch:
        for name, content in evaluation.attachments().items():
            open_run.attach(name, content)
        tasks = evaluation.tasks(scratch)
        training = Training(evaluation, open_run, attempt, on_error, progress)
        pending, adopted = training.adopt(tasks)
        before = adopted if earlier is None else earlier
        progress.run_started(
            plan.subject.name, plan.dataset.name, len(tasks), len(tasks) - len(pending), plan.epochs
        )
        try:
            training.train(pending)
        except BaseException as error:
            failed = isinstance(error, HarnessError)
            seconds = before + time.perf_counter() - started
            # Where another engine goes on, nothing of this one is left behind.
            falls_back = isinstance(error, EngineError) and plan.settings.engine == "auto"
            if not (falls_back and open_run.discard()):
                open_run.finish("failed" if failed else "interrupted", {}, seconds)
            raise
        finally:
            progress.run_finished()
        run = Run(store.load(open_run.run_id), plan.metrics, training.scores)
        trained = memory_since(memory) if pending else None
        return _finished(run, store, open_run, before, started, trained)


def _earlier_seconds(store: RunStore, run_id: str) -> float | None:
    """Wall time of what was done of a run before; None where it was killed before it could say."""
    return next((info.seconds for info in store.list_runs(run_id) if info.run_id == run_id), None)


def _finished(
    run: Run,
    store: RunStore,
    open_run: OpenRun,
    before: float,
    started: float,
    memory: Mapping[str, int] | None,
) -> Run:
    summary = run.to_dict()["metrics"]
    open_run.attach(SCORES, run.packed_scores())
    seconds = before + time.perf_counter() - started
    open_run.finish("failed" if run.n_failed else "finished", summary, seconds, memory)
    finished = Run(store.load(open_run.run_id), run.metrics)
    finished.warnings += open_run.warnings
    return finished


def _next_attempt(store: RunStore, run_id: str) -> int:
    taken = {info.run_id for info in store.list_runs(f"{run_id}*")}
    attempt = 0
    while (run_id if attempt == 0 else f"{run_id}.{attempt}") in taken:
        attempt += 1
    return attempt


@contextmanager
def _scratch() -> Iterator[Path]:
    """A folder for what callbacks write while a fold trains; nothing in it outlives the run."""
    with tempfile.TemporaryDirectory(prefix="harness-") as folder:
        yield Path(folder)


def _temporary_folder() -> Path:
    import atexit

    folder = tempfile.mkdtemp(prefix="harness-runs-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
