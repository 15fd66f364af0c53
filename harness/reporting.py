"""Reports on finished runs, and single figures of them; several runs are compared where that is fair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.errors import UnknownNameError, UsageError
from harness.report.content import make_report
from harness.report.contrast import Contrast, Difference, Ranks
from harness.report.request import Request
from harness.report.source import Source
from harness.report.write import write_report

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from harness.comparison import Comparison, Pair
    from harness.metrics import Metric
    from harness.report.html.page import Figures
    from harness.run import Run
    from harness.statistics.intervals import IntervalKind

_MOST_PAIRS = 12


def render_report(
    runs: Sequence[Run],
    output: str = "html",
    *,
    metric: str | None = None,
    baseline: str | None = None,
    rope: float | None = None,
    level: float = 0.95,
    interval: IntervalKind = "corrected",
    figures: Figures = "auto",
) -> str:
    """Writes a report on finished runs; starts neither TensorFlow nor Keras.

    Args:
        runs: At least one run. Several are compared where they were judged on the same folds.
        output: "html" (one self-contained page), "md", "latex" (booktabs), "csv" or "json".
        metric: What stands first and what several are compared by, computed from the kept predictions where a
            run was not scored with it; the first run's first metric by default.
        baseline: The model that the others are compared with; every pair is compared by default.
        rope: Half the width of the region of practical equivalence, in units of that metric.
        level: Nominal coverage of the intervals, in (0, 1).
        interval: "corrected", or "conservative" for intervals and tests with the degrees of freedom of one repeat.
        figures: Of the page: "all", "main", "none", or "auto": all up to three models.

    Returns:
        The report as text.

    Raises:
        UnknownNameError: No such format or metric, or none of the runs is the baseline.
        UsageError: No run, or a metric that one of them cannot be judged by.

    Example:
        >>> page = render_report([load_run("sonar_dropout-4ee68bba")])  # doctest: +SKIP
    """
    sources = _sources(runs, level, metric, interval)
    custom = bool(sources) and sources[0].run.metrics[0].custom
    request = Request(sources[0].headline if custom else metric, baseline, rope, level, interval, custom)
    baseline = _found_baseline(sources, baseline)
    if len(sources) < 2:
        return write_report(make_report(sources, request=request), output, figures)
    try:
        contrast, reason = _contrast(_compare(sources, rope, baseline)), ""
    except UsageError as error:
        contrast, reason = None, str(error)
    return write_report(make_report(sources, contrast, reason, request), output, figures)


def draw_figure(
    name: str,
    runs: Sequence[Run],
    metric: str | None = None,
    level: float = 0.95,
    *,
    baseline: str | None = None,
    rope: float | None = None,
    interval: IntervalKind = "corrected",
) -> Figure:
    """Draws a figure of finished runs.

    Args:
        name: "paired_differences" (two runs or more), "critical_difference" (two models or more on six data sets
            or more), or one of `harness.report.figures.FIGURES`.
        runs: One run, or several where the figure shows several.
        metric: Name of a metric, computed from the kept predictions where a run was not scored with it; the
            first run's first by default.
        level: Nominal coverage of the intervals, in (0, 1).
        baseline: The model that the others are compared with, where pairs are shown; every pair by default.
        rope: Half the width of the region of practical equivalence, where pairs are shown, in the metric's units.
        interval: As of `render_report`.

    Raises:
        UnknownNameError: No such figure, metric or baseline.
        UsageError: The figure cannot be drawn of these runs.

    Example:
        >>> figure = draw_figure("roc", [load_run("sonar_dropout-4ee68bba")])  # doctest: +SKIP
    """
    from harness.report.figures import FIGURES, draw_kind
    from harness.report.figures.contrasts import CONTRASTS, draw_contrast

    sources = _sources(runs, level, metric, interval)
    if name in FIGURES:
        return draw_kind(name, sources)
    if name not in CONTRASTS:
        raise UnknownNameError("figure", name, [*FIGURES, *CONTRASTS])
    baseline = _found_baseline(sources, baseline)
    if len(sources) < 2:
        raise UsageError(f"The figure '{name}' needs two runs or more. Received: {len(sources)}; name more")
    return draw_contrast(name, _contrast(_compare(sources, rope, baseline)), sources)


def _sources(runs: Sequence[Run], level: float, metric: str | None, interval: IntervalKind) -> list[Source]:
    """Gives every run a name that no other has: its model's, with its arguments where needed, else its own."""
    from harness.comparison.evidence import label_runs

    if metric is not None:
        runs = [_judged_by(run, metric) for run in runs]
    datasets = dict.fromkeys(run.dataset for run in runs)
    groups = [[run for run in runs if run.dataset == name] for name in datasets]
    return [
        Source(run, level, name, several=len(groups) > 1, interval=interval)
        for group, names in zip(groups, label_runs(groups), strict=True)
        for run, name in zip(group, names, strict=True)
    ]


