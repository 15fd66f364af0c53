"""The plan of an evaluation: everything decided before anything is trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harness.data import audit, duplicate_groups, from_arrays, load_dataset
from harness.data.dataset import Dataset
from harness.data.group_column import take_group_column
from harness.errors import DataError, ResamplingError, UsageError
from harness.metrics import Metric, check_metric, default_metrics, resolve_metrics
from harness.preprocessing import resolve_transformers
from harness.resampling import Resampling, Splits, custom_splits, predefined_splits
from harness.settings import Settings
from harness.subject import Subject, resolve_subject
from harness.targets import truth_of
from harness.validation_part import has_validation_part, inner_share, threshold_notes, validation_part

if TYPE_CHECKING:
    from harness.data.cards import EvaluationProtocol

_GROUPED = {"kfold": "group", "stratified": "stratified_group"}


@dataclass(frozen=True)
class Plan:
    """What will be trained, on which rows, and how it will be judged.

    Attributes:
        subject: The model.
        dataset: The data.
        splits: Train and test rows of every fold.
        groups: (n,) groups that no split divides, or None.
        transformers: Unfitted scikit-learn transformers.
        metrics: The first is the headline.
        epochs: Epochs at most.
        batch_size: Rows in a batch.
        seed: Root of all randomness.
        inner_val: Share of training rows that callbacks may watch; 0 for none.
        settings: As asked for, with the recipe's early stopping where nothing was said of it.
        notes: What the reader of the result should know.
        warnings: What the reader should worry about, with what to do.
    """

    subject: Subject
    dataset: Dataset
    splits: Splits
    groups: NDArray[Any] | None
    transformers: Sequence[Any]
    metrics: tuple[Metric, ...]
    epochs: int
    batch_size: int
    seed: int
    inner_val: float
    settings: Settings
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())

    @property
    def trainings(self) -> int:
        """How many networks will be trained."""
        return len(self.splits) * self.settings.init_seeds

    @property
    def has_validation_part(self) -> bool:
        """Whether the inner validation part is the one that the data come with."""
        return has_validation_part(self.dataset, self.splits, self.settings)


def make_plan(
    model: str | Callable[..., Any], X: Any = None, y: Any = None, settings: Settings | None = None
) -> Plan:
    """Decides everything about an evaluation; trains nothing and imports no Keras.

    Args:
        model: A zoo name, "module:function", or a builder.
        X: (n, …) features, where no data set is named.
        y: (n,) or (n, t) targets.
        settings: What is asked for.

    Raises:
        UsageError: Something cannot be done as asked; nothing was trained.

    Example:
        >>> plan = make_plan("sonar_dropout", settings=Settings(folds=5))
        >>> len(plan.splits), plan.epochs, plan.metrics[0].name
        (5, 300, 'accuracy')
    """
    settings = settings or Settings()
    subject = resolve_subject(model, settings.arguments)
    dataset = _dataset(subject, X, y, settings)
    _check_task(subject, dataset)
    if subject.estimator is not None:
        _check_for_estimator(settings)
    settings = settings.with_recipe(subject.spec.early_stopping if subject.spec else None)
    dataset, groups = _grouped(settings.groups if X is None else None, dataset)
    seed = _seed(settings, dataset)
    splits = _splits(settings, dataset, groups, seed)
    epochs = _from_recipe("epochs", settings.epochs, subject)
    given = has_validation_part(dataset, splits, settings)
    inner_val, inner_notes = inner_share(settings, epochs, given)
    _check_class_weight(settings, dataset)
    label_notes = threshold_notes(settings, dataset, validation_part(inner_val, given))
    findings = audit(dataset)
    return Plan(
        subject=subject,
        dataset=dataset,
        splits=splits,
        groups=groups,
        transformers=_transformers(settings, subject),
        metrics=_metrics(settings, dataset),
        epochs=epochs,
        batch_size=_from_recipe("batch_size", settings.batch_size, subject),
        seed=seed,
        inner_val=inner_val,
        settings=settings,
        notes=(*_recipe_notes(subject), *dataset.notes, *splits.notes, *inner_notes, *label_notes),
        warnings=tuple(f"{finding.code}: {finding.message} {finding.advice}" for finding in findings),
    )


def _dataset(subject: Subject, X: Any, y: Any, settings: Settings) -> Dataset:
    if (X is None) != (y is None):
        raise UsageError("X and y go together. Received only one of them")
    if X is not None:
        if settings.dataset is not None:
            raise UsageError("Pass either X and y or a dataset. Received: both")
        return from_arrays(X, y, groups=settings.groups)
    if isinstance(settings.dataset, Dataset):
        return settings.dataset
    name = settings.dataset or (subject.spec.dataset if subject.spec else None)
    if name is None:
        raise UsageError(f"'{subject.name}' has no data set of its own; pass X and y, or dataset")
    return load_dataset(name, default_image_size=subject.spec.image_size if subject.spec else None)


def _check_task(subject: Subject, dataset: Dataset) -> None:
    if subject.spec is not None and dataset.task not in subject.spec.tasks:
        raise UsageError(
            f"'{subject.name}' is a model for {' or '.join(subject.spec.tasks)}. "
            f"Received: '{dataset.name}', a {dataset.task} data set"
        )


def _check_for_estimator(settings: Settings) -> None:
    for name in ("epochs", "batch_size", "callbacks", "early_stopping", "checkpoint", "tensorboard"):
        if getattr(settings, name) is not None:
            raise UsageError(f"{name} is for networks. Received: it and a scikit-learn estimator; leave it out")


def _check_class_weight(settings: Settings, dataset: Dataset) -> None:
    weight = settings.class_weight
    if weight is None:
        return
    if dataset.task == "regression":
        raise UsageError(f"class_weight is for classification. Received: '{dataset.name}', a regression data set")
    if isinstance(weight, str):
        if weight != "balanced":
            raise UsageError(f"class_weight is 'balanced' or a mapping of labels to weights. Received: {weight!r}")
        return
    for label in weight:
        if label not in dataset.classes:
            raise UsageError(
                f"class_weight names {label!r}, which is no label of '{dataset.name}'. "
                f"Labels: {', '.join(map(repr, dataset.classes))}"
            )


def _protocol(dataset: Dataset) -> EvaluationProtocol | None:
    return dataset.card.protocol if dataset.card is not None else None


def _grouped(groups: Any, dataset: Dataset) -> tuple[Dataset, NDArray[Any] | None]:
    """The groups, and the data without the column that names them."""
    if groups is None:
        return dataset, dataset.groups
    if isinstance(groups, str):
        if groups == "duplicates":
            return dataset, duplicate_groups(dataset.X)
        dataset = take_group_column(dataset, groups)
        return dataset, dataset.groups
    array = np.asarray(groups)
    if array.shape != (dataset.n,):
        raise DataError(f"groups needs one entry a row, shape ({dataset.n},). Received: shape {array.shape}")
    return dataset, array


def _seed(settings: Settings, dataset: Dataset) -> int:
    if settings.seed is not None:
        return settings.seed
    protocol = _protocol(dataset)
    return protocol.seed if protocol is not None else 0


def _splits(settings: Settings, dataset: Dataset, groups: NDArray[Any] | None, seed: int) -> Splits:
    cv = settings.cv
    if cv is not None and not isinstance(cv, str):
        return custom_splits(cv, dataset.X, dataset.y, groups)
    protocol = _protocol(dataset)
    defaults = {} if protocol is None else protocol.model_dump()
    chosen = {
        name: value if (value := getattr(settings, name)) is not None else defaults.get(name)
        for name in ("folds", "repeats", "test_size")
    }
    scheme = cv.replace("-", "_") if cv else _default_scheme(dataset, defaults.get("cv"), groups is not None)
    if scheme == "predefined":
        return _predefined(settings, dataset, groups)
    if scheme in {"holdout", "leave_one_out"} and settings.repeats is None:
        chosen["repeats"] = 1
    settled = {name: value for name, value in chosen.items() if value is not None}
    resampling = Resampling(scheme, shuffle=settings.shuffle, seed=seed, **settled)
    return resampling.split(dataset.y, dataset.task, groups)


def _predefined(settings: Settings, dataset: Dataset, groups: NDArray[Any] | None) -> Splits:
    asked = [name for name in ("folds", "repeats", "test_size") if getattr(settings, name) not in (None, 1)]
    if asked or groups is not None:
        raise ResamplingError(
            f"'{dataset.name}' comes with a split of its own, which leaves no room for {(*asked, 'groups')[0]}; "
            "name another scheme, such as cv='stratified'"
        )
    return predefined_splits(dataset.parts)


def _default_scheme(dataset: Dataset, on_card: str | None, grouped: bool) -> str:
    scheme = on_card or ("kfold" if dataset.task == "regression" else "stratified")
    return _GROUPED.get(scheme, scheme) if grouped else scheme


def _transformers(settings: Settings, subject: Subject) -> list[Any]:
    if not isinstance(settings.preprocessing, str) or settings.preprocessing != "default":
        return resolve_transformers(settings.preprocessing)
    return resolve_transformers(list(subject.spec.preprocessing) if subject.spec else None)


def _metrics(settings: Settings, dataset: Dataset) -> tuple[Metric, ...]:
    protocol = _protocol(dataset)
    on_card = tuple(protocol.metrics) if protocol is not None else ()
    asked = settings.metrics if settings.metrics is not None else on_card or default_metrics(dataset.task)
    metrics = resolve_metrics(asked, dataset.task, dataset.target_names)
    for metric in metrics:
        check_metric(metric, dataset.task, truth_of(dataset), dataset.classes)
    return metrics


def _from_recipe(name: str, value: int | None, subject: Subject) -> int:
    if subject.estimator is not None:
        return 1
    if value is not None:
        return value
    if subject.spec is not None:
        return int(getattr(subject.spec, name))
    if name == "batch_size":
        return 32
    raise UsageError(f"'{subject.name}' has no recipe; say how long to train it: epochs")


def _recipe_notes(subject: Subject) -> tuple[str, ...]:
    """What the zoo advises, unless the caller has changed the arguments that it is about."""
    spec = subject.spec
    if spec is None or spec.advice is None:
        return ()
    kept = all(subject.arguments.get(name) == value for name, value in spec.arguments.items())
    return (spec.advice,) if kept else ()
