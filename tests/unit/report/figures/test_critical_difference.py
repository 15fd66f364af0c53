"""The critical-difference diagram, on the numbers of Demšar (2006)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from harness.report.figures._style import description
from harness.report.figures.critical_difference import critical_difference
from harness.statistics.ranks import average_ranks, nemenyi_difference

MODELS = ("C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf")
# Table 6 of the paper: AUC × 1000 on 14 data sets.
AUC = (
    (763, 768, 771, 798),
    (599, 591, 590, 569),
    (954, 971, 968, 967),
    (628, 661, 654, 657),
    (882, 888, 886, 898),
    (936, 931, 916, 931),
    (661, 668, 609, 685),
    (583, 583, 563, 625),
    (775, 838, 866, 875),
    (1000, 1000, 1000, 1000),
    (940, 962, 965, 962),
    (619, 666, 614, 669),
    (972, 981, 975.01, 975),
    (957, 978, 946, 970),
)


@pytest.fixture
def figure() -> Figure:
    ranks = dict(zip(MODELS, average_ranks(AUC).tolist(), strict=True))
    groups = [("C4.5+m+cf", "C4.5+m", "C4.5+cf"), ("C4.5+cf", "C4.5")]
    return critical_difference(ranks, nemenyi_difference(4, 14), groups, "AUC", title="4 models on 14 data sets")


def _texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_the_papers_critical_difference_is_written(figure: Figure) -> None:
    assert "critical difference 1.25 (Nemenyi, 5%)" in _texts(figure)
    assert nemenyi_difference(4, 14) == pytest.approx(1.253559, abs=5e-7)


def test_every_model_stands_with_its_rank(figure: Figure) -> None:
    assert {"C4.5+m+cf 1.96", "C4.5+m 2.00", "C4.5+cf 2.89", "C4.5 3.14"} <= set(_texts(figure))


def test_bars_reach_from_the_best_of_a_group_to_its_worst(figure: Figure) -> None:
    ruler, *bars = _thick(figure)
    place = _scale(ruler)
    ends = [sorted(float(place(x)) for x in bar.get_xdata()) for bar in bars]
    assert ends == [pytest.approx([1.964286, 2.892857]), pytest.approx([2.892857, 3.142857])]


def test_the_line_above_is_as_long_as_the_difference(figure: Figure) -> None:
    ruler = _thick(figure)[0]
    line = next(line for line in figure.axes[0].lines if line.get_linewidth() == 1.6)
    assert np.ptp([float(_scale(ruler)(x)) for x in line.get_xdata()]) == pytest.approx(1.253559, abs=1e-6)


def test_the_description_names_who_is_not_told_apart(figure: Figure) -> None:
    assert description(figure).endswith("Not told apart: C4.5+m+cf and C4.5+m and C4.5+cf; C4.5+cf and C4.5.")


def _thick(figure: Figure) -> list[Any]:
    """The ruler, which is drawn first, and the bars of the groups."""
    lines = list(figure.axes[0].lines)
    return [lines[0], *(line for line in lines if line.get_linewidth() == 3.0)]


def _scale(ruler: Any) -> Any:
    """From inches to ranks: the ruler goes from rank 1 to rank 4."""
    start, end = ruler.get_xdata()
    return lambda x: 1 + 3 * (x - start) / (end - start)
