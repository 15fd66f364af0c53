"""The evaluation of one model, from what the caller asks to a finished run."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from harness.data.dataset import Dataset
from harness.errors import EngineError, FoldError, HarnessError
from harness.evaluation import Evaluation
from harness.plan import Plan, make_plan
from harness.progress import Progress
from harness.run import Run, as_store
from harness.seeds import FoldKey
from harness.settings import Checkpoint, EngineName, Settings
from harness.store import OpenRun, RunStore

if TYPE_CHECKING:
    from harness.engines.base import FoldOutcome, FoldTask


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
    early_stopping: int | None = None,
    inner_val: float | None = None,
    checkpoint: Checkpoint | None = None,
    class_weight: Literal["balanced"] | Mapping[Any, float] | None = None,
    seed: int | None = None,
    init_seeds: int = 1,
    engine: EngineName = "auto",
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
            passed `input_shape`, and `classes` or `num_outputs`, where it names them.
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
        metrics: Names, scikit-learn scorers, or a mapping of names to functions `f(y_true, y_pred)`.
        epochs: Epochs at most.
        batch_size: Rows in a batch.
        callbacks: Makes the Keras callbacks of one fold; may take a `FoldContext`. They see an inner
            validation part of the training rows, never the test fold.
        early_stopping: Patience in epochs on the inner validation loss; the best weights are restored.
        inner_val: Share of training rows for the inner validation part, in [0, 1); 0.2 where callbacks need one.
        checkpoint: Weights to keep of each fold: "best", "last", "both" or "none"; the best with early stopping,
            the last otherwise.
        class_weight: "balanced" or a mapping of labels to weights.
        seed: Root of all randomness, at least 0.
        init_seeds: Trainings on each split from different initial weights; averaged within the fold.
        engine: "auto", "fit" or "vectorized".
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
        inner_val=inner_val,
        checkpoint=checkpoint,
        class_weight=class_weight,
        seed=seed,
        init_seeds=init_seeds,
        engine=engine,
    )
    plan = make_plan(model, X, y, settings)
    run_store = as_store(store if store is not None else _temporary_folder())
    return carry_out(plan, run_store, resume=resume, on_error=on_error, progress=progress or Progress())


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
        return _carry_out(Evaluation.of(plan), store, resume, on_error, progress)


def _carry_out(evaluation: Evaluation, store: RunStore, resume: bool, on_error: str, progress: Progress) -> Run:
    plan = evaluation.plan
    started = time.perf_counter()
    attempt = 0 if resume else _next_attempt(store, evaluation.run_id())
    run_id = evaluation.run_id(attempt)
    earlier = _earlier_seconds(store, run_id)
    with store.open_run(run_id, evaluation.manifest(attempt)) as open_run, _scratch() as scratch:
        for name, content in evaluation.attachments().items():
            open_run.attach(name, content)
        tasks = evaluation.tasks(scratch)
        pending, adopted = _adopt_finished(evaluation, open_run, tasks, attempt)
        before = adopted if earlier is None else earlier
        progress.run_started(
            plan.subject.name, plan.dataset.name, len(tasks), len(tasks) - len(pending), plan.epochs
        )
        try:
            _train(evaluation, open_run, pending, attempt, on_error, progress)
        except BaseException as error:
            failed = isinstance(error, HarnessError)
            seconds = before + time.perf_counter() - started
            open_run.finish("failed" if failed else "interrupted", {}, seconds)
            raise
        finally:
            progress.run_finished()
        return _finished(evaluation, store, open_run, before, started)


def _earlier_seconds(store: RunStore, run_id: str) -> float | None:
    """Wall time of what was done of a run before; None where it was killed before it could say."""
    return next((info.seconds for info in store.list_runs(run_id) if info.run_id == run_id), None)


def _finished(evaluation: Evaluation, store: RunStore, open_run: OpenRun, before: float, started: float) -> Run:
    run = Run(store.load(open_run.run_id), evaluation.plan.metrics)
    summary = run.to_dict()["metrics"]
    seconds = before + time.perf_counter() - started
    open_run.finish("failed" if run.n_failed else "finished", summary, seconds)
    finished = Run(store.load(open_run.run_id), evaluation.plan.metrics)
    finished.warnings += open_run.warnings
    return finished


def _adopt_finished(
    evaluation: Evaluation, open_run: OpenRun, tasks: Sequence[FoldTask], attempt: int
) -> tuple[list[FoldTask], float]:
    """Takes over the folds that are in the store; returns the others and the seconds the first ones took."""
    pending, seconds = [], 0.0
    for task in tasks:
        found = open_run.find(evaluation.fold_key(task.key, attempt))
        if found is None:
            pending.append(task)
        else:
            open_run.adopt(task.key, found)
            seconds += float(found.record["seconds"])
    return pending, seconds


def _train(
    evaluation: Evaluation,
    open_run: OpenRun,
    tasks: Sequence[FoldTask],
    attempt: int,
    on_error: str,
    progress: Progress,
) -> None:
    from harness.engines.base import FoldFailure

    if not tasks:
        return
    for result in evaluation.engine.train(tasks, evaluation.build, evaluation.recipe, progress):
        if isinstance(result, FoldFailure):
            _fail(result.key, result.error, open_run, on_error, progress)
            continue
        try:
            score = evaluation.headline(result)
        except FoldError as error:
            _fail(result.key, error, open_run, on_error, progress)
            continue
        _commit(evaluation, open_run, result, attempt)
        progress.fold_finished(str(result.key), result.seconds, score)


def _commit(evaluation: Evaluation, open_run: OpenRun, outcome: FoldOutcome, attempt: int) -> None:
    unique_key = evaluation.fold_key(outcome.key, attempt)
    artifacts = evaluation.artifacts(outcome)
    open_run.commit(outcome.key, unique_key, evaluation.record(outcome), artifacts)


def _fail(key: FoldKey, error: Exception, open_run: OpenRun, on_error: str, progress: Progress) -> None:
    message = f"{type(error).__name__}: {error}".splitlines()[0]
    open_run.fail(key, message)
    progress.fold_finished(str(key), 0.0, f"failed: {message}")
    if on_error == "raise":
        raise FoldError(f"{key} failed: {message}") from error


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
