"""What a report says, whatever it is written as: question, answer, tables, protocol, and how to do it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.errors import UsageError
from harness.report.contrast import Contrast
from harness.report.facts import facts_table
from harness.report.numbers import decimals_for, format_interval, format_number
from harness.report.overview import overview
from harness.report.reproduce import Reproduction, reproduction
from harness.report.request import Request, report_command
from harness.report.source import Source
from harness.report.summary import clipped_interval, fold_sd, interval_label, why_no_mean
from harness.report.table import Table

_FEW_DATASETS = 3


@dataclass(frozen=True)
class Report:
    """A report on finished runs.

    Attributes:
        sources: The runs.
        question: What it answers.
        answer: The answer in one sentence.
        table: Every model and metric.
        protocol: How all models were judged and trained, as far as it is the same for all.
        environment: On which machine and with which versions, as far as it is the same for all.
        contrast: The comparison of the models on the same folds, or None.
        no_contrast: Why there is none though there are several models; "" otherwise.
        request: What was asked for.
    """

    sources: tuple[Source, ...]
    question: str
    answer: str
    table: Table
    protocol: Table
    environment: Table
    contrast: Contrast | None = None
    no_contrast: str = ""
    request: Request = field(default_factory=Request)

    @property
    def runs(self) -> list[dict[str, Any]]:
        """The JSON objects of the runs."""
        return [source.report for source in self.sources]

    @property
    def warnings(self) -> list[tuple[str, tuple[str, ...]]]:
        """Each warning once, with the models that it concerns."""
        names = tuple(source.name for source in self.sources)
        found = [(warning, source.name) for source in self.sources for warning in _warnings(source)]
        noted = {note for note, _ in self.notes}
        compared = [each for each in self.contrast.warnings if each not in noted] if self.contrast else []
        return _gathered([*found, *((warning, name) for warning in compared for name in names)])

    @property
    def notes(self) -> list[tuple[str, tuple[str, ...]]]:
        """Each note once, with the models that it concerns."""
        return _gathered((note, source.name) for source in self.sources for note in source.report["notes"])

    @property
    def reproductions(self) -> list[tuple[str, Reproduction]]:
        """How to make each run again, by the run's name."""
        return [(source.run.id, reproduction(source.manifest)) for source in self.sources]

    @property
    def command(self) -> Reproduction:
        """How to make this report again from its runs."""
        return report_command([source.run.id for source in self.sources], self.request)

    @property
    def commands(self) -> list[tuple[str, Reproduction]]:
        """All commands in the order in which they are run, each with what it makes."""
        what = "this report" if self.contrast is None else "this report with its comparison"
        return [*self.reproductions, (what, self.command)]

    def own_protocol(self, source: Source) -> Table:
        """What one run has unlike others."""
        shared = {row[0] for row in self.protocol.rows}
        return _facts([row for row in facts_table(_protocol(source)).rows if row[0] not in shared])


def make_report(
    sources: Sequence[Source],
    contrast: Contrast | None = None,
    no_contrast: str = "",
    request: Request | None = None,
) -> Report:
    """Gathers what a report on finished runs says.

    Args:
        sources: The runs, at least one.
        contrast: Their comparison, where they were judged on the same folds.
        no_contrast: Why several runs could not be compared.
        request: What was asked for; the defaults where None.

    Raises:
        UsageError: No run.
    """
    if not sources:
        raise UsageError("A report needs at least one run. Received: none; name runs of 'harness list runs'")
    return Report(
        sources=tuple(sources),
        question=_question(sources),
        answer=contrast.verdict if contrast else _answer(sources),
        table=overview(sources),
        protocol=_facts(_common([facts_table(_protocol(source)).rows for source in sources])),
        environment=_facts(_common([facts_table(source.manifest["environment"]).rows for source in sources])),
        contrast=contrast,
        no_contrast=no_contrast,
        request=request or Request(),
    )


def _question(sources: Sequence[Source]) -> str:
    datasets = list(dict.fromkeys(source.run.dataset for source in sources))
    where = ", ".join(datasets) if len(datasets) <= _FEW_DATASETS else f"{len(datasets)} data sets"
    models = {source.model for source in sources}
    if len(models) == 1:
        return f"How good is {sources[0].run.model} on {where}?"
    return f"Which of {len(models)} models is best on {where}?"


def _answer(sources: Sequence[Source]) -> str:
    return _one(sources[0].report) if len(sources) == 1 else _several(sources)


