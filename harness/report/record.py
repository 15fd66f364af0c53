"""The report as JSON values: what `--format json` writes, and what the page holds for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.report.content import Report
    from harness.report.source import Source

_ELSEWHERE = ("environment", "notes", "warnings", "codec")
"""Parts of a manifest that are no protocol: they stand beside it, or concern only how outputs are stored."""


def report_record(report: Report) -> dict[str, Any]:
    """Gathers all that the report says, unrounded, with the fold scores that its numbers follow from.

    Args:
        report: What it says.

    Returns:
        JSON values: "question", "answer", "runs" (scores, details, protocol and environment of each),
        "comparison", or None and "no_comparison" with the reason, and "reproduce" with the commands.
    """
    return {
        "question": report.question,
        "answer": report.answer,
        "runs": [_run_record(source) for source in report.sources],
        "comparison": dict(report.contrast.record) if report.contrast else None,
        "no_comparison": report.no_contrast or None,
        "reproduce": {
            "runs": {run: {"command": how.command, "gaps": list(how.gaps)} for run, how in report.reproductions},
            "report": {"command": report.command.command, "gaps": list(report.command.gaps)},
        },
    }


def _run_record(source: Source) -> dict[str, Any]:
    return {
        **source.report,
        "details": source.details,
        "protocol": {name: value for name, value in source.manifest.items() if name not in _ELSEWHERE},
        "environment": source.manifest["environment"],
    }
