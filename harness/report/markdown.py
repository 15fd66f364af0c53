"""The report as Markdown, for a pull request or an appendix."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from harness.report.content import Report
from harness.report.details import detail_tables
from harness.report.summary import summary_line
from harness.report.table import Table
from harness.report.tables import run_table
from harness.report.text import printable

_SPECIAL = re.compile(r"[\\`*{}\[\]<>#|]|(?<!\w)_|_(?!\w)")


def render_markdown(report: Report) -> str:
    """Writes the report as GitHub Flavored Markdown; nothing in a name is taken as markup.

    Args:
        report: What it says.

    Returns:
        Markdown with headings from the second level on.
    """
    return "\n".join(_blocks(report)).rstrip() + "\n"


def escape_markdown(text: str) -> str:
    """Makes text stand in Markdown as it is; an underscore inside a word needs no escape.

    Example:
        >>> print(escape_markdown("net_a <b>"))
        net_a \\<b\\>
    """
    return _SPECIAL.sub(r"\\\g<0>", printable(text))


def _blocks(report: Report) -> Iterator[str]:
    yield from (f"## {escape_markdown(report.question)}", "", f"**{escape_markdown(report.answer)}**", "")
    if len(report.sources) == 1:
        yield from (run_table(report.runs[0]).to_markdown(), escape_markdown(summary_line(report.runs[0])), "")
    else:
        yield report.table.to_markdown()
        yield from _comparison(report)
    yield from _inside(report)
    yield from ("### Protocol", "", report.protocol.to_markdown())
    yield from _settings(report)
    yield from _listed("Notes", report.notes, len(report.sources))
    yield from _listed("Warnings", report.warnings, len(report.sources))
    yield from _details("Environment", report.environment)
    yield from ("### How to reproduce", "", "```sh")
    yield from (how.command for _, how in report.commands)
    yield from ("```", "")
    gaps = dict.fromkeys(gap for _, how in report.commands for gap in how.gaps)
    yield from (f"- {escape_markdown(gap)}" for gap in gaps)


def _inside(report: Report) -> Iterator[str]:
    """Classes or outputs, calibration and sources of spread: of several models to be unfolded."""
    for source in report.sources:
        tables = [table.to_markdown() for table in detail_tables(source.details)]
        if len(report.sources) == 1 or not tables:
            yield from tables
        else:
            name = escape_markdown(source.name)
            yield from (f"<details><summary>{name}</summary>", "", *tables, "</details>", "")


def _comparison(report: Report) -> Iterator[str]:
    if report.contrast is None:
        yield from (f"No comparison: {escape_markdown(report.no_contrast)}.", "")
    else:
        if report.contrast.ranks is not None:
            yield from ("### Means on every data set", "", report.contrast.ranks.means.to_markdown())
            yield from ("### Every model against every other", "", report.contrast.ranks.matrix.to_markdown())
        yield from (f"### {report.contrast.heading}", "", f"{escape_markdown(report.contrast.caption)}.", "")
        yield report.contrast.table.to_markdown()
        if report.contrast.row_tests is not None:
            yield from _details("McNemar's test of the same pairs", report.contrast.row_tests)


def _settings(report: Report) -> Iterator[str]:
    """What each model has unlike the others."""
    for source in report.sources:
        own = report.own_protocol(source)
        if len(report.sources) > 1 and own.rows:
            facts = "; ".join(
                f"{escape_markdown(str(name))}: {escape_markdown(str(value))}" for name, value in own.rows
            )
            yield f"- {escape_markdown(source.name)}: {facts}"
    yield ""


def _listed(title: str, remarks: Sequence[tuple[str, tuple[str, ...]]], models: int) -> Iterator[str]:
    if not remarks:
        return
    yield from (f"### {title}", "")
    for text, names in remarks:
        concerns = f" ({escape_markdown(', '.join(names))})" if len(names) < models else ""
        yield f"- {escape_markdown(text)}{concerns}"
    yield ""


def _details(title: str, table: Table) -> Iterator[str]:
    yield from (f"<details><summary>{title}</summary>", "", table.to_markdown(), "</details>", "")