def _found_baseline(sources: Sequence[Source], asked: str | None) -> str | None:
    """The name of the baseline as `compare` knows it: a report trains nothing, so it is one of the runs.

    Raises:
        UnknownNameError: None of them has that name.
        UsageError: It stands for several of them.
    """
    if asked is None:
        return None
    from harness.comparison.gathering import NamedRun, run_named

    if run_named(asked, [NamedRun(None, source.run) for source in sources]):
        return asked
    models, runs = ({getattr(source.run, name) for source in sources} for name in ("model", "id"))
    found = [run for run in runs if run.startswith(asked)]
    if len(found) > 1:
        raise UsageError(f"Several runs begin with '{asked}': {', '.join(sorted(found))}; name one of them")
    if not found:
        raise UnknownNameError("baseline", asked, models | runs)
    return str(found[0])


def _judged_by(run: Run, name: str) -> Run:
    """The run with a metric in front of its others."""
    from harness.run import Run

    metric = _metric(run, name)
    if run.metrics[0] == metric:
        return run
    again = Run(run.stored, [metric, *(each for each in run.metrics if each != metric)])
    again.warnings = run.warnings
    return again


def _metric(run: Run, name: str) -> Metric:
    """A metric of the run, or one that its kept predictions can be judged by."""
    from harness.metrics import resolve_metrics

    own = {metric.name: metric for metric in run.metrics}
    if name in own:
        return own[name]
    if name in run.manifest.get("custom_metrics", ()):
        raise UsageError(
            f"'{name}' is a function of the caller's own, of which run {run.id} keeps only the name. Pass it as "
            f"metrics to load_run, or name another metric: {', '.join(own)}"
        )
    found = resolve_metrics(name, run.manifest["task"], run.manifest["target_names"])
    if len(found) > 1:
        names = ", ".join(metric.name for metric in found)
        raise UsageError(f"A report is by one metric. Received: '{name}', which stands for {names}; choose one")
    return found[0]


def _compare(sources: Sequence[Source], rope: float | None, baseline: str | None) -> Comparison:
    from harness.comparison import compare

    runs, first = [source.run for source in sources], sources[0]
    return compare(
        runs,
        metric=first.headline,
        rope=rope,
        baseline=baseline,
        level=first.level,
        interval=first.interval,
        store=None,
    )


def _contrast(comparison: Comparison) -> Contrast:
    from harness.comparison.tables import pair_table
    from harness.report.row_tests import row_test_table

    record = comparison.to_dict()
    return Contrast(
        metric=comparison.metric,
        level=comparison.level,
        rope=comparison.rope,
        verdict=comparison.verdict,
        warnings=comparison.warnings,
        table=pair_table(comparison),
        row_tests=row_test_table(record["row_tests"]),
        differences=[_difference(comparison, pair) for pair in _drawn(comparison)],
        record=record,
        ranks=_ranks(comparison),
    )


def _ranks(comparison: Comparison) -> Ranks | None:
    from harness.comparison.tables import matrix_table, mean_table

    if comparison.ranking is None:
        return None
    ranking = comparison.ranking
    return Ranks(
        ranks=ranking.ranks,
        critical_difference=ranking.critical_difference,
        groups=comparison.groups,
        too_few=ranking.too_few or "",
        means=mean_table(comparison),
        matrix=matrix_table(comparison),
    )


def _drawn(comparison: Comparison) -> Sequence[Pair]:
    """The pairs that a figure has room for: all of a few, those with the best model of many."""
    if len(comparison.results) <= _MOST_PAIRS:
        return comparison.results
    return [pair for pair in comparison.results if comparison.best in (pair.first, pair.second)]


def _difference(comparison: Comparison, pair: Pair) -> Difference:
    return Difference(
        name=f"{pair.first} − {pair.second}",
        mean=pair.difference,
        interval=(pair.interval.low, pair.interval.high) if pair.interval else None,
        differences=_on_folds(comparison, pair),
        distinct=pair.distinguishes(comparison.level),
    )


def _on_folds(comparison: Comparison, pair: Pair) -> list[float]:
    """On one data set the difference on each fold; over several there are no common folds."""
    if len(comparison.datasets) > 1:
        return []
    scores = {each.model: each.scores.ravel() for each in comparison.evidence}
    found: list[float] = (scores[pair.first] - scores[pair.second]).tolist()
    return found
