"""The report as one self-contained HTML page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from harness._version import __version__
from harness.report.content import Report
from harness.report.contrast import Contrast
from harness.report.details import detail_tables
from harness.report.figures import FIGURES, draw_kind, figures_of
from harness.report.figures.contrasts import CONTRASTS, draw_contrast, no_ranks
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
    pictures: tuple[Picture, ...]


def render_page(report: Report, figures: Figures = "auto") -> str:
    """Writes the page: it loads nothing, runs on a phone, prints, and works without its script.

    Args:
        report: What it says.
        figures: "all" figures of every model, the "main" ones, "none", or "auto": all up to three models.

    Returns:
        HTML.
    """
    script, style = _resource("report.js"), _resource("report.css")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            sections=_sections(report, figures),
            overview=_overview(report) if figures != "none" else (),
            script=script,
            style=style,
            policy=policy(script, style),
            data=embedded_json(report_record(report)),
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


def _overview(report: Report) -> tuple[Picture, ...]:
    """Figures that show all models at once; in one model's report they stand among its own."""
    if len(report.sources) == 1:
        return ()
    metric = report.sources[0].headline
    shared = [source for source in report.sources if metric in source.report["metrics"]]
    contrasts = _contrasts(report.contrast, report.sources) if report.contrast else []
    scores = [picture(draw_kind("fold_scores", each), FIGURES["fold_scores"].caption) for each in _by_data(shared)]
    ranked = report.contrast is not None and report.contrast.ranks is not None
    pictures = [*contrasts, *scores] if ranked else [*scores, *contrasts]
    timed = [source for source in report.sources if source.seconds]
    return (*pictures, picture(draw_kind("training_time", timed), FIGURES["training_time"].caption))


def _by_data(sources: Sequence[Source]) -> list[list[Source]]:
    names = dict.fromkeys(source.run.dataset for source in sources)
    return [[source for source in sources if source.run.dataset == name] for name in names]


def _contrasts(contrast: Contrast, sources: Sequence[Source]) -> list[Picture]:
    """On one data set the pairs' differences, on several the models' ranks."""
    if contrast.ranks is None:
        drawn = draw_contrast("paired_differences", contrast, sources)
        which = "" if contrast.all_drawn else ": the best model and each other one"
        return [picture(drawn, f"Differences in {contrast.metric} on the same folds{which}")]
    if no_ranks(contrast):
        return []
    return [picture(draw_contrast("critical_difference", contrast, sources), CONTRASTS["critical_difference"])]


def _sections(report: Report, figures: Figures) -> list[Section]:
    single = len(report.sources) == 1
    if figures == "auto":
        figures = "all" if len(report.sources) <= _FEW else "main"
    return [
        Section(
            anchor=f"model-{number}",
            source=source,
            line=summary_line(source.report),
            metrics=run_table(source.report),
            settings=report.own_protocol(source),
            scores=_score_table(source),
            details=tuple(detail_tables(source.details)),
            pictures=tuple(_pictures(source, figures, single)),
        )
        for number, source in enumerate(report.sources, 1)
    ]


def _pictures(source: Source, figures: Figures, single: bool) -> Sequence[Picture]:
    chosen = {"all": tuple(FIGURES), "main": _MAIN, "none": ()}[figures]
    return [
        picture(draw_kind(kind.name, [source]), kind.caption)
        for kind in figures_of(source, source.headline)
        if kind.name in chosen and (single or not kind.several)
    ]


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