def _one(report: Mapping[str, Any]) -> str:
    name, entry = next(iter(report["metrics"].items()))
    if (reason := why_no_mean(report, entry)) is not None:
        return f"No answer yet: {name} has no mean, {reason}."
    text = f"{report['model']} reaches {_mean(report, name)} on {report['dataset']}"
    baseline = report["baseline"]["metrics"].get(name, {}).get("mean")
    if baseline is None:
        return f"{text}."
    known = format_number(baseline, decimals_for(entry["mean"], fold_sd(entry)))
    return f"{text}; a baseline that ignores the features ({report['baseline']['strategy']}) reaches {known}."


def _mean(report: Mapping[str, Any], name: str) -> str:
    entry = report["metrics"][name]
    text = f"{name} {format_number(entry['mean'], decimals_for(entry['mean'], fold_sd(entry)))}"
    interval = clipped_interval(entry)
    return text if interval is None else f"{text} ({interval_label(entry)} {format_interval(interval)})"


def _several(sources: Sequence[Source]) -> str:
    """What can be said of several models without a comparison: no winner."""
    name = sources[0].headline
    found = [source for source in sources if _has_mean(source.report, name)]
    if len(found) < 2:
        return "No answer yet: fewer than two models have a mean."
    ranked = sorted(found, key=lambda source: float(source.report["metrics"][name]["mean"]))
    ends = [f"{_mean(source.report, name)} of {source.name}" for source in (ranked[0], ranked[-1])]
    return (
        f"The means lie between {ends[0]} and {ends[1]}; whether models differ by more than chance takes a "
        "comparison on the same folds."
    )


def _has_mean(report: Mapping[str, Any], name: str) -> bool:
    return name in report["metrics"] and why_no_mean(report, report["metrics"][name]) is None


def _protocol(source: Source) -> dict[str, Any]:
    manifest, identity = source.manifest, source.manifest["identity"]
    share = manifest["test_ratio"] / (1 + manifest["test_ratio"])
    return {
        "data set": manifest["dataset"],
        "task": manifest["task"],
        "rows": manifest["n"],
        "splitting": manifest["scheme"] + ("" if manifest.get("shuffle", True) else ", rows not shuffled"),
        "folds": manifest["folds"],
        "repeats": manifest["repeats"],
        "trainings on each split": manifest["seeds"],
        "share of test rows": f"{share:.1%}",
        "root seed": manifest["seed"],
        "metrics": ", ".join(manifest["metrics"]),
        "threshold": _threshold(manifest.get("threshold")),
        "baseline": manifest["baseline"],
        "arguments": ", ".join(f"{name}={value}" for name, value in identity.get("arguments", {}).items()),
        "preprocessing": ", ".join(manifest["preprocessing"]) or "none",
        "epochs at most": manifest["epochs"],
        "batch size": manifest["batch_size"],
        "early stopping": _patience(identity.get("early_stopping")),
        "fine-tuning": _fine_tuning(*(identity.get("fine_tuning") or (None, None))),
        "inner validation share": identity.get("inner_val") or "none",
        "checkpoint": identity.get("checkpoint"),
        "engine": manifest["engine"],
        "data SHA-256": identity.get("data_sha256"),
        "splits SHA-256": identity.get("splits_sha256"),
    }


def _threshold(asked: str | float | None) -> str | None:
    if isinstance(asked, str):
        return f"best {asked} on the inner validation part"
    return None if asked is None else f"{asked:g}"


def _fine_tuning(epochs: int | None, rate: float | None, frozen: int = 0) -> str | None:
    if epochs is None:
        return None
    trained = f"all layers but the base's first {frozen}" if frozen else "all layers"
    return f"{epochs} more epochs, {trained} trained, learning rate {'a tenth' if rate is None else f'{rate:g}'}"


def _patience(epochs: int | str | None) -> str:
    if epochs in ("geometric", "geometric-error"):
        watched = " of the error" if epochs == "geometric-error" else ""
        return f"after twice the batches that the last marked improvement{watched} took"
    return f"after {epochs} epochs without a better inner validation loss" if epochs else "none"


def _warnings(source: Source) -> list[str]:
    failures = [f"{failure['fold']} failed: {failure['error']}" for failure in source.report["failures"]]
    return [*source.report["warnings"], *failures]


def _gathered(pairs: Any) -> list[tuple[str, tuple[str, ...]]]:
    models: dict[str, list[str]] = {}
    for text, model in pairs:
        models.setdefault(text, []).append(model)
    return [(text, tuple(dict.fromkeys(names))) for text, names in models.items()]


def _common(tables: Sequence[Sequence[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    """The rows that all tables have, in the order of the first."""
    others = [set(rows) for rows in tables[1:]]
    return [row for row in tables[0] if all(row in rows for rows in others)]


def _facts(rows: Sequence[tuple[Any, ...]]) -> Table:
    return Table(("what", "value"), tuple(rows))
