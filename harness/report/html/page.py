"""The report as one self-contained HTML page."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.resources import files
from itertools import chain
from typing import TYPE_CHECKING, Literal

from harness._version import __version__
from harness.report.content import Report
from harness.report.contrast import Contrast
from harness.report.details import detail_tables
from harness.report.figures import FIGURES, draw_kind, figures_of
from harness.report.figures.contrasts import CONTRASTS, draw_contrast, no_ranks
from harness.report.figures.side_by_side import SideBySide
from harness.report.html.csp import policy
from harness.report.html.embed import Picture, embedded_json, picture
from harness.report.numbers import MISSING, format_seconds
from harness.report.record import report_record
from harness.report.source import Source
from harness.report.summary import summary_line
from harness.report.table import Table
from harness.report.tables import run_table

if TYPE_CHECKING:
    from jinja2 import Environment

Figures = Literal["auto", "all", "main", "none"]
Draw = Callable[[], list[Picture]]

_MAIN = ("learning_curves", "confusion_matrix", "roc", "predicted_true", "residuals")
_FEW = 3


@dataclass(frozen=True)
class Section:
    """What the page shows of one model.

    Attributes:
        anchor: The section's id.
        source: Its run.
        line: Its result in one line.
        metrics: A row for each metric.
        settings: What it has unlike the others.
        scores: A row for each fold.
        details: Its classes or outputs, calibration, thresholds, and where its spread comes from.
        pictures: Its figures.
    """

    anchor: str
    source: Source
    line: str
    metrics: Table
    settings: Table
    scores: Table
    details: tuple[Table, ...]
    pictures: Sequence[Picture] = ()


def render_page(report: Report, figures: Figures = "auto") -> str:
    """Writes the page: it loads nothing, runs on a phone, prints, and works without its script.

    Args:
        report: What it says.
        figures: "all" figures of every model, the "main" ones, "none", or "auto": all up to three models.

    Returns:
        HTML.
    """
    script, style = _resource("report.js"), _resource("report.css")
    overview, of_models = ([], []) if figures == "none" else (_overview(report), _of_models(report, figures))
    with SideBySide([*overview, *of_models]) as drawing:
        sections, data = _sections(report), embedded_json(report_record(report))
        pictures = drawing.results()
    pictures_of_models = pictures[len(overview) :] or [[] for _ in sections]
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            overview=list(chain(*pictures[: len(overview)])),
            sections=[
                replace(section, pictures=drawn)
                for section, drawn in zip(sections, pictures_of_models, strict=True)
            ],
            script=script,
            style=style,
            policy=policy(script, style),
            data=data,
            version=__version__,
            seconds=format_seconds(sum(run["seconds"] for run in report.runs)),
        )
    )


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("harness.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _resource(name: str) -> str:
    return files("harness.report").joinpath("templates", name).read_text(encoding="utf-8")


def _overview(report: Report) -> list[Draw]:
    """Figures that show all models at once; in one model's report they stand among its own."""
    if len(report.sources) == 1:
        return []
    metric = report.sources[0].headline
    shared = [source for source in report.sources if metric in source.report["metrics"]]
    contrasts = _contrasts(report.contrast, report.sources) if report.contrast else []
    scores: list[Draw] = [partial(_drawn, "fold_scores", each) for each in _by_data(shared)]
    ranked = report.contrast is not None and report.contrast.ranks is not None
    pictures = [*contrasts, *scores] if ranked else [*scores, *contrasts]
    timed = [source for source in report.sources if source.seconds]
    return [*pictures, partial(_drawn, "training_time", timed)]


def _drawn(name: str, sources: Sequence[Source]) -> list[Picture]:
    return [picture(draw_kind(name, sources), FIGURES[name].caption)]


def _by_data(sources: Sequence[Source]) -> list[list[Source]]:
    names = dict.fromkeys(source.run.dataset for source in sources)
    return [[source for source in sources if source.run.dataset == name] for name in names]


def _contrasts(contrast: Contrast, sources: Sequence[Source]) -> list[Draw]:
    """On one data set the pairs' differences, on several the models' ranks."""
    if contrast.ranks is not None and no_ranks(contrast):
        return []
    return [partial(_contrast, contrast, sources)]


def _contrast(contrast: Contrast, sources: Sequence[Source]) -> list[Picture]:
    if contrast.ranks is not None:
        name = "critical_difference"
        return [picture(draw_contrast(name, contrast, sources), CONTRASTS[name])]
    drawn = draw_contrast("paired_differences", contrast, sources)
    which = "" if contrast.all_drawn else ": the best model and each other one"
    return [picture(drawn, f"Differences in {contrast.metric} on the same folds{which}")]


def _sections(report: Report) -> list[Section]:
    return [
        Section(
            anchor=f"model-{number}",
            source=source,
            line=summary_line(source.report),
            metrics=run_table(source.report),
            settings=report.own_protocol(source),
            scores=_score_table(source),
            details=tuple(detail_tables(source.details)),
        )
        for number, source in enumerate(report.sources, 1)
    ]


def _of_models(report: Report, figures: Figures) -> list[Draw]:
    """The figures of each model."""
    models = len(report.sources)
    all_kinds = figures == "all" or (figures == "auto" and models <= _FEW)
    names = [
        kind.name
        for kind in FIGURES.values()
        if (all_kinds or kind.name in _MAIN) and (models == 1 or not kind.several)
    ]
    return [partial(_pictures, source, names) for source in report.sources]


def _pictures(source: Source, names: Sequence[str]) -> list[Picture]:
    kinds = [kind for kind in figures_of(source, source.headline) if kind.name in names]
    return [picture(draw_kind(kind.name, [source]), kind.caption) for kind in kinds]


def _score_table(source: Source) -> Table:
    """A row for each training, repeats, folds and seeds counted from 1."""
    metrics = list(source.report["metrics"])
    keys = ("repeat", "fold", "seed") if source.run.seeds > 1 else ("repeat", "fold")
    wide = source.run.scores.pivot(index=["repeat", "fold", "init"], columns="metric", values="value")
    cells = tuple(
        (*(number + 1 for number in key[: len(keys)]), *map(_short, values))
        for key, values in zip(wide.index.tolist(), wide[metrics].to_numpy().tolist(), strict=True)
    )
    return Table((*keys, *metrics), cells, right=frozenset((*keys, *metrics)))


def _short(score: float) -> str:
    return f"{score:.4g}" if math.isfinite(score) else MISSING
