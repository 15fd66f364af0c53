"""From what a caller names to finished runs: runs are loaded, models are evaluated."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import zoo
from harness.errors import UnknownNameError, UsageError
from harness.run import Run, list_runs, load_run
from harness.store import RunStore

Store = RunStore | str | Path | None


class NamedRun(NamedTuple):
    """A run, and the caller's name for it where there is one."""

    name: str | None
    run: Run


def gather(
    models: Iterable[Any] | Mapping[str, Any],
    store: Store,
    settings: Mapping[str, Any],
    variants: Mapping[str, Sequence[Any]] | None = None,
) -> list[NamedRun]:
    """Finds or makes the run of every model.

    Args:
        models: As of `compare`.
        store: Where runs are looked for and put.
        settings: Keyword arguments of `evaluate`; "dataset" may be a list.
        variants: Arguments of the builder with the values of each, as of `compare`.

    Raises:
        UnknownNameError: Neither a model nor a run.
    """
    if isinstance(models, str) or callable(models):
        models = [models]
    named = models.items() if isinstance(models, Mapping) else [(None, model) for model in models]
    found = [
        NamedRun(_named(name, arguments), run)
        for name, model in named
        for subject in expand(model, store)
        for arguments in ([{}] if isinstance(subject, Run) else grid(variants or {}))
        for run in _runs(subject, store, _with_arguments(settings, arguments))
    ]
    return list({(each.name, each.run.id): each for each in found}.values())


def grid(values: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Every combination of arguments, the last one varying fastest.

    Args:
        values: For each argument its values.

    Raises:
        UsageError: Something else than a list of values, or an empty one.

    Example:
        >>> grid({"rate": [0.2, 0.5], "units": [60]})
        [{'rate': 0.2, 'units': 60}, {'rate': 0.5, 'units': 60}]
    """
    for name, several in values.items():
        if not isinstance(several, list | tuple) or not several:
            raise UsageError(f"variants needs a list of values for '{name}'. Received: {several!r}")
    return [dict(zip(values, combination, strict=True)) for combination in itertools.product(*values.values())]


def _with_arguments(settings: Mapping[str, Any], arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**settings, "arguments": {**(settings.get("arguments") or {}), **arguments}} if arguments else settings


def _named(name: str | None, arguments: Mapping[str, Any]) -> str | None:
    """The caller's name for a variant of what it names."""
    inside = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
    return f"{name}({inside})" if name and inside else name


def with_baseline(
    asked: Any, named: Sequence[NamedRun], store: Store, settings: Mapping[str, Any]
) -> tuple[list[NamedRun], NamedRun]:
    """Finds the baseline among the runs, or else in the store, or else evaluates it.

    Args:
        asked: As of `compare`.
        named: The runs that are compared.
        store: Where runs are looked for and put.
        settings: As of `gather`.

    Returns:
        All runs, the baseline's included, and the baseline's on one of the data sets.

    Raises:
        UsageError: It stands for several models, or for several runs on one data set.
        UnknownNameError: Nothing has that name.
    """
    if isinstance(asked, str) and (found := run_named(asked, named)) is not None:
        return list(named), found
    subjects = expand(asked, store)
    check_one_model(asked, subjects)
    if isinstance(subjects[0], str) and (found := run_named(subjects[0], named)) is not None:
        return list(named), found
    known = {each.run.id: each for each in named}
    meant = gather(subjects, store, settings)
    added = [each for each in meant if each.run.id not in known]
    return [*named, *added], known.get(meant[0].run.id, meant[0])


def check_one_model(asked: Any, subjects: Sequence[Any]) -> None:
    """Refuses a baseline that stands for several.

    Args:
        asked: What was asked for.
        subjects: What it stands for, as `expand` gives it.

    Raises:
        UsageError: Several models, or several runs on one data set.
    """
    runs = [each for each in subjects if isinstance(each, Run)]
    models = {each.model if isinstance(each, Run) else each for each in subjects}
    if len(models) > 1 or len(runs) > len({run.dataset for run in runs}):
        names = ", ".join(each.id if isinstance(each, Run) else each for each in subjects)
        raise UsageError(f"The baseline '{asked}' stands for several: {names}; name one of them")


def run_named(name: str, named: Sequence[NamedRun]) -> NamedRun | None:
    """The run that a baseline's name means: a name of the caller's, of a run, or of a model.

    Args:
        name: As it was asked for.
        named: The runs there are.

    Returns:
        The run, of several data sets that on one of them; None where none has that name.

    Raises:
        UsageError: Several runs on one data set are of that model.
    """
    plain = name.replace("-", "_")
    for each in named:
        if name in (each.name, each.run.id):
            return each
    of_model = [each for each in named if each.run.model == plain]
    if len(of_model) > len({each.run.dataset for each in of_model}):
        runs = ", ".join(each.run.id for each in of_model)
        raise UsageError(f"Several runs are of the baseline's model '{name}': {runs}; name one of them")
    return of_model[0] if of_model else None


def expand(model: Any, store: Store) -> list[Any]:
    """What a name or pattern stands for: names of models, or else runs.

    Args:
        model: A name, a pattern, a builder or a run.
        store: Where runs are looked for.

    Raises:
        UnknownNameError: Nothing has that name, or matches the pattern.
    """
    if not isinstance(model, str) or ":" in model:
        return [model]
    if any(character in model for character in "*?["):
        return _matching(model, store)
    if (name := model.replace("-", "_")) in zoo.list_models():
        return [name]
    return [_load(model, store)]


def _matching(pattern: str, store: Store) -> list[Any]:
    if models := zoo.list_models(pattern.replace("-", "_")):
        return list(models)
    runs = [] if store is None else [load_run(info.run_id, store) for info in list_runs(pattern, store)]
    if not runs:
        raise UnknownNameError("model or run", pattern, _known(store))
    return list(runs)


def _load(name: str, store: Store) -> Run:
    if store is not None:
        try:
            return load_run(name, store)
        except UnknownNameError:
            pass
    raise UnknownNameError("model or run", name, _known(store))


def _known(store: Store) -> list[str]:
    runs = [] if store is None else [info.run_id for info in list_runs(store=store)]
    return [*zoo.list_models(), *runs]


def _runs(subject: str | Callable[..., Any] | Run, store: Store, settings: Mapping[str, Any]) -> Iterator[Run]:
    if isinstance(subject, Run):
        yield subject
        return
    from harness.pipeline import evaluate

    for dataset in _listed(settings.get("dataset")):
        yield evaluate(subject, store=store, **{**settings, "dataset": dataset})


def _listed(datasets: Any) -> list[Any]:
    if not isinstance(datasets, list | tuple):
        return [datasets]
    if not datasets:
        raise UsageError("dataset names no data set. Received: an empty list")
    return list(datasets)
