"""The figures by name: what each shows, of which runs, and how it is drawn from them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from harness.errors import UnknownNameError, UsageError
from harness.report.source import Source

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Draw = Callable[[Sequence[Source], str], "Figure"]
_LEAST_SCORES = 3
_FEW_DATASETS = 3


@dataclass(frozen=True)
class FigureKind:
    """A figure that runs can be shown by.

    Attributes:
        name: What it is asked for by.
        caption: What it shows, in one line.
        draw: Draws it from runs and the name of a metric.
        lacking: Says why it cannot be drawn of a run by a metric, or "" where it can.
        several: Whether it shows several runs at once; the others show one.
    """

    name: str
    caption: str
    draw: Draw
    lacking: Callable[[Source, str], str] = lambda source, metric: ""
    several: bool = False


def draw_kind(name: str, sources: Sequence[Source], metric: str | None = None) -> Figure:
    """Draws a figure of runs.

    Args:
        name: One of `FIGURES`.
        sources: One run, or several where the figure shows several.
        metric: Name of a metric of the runs; the first run's first by default.

    Raises:
        UnknownNameError: No such metric.
        UsageError: The figure cannot be drawn of these runs.
    """
    kind = FIGURES[name]
    if len(sources) > 1 and not kind.several:
        raise UsageError(f"The figure '{name}' shows one run. Received: {len(sources)} runs; name one")
    metric = metric or sources[0].headline
    for source in sources:
        if metric not in source.report["metrics"]:
            raise UnknownNameError("metric", metric, source.report["metrics"])
        if reason := kind.lacking(source, metric):
            raise UsageError(f"The figure '{name}' cannot be drawn of {source.run.id}: {reason}")
    return kind.draw(sources, metric)


def figures_of(source: Source, metric: str) -> list[FigureKind]:
    """The figures that can be drawn of a run."""
    return [kind for kind in FIGURES.values() if not kind.lacking(source, metric)]


def common_title(sources: Sequence[Source]) -> str:
    """Says in a few words what runs are of."""
    datasets = list(dict.fromkeys(source.run.dataset for source in sources))
    models = len({source.model for source in sources})
    where = ", ".join(datasets) if len(datasets) <= _FEW_DATASETS else f"{len(datasets)} data sets"
    return sources[0].title if len(sources) == 1 else f"{models} models on {where}"


def with_unit(metric: str, sources: Sequence[Source]) -> str:
    """A metric with the unit that its numbers have, where they have one and the same in all runs.

    Errors have their target's unit; of several targets only one that all share says what a mean over them is in.
    """
    base, _, target = metric.removesuffix("]").partition("[")
    if base not in ("mae", "rmse"):
        return metric
    names = [
        (source, name) for source in sources for name in ([target] if target else source.manifest["target_names"])
    ]
    units = {source.units.get(name, "") for source, name in names}
    return f"{metric} [{unit}]" if len(units) == 1 and (unit := units.pop()) else metric


def _row_name(source: Source, sources: Sequence[Source]) -> str:
    """The model; where the others are on other data sets, which one it is on, too."""
    return source.model if all(each.run.dataset == source.run.dataset for each in sources) else source.name


def _function(name: str) -> Callable[..., Figure]:
    """The drawing function of a module of its name: Matplotlib is imported only to draw."""
    module = importlib.import_module(f"harness.report.figures.{name}")
    function: Callable[..., Figure] = getattr(module, name)
    return function


def _learning_curves(sources: Sequence[Source], metric: str) -> Figure:
    source = sources[0]
    return _function("learning_curves")(source.run.history, source.best_epochs, source.title)


def _fold_scores(sources: Sequence[Source], metric: str) -> Figure:
    from harness.report.figures.fold_scores import ScoreRow, fold_scores
    from harness.report.summary import clipped_interval

    rows = []
    for source in sources:
        entry = source.report["metrics"][metric]
        mean = None if source.report["n_failed"] else entry["mean"]
        interval = clipped_interval(entry) if mean is not None else None
        baseline = source.report["baseline"]["metrics"].get(metric, {}).get("mean")
        rows.append(ScoreRow(_row_name(source, sources), entry["scores"], mean, interval, baseline))
    return fold_scores(rows, with_unit(metric, sources), sources[0].level, common_title(sources))


def _roc(sources: Sequence[Source], metric: str) -> Figure:
    run = sources[0].run
    return _function("roc")(run.predictions, run.classes, sources[0].title)


def _precision_recall(sources: Sequence[Source], metric: str) -> Figure:
    run = sources[0].run
    return _function("precision_recall")(run.predictions, run.classes, sources[0].title)


def _confusion_matrix(sources: Sequence[Source], metric: str) -> Figure:
    source = sources[0]
    return _function("confusion_matrix")(source.confusion, source.run.classes, source.title)


def _reliability(sources: Sequence[Source], metric: str) -> Figure:
    source = sources[0]
    positive = source.run.classes[-1]
    truth, probability = source.once["y_true"] == positive, source.once[f"p[{positive}]"]
    return _function("reliability")(truth, probability, positive, level=source.level, title=source.title)


def _predicted_true(sources: Sequence[Source], metric: str) -> Figure:
    return _function("predicted_true")(sources[0].once, sources[0].units, sources[0].title)


def _residuals(sources: Sequence[Source], metric: str) -> Figure:
    return _function("residuals")(sources[0].once, sources[0].units, sources[0].title)


def _score_distribution(sources: Sequence[Source], metric: str) -> Figure:
    values = sources[0].scores(metric).ravel()
    name = with_unit(metric, sources)
    return _function("score_distribution")(values[np.isfinite(values)], name, sources[0].title)


def _repeats_error(sources: Sequence[Source], metric: str) -> Figure:
    source = sources[0]
    scores = source.scores(metric).mean(axis=2)
    ratio = source.manifest["test_ratio"]
    return _function("repeats_error")(scores, with_unit(metric, sources), ratio, source.level, source.title)


def _variance_shares(sources: Sequence[Source], metric: str) -> Figure:
    return _function("variance_shares")(_variances(sources[0], metric), metric, sources[0].title)


def _training_time(sources: Sequence[Source], metric: str) -> Figure:
    seconds: dict[str, list[float]] = {}
    memory: dict[str, Mapping[str, int]] = {}
    for source in sources:
        seconds.setdefault(source.model, []).extend(source.seconds)
        if (found := source.run.memory) and found["peak"] > memory.get(source.model, {}).get("peak", 0):
            memory[source.model] = found
    return _function("training_time")(seconds, memory, common_title(sources))


def _variances(source: Source, metric: str) -> dict[str, float]:
    from harness.statistics.variance import variance_components

    return variance_components(source.scores(metric)).named


def _needs_history(source: Source, metric: str) -> str:
    return "" if len(source.run.history) else "it has no finished fold"


def _needs_classes(source: Source, metric: str) -> str:
    if source.run.task == "regression":
        return "it needs classes, and the task is regression"
    return "" if len(source.run.predictions) else "it has no finished fold"


def _needs_two_classes(source: Source, metric: str) -> str:
    if source.run.task != "binary":
        return f"it needs two classes, and the task is {source.run.task}"
    return _needs_once(source)


def _needs_first_repeat(source: Source, metric: str) -> str:
    return _needs_classes(source, metric) or _needs_once(source)


def _needs_numbers(source: Source, metric: str) -> str:
    if source.run.task != "regression":
        return f"it needs numbers to predict, and the task is {source.run.task}"
    return _needs_once(source)


def _needs_once(source: Source) -> str:
    return "" if len(source.run.predictions) and len(source.once) else "no fold of its first repeat is finished"


def _needs_scores(source: Source, metric: str) -> str:
    values = source.scores(metric)
    finite = values[np.isfinite(values)]
    if len(finite) < _LEAST_SCORES or np.ptp(finite) == 0:
        return f"it needs {_LEAST_SCORES} scores that differ, and there are {len(np.unique(finite))}"
    return ""


def _needs_repeats(source: Source, metric: str) -> str:
    if source.run.repeats < 2:
        return "it needs two repeats or more; evaluate with --repeats"
    return _needs_complete(source, metric)


def _needs_seeds(source: Source, metric: str) -> str:
    if source.run.seeds < 2:
        return "it needs two seeds on each split or more; evaluate with --init-seeds"
    if source.run.folds * source.run.repeats < 2:
        return "it needs two splits or more; evaluate with --repeats"
    return _needs_complete(source, metric) or (
        "" if any(_variances(source, metric).values()) else "scores are alike"
    )


def _needs_complete(source: Source, metric: str) -> str:
    return "" if np.isfinite(source.scores(metric)).all() else f"{metric} is missing on some folds"


FIGURES: dict[str, FigureKind] = {
    kind.name: kind
    for kind in (
        FigureKind("fold_scores", "Scores of the folds, their mean and its interval", _fold_scores, several=True),
        FigureKind("learning_curves", "Learning curves, mean and SD over folds", _learning_curves, _needs_history),
        FigureKind("confusion_matrix", "Confusion matrix over one repeat", _confusion_matrix, _needs_first_repeat),
        FigureKind("roc", "ROC curve, mean and SD over folds", _roc, _needs_classes),
        FigureKind(
            "precision_recall",
            "Precision and recall, mean and SD over folds",
            _precision_recall,
            _needs_classes,
        ),
        FigureKind("reliability", "Reliability of the probabilities", _reliability, _needs_two_classes),
        FigureKind("predicted_true", "Predicted against true values", _predicted_true, _needs_numbers),
        FigureKind("residuals", "Residuals against predictions", _residuals, _needs_numbers),
        FigureKind("score_distribution", "Histogram and Q-Q plot of scores", _score_distribution, _needs_scores),
        FigureKind("repeats_error", "Error of the mean against repeats", _repeats_error, _needs_repeats),
        FigureKind("variance_shares", "Where the variance comes from", _variance_shares, _needs_seeds),
        FigureKind("training_time", "Wall time of the trainings, and peak memory", _training_time, several=True),
    )
}
"""Every figure of runs, in the order in which a report shows them."""
