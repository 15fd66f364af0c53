"""Critical-difference diagram: average ranks over data sets, and which models cannot be told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from harness.report.figures._style import GREY, INK, WIDTH, described, shown, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STEP = 0.25
"""Inches between two labels, and between two bars."""
_LONGEST = 20
_LETTER = 0.069
"""Inches that a letter of a name takes."""


@styled
def critical_difference(
    ranks: Mapping[str, float],
    difference: float,
    groups: Sequence[Sequence[str]],
    metric: str,
    level: float = 0.95,
    title: str = "",
) -> Figure:
    """Draws models on a scale of average ranks, the best on the left, and bars that join those not told apart.

    The line above the scale is Nemenyi's critical difference. The bars below come from the pairwise tests; a
    dot on a bar marks each model that belongs to it.

    Args:
        ranks: Average rank of each model over the data sets, 1 for the best; two models or more.
        difference: Critical difference of two average ranks.
        groups: Models of which no two are told apart.
        metric: Name of the metric.
        level: Level of the tests, for the label.
        title: What was compared.

    Source: Demšar, Statistical Comparisons of Classifiers over Multiple Data Sets, JMLR 7 (2006); bars from
    Wilcoxon's tests as Benavoli, Corani & Mangili, JMLR 17 (2016), advise.

    Example:
        >>> figure = critical_difference({"a": 1.2, "b": 1.8}, 0.7, [("a", "b")], "accuracy")
        >>> figure.axes[0].get_title()
        ''
    """
    order = sorted(ranks, key=lambda model: ranks[model])
    left, right = order[: -(-len(order) // 2)], order[-(-len(order) // 2) :][::-1]
    below = (len(groups) + 0.6) * _STEP
    height = 1.05 + below + len(left) * _STEP
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlabel(f"average rank in {metric}")
    names = {model: f"{shown(model, _LONGEST)} {ranks[model]:.2f}" for model in order}
    scale = _Scale(axes, len(order), height - 0.95, side=0.2 + _LETTER * max(map(len, names.values())))
    scale.draw_ruler()
    scale.draw_difference(difference, f"critical difference {difference:.2f} (Nemenyi, {100 * (1 - level):.3g}%)")
    for number, group in enumerate(groups):
        scale.draw_group([ranks[model] for model in group], number)
    for side, models in (("left", left), ("right", right)):
        for number, model in enumerate(models):
            scale.draw_name(names[model], ranks[model], below + number * _STEP, side)
    heading = shown(f"{title}, average rank in {metric}".lstrip(", "), 70)
    axes.text(0.1, height - 0.12, heading, va="top", color=INK)
    return described(figure, _sentence(ranks, order, difference, groups, metric))


class _Scale:
    """A ruler of ranks in a panel whose coordinates are inches."""

    def __init__(self, axes: Axes, models: int, top: float, side: float) -> None:
        self.axes, self.models, self.top, self.side = axes, models, top, side
        axes.set(xlim=(0, WIDTH), ylim=(0, top + 0.95))

    def place(self, rank: float) -> float:
        """Inches from the left."""
        return self.side + (WIDTH - 2 * self.side) * (rank - 1) / max(self.models - 1, 1)

    def line(self, xs: Sequence[float], ys: Sequence[float], width: float = 1.0, colour: str = INK) -> None:
        self.axes.plot(xs, ys, color=colour, linewidth=width, solid_capstyle="butt", clip_on=False)

    def draw_ruler(self) -> None:
        self.line([self.place(1), self.place(self.models)], [self.top, self.top])
        # A number takes about 0.2 inches.
        step = max(1, round(0.2 * self.models / (self.place(self.models) - self.place(1)) + 0.5))
        for rank in range(1, self.models + 1, step):
            self.line([self.place(rank)] * 2, [self.top, self.top + 0.07])
            self.axes.text(self.place(rank), self.top + 0.1, str(rank), ha="center", va="bottom", fontsize=9)

    def draw_difference(self, difference: float, text: str) -> None:
        start, end = self.place(1), min(self.place(1 + difference), WIDTH - 0.1)
        height = self.top + 0.36
        self.line([start, end], [height, height], 1.6)
        for x in (start, end):
            self.line([x, x], [height - 0.05, height + 0.05], 1.2)
        self.axes.text(start, height + 0.08, text, ha="left", va="bottom", fontsize=9)

    def draw_group(self, ranks: Sequence[float], number: int) -> None:
        height = self.top - (number + 0.7) * _STEP
        xs = [self.place(rank) for rank in ranks]
        self.line([min(xs), max(xs)], [height, height], 3.0)
        self.axes.plot(xs, [height] * len(xs), "o", color=INK, markersize=5.5, clip_on=False)

    def draw_name(self, name: str, rank: float, below: float, side: str) -> None:
        height = self.top - below - 0.1
        end = self.side - 0.1 if side == "left" else WIDTH - self.side + 0.1
        self.line([self.place(rank), self.place(rank), end], [self.top, height, height], 0.8, GREY)
        away = -0.05 if side == "left" else 0.05
        align = "right" if side == "left" else "left"
        self.axes.text(end + away, height, name, ha=align, va="center", fontsize=8)


def _sentence(
    ranks: Mapping[str, float],
    order: Sequence[str],
    difference: float,
    groups: Sequence[Sequence[str]],
    metric: str,
) -> str:
    placed = ", ".join(f"{model} {ranks[model]:.2f}" for model in order)
    joined = "; ".join(" and ".join(group) for group in groups) or "none"
    return f"Average ranks in {metric}: {placed}. Critical difference {difference:.2f}. Not told apart: {joined}."
