"""The figures of a comparison: differences between pairs, and ranks over data sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.errors import UsageError
from harness.report.contrast import Contrast
from harness.report.figures.catalogue import common_title, with_unit
from harness.report.source import Source

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CONTRASTS = {
    "paired_differences": "Differences between models, the first less the second",
    "critical_difference": "Average ranks over the data sets; bars join models that no test tells apart",
}
"""What each shows, in one line."""


def draw_contrast(name: str, contrast: Contrast, sources: Sequence[Source]) -> Figure:
    """Draws a figure of a comparison.

    Args:
        name: One of `CONTRASTS`.
        contrast: The comparison.
        sources: The runs that were compared: what the figure is headed by, and the unit of the metric.

    Raises:
        UsageError: There are too few data sets for ranks.
    """
    metric, title = with_unit(contrast.metric, sources), common_title(sources)
    if name == "paired_differences":
        from harness.report.figures.paired_differences import paired_differences

        return paired_differences(contrast.differences, metric, contrast.rope, contrast.level, title)
    if reason := no_ranks(contrast):
        raise UsageError(f"The figure '{name}' cannot be drawn: {reason}")
    from harness.report.figures.critical_difference import critical_difference

    assert contrast.ranks is not None
    assert contrast.ranks.critical_difference is not None
    return critical_difference(
        contrast.ranks.ranks,
        contrast.ranks.critical_difference,
        contrast.ranks.groups,
        contrast.metric,
        contrast.level,
        title,
    )


def no_ranks(contrast: Contrast) -> str:
    """Says why there is no critical-difference diagram, or "" where there is one."""
    if contrast.ranks is None:
        return "the runs are on one data set, at least 6 are needed"
    return contrast.ranks.too_few
