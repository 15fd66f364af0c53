"""The look that all figures share: legible in grey, on a phone, and in print.

No meaning hangs on colour alone: series also differ by line style, marker or hatching, and are labelled where
they are drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, ParamSpec

import matplotlib as mpl
from matplotlib.figure import Figure

from harness.report.text import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

P = ParamSpec("P")

INK = "#1a1a1a"
GREY = "#6b6b6b"
PALE = "#d9d9d9"
COLOURS = ("#00508f", "#b3541e", "#3d7a3d", "#7a3d80", "#1a1a1a", "#8a6d00")
"""Colours of series; each has a contrast of 3 or more against white."""
LINES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 4)))
MARKERS = ("o", "s", "^", "D", "v", "P")
HATCHES = ("", "///", "\\\\\\", "xxx", "---", "+++")
WIDTH = 5.2
"""Width of a figure in inches: that of a printed column, and readable on a phone."""

_ROW_LABEL = 24
_UPRIGHT = 20
_NARROW = 1.3

_RC: Any = {
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    # Given, not found by measuring every label, which takes a fifth of the time to draw.
    "axes.titley": 1.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.8,
    # Nothing that a legend covers runs through its words.
    "legend.frameon": True,
    "legend.framealpha": 0.85,
    "legend.edgecolor": "none",
    "legend.borderpad": 0.2,
    "legend.fontsize": 9,
    "lines.linewidth": 1.8,
    "hatch.linewidth": 0.6,
    "hatch.color": "white",
    # A label with dollar signs is a label, not a formula.
    "text.parse_math": False,
}


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Makes a drawing function draw in the common style, whatever the user's own settings are."""

    @wraps(draw)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> Figure:
        settings = _settings()
        with mpl.rc_context():
            # Checked once; checking every setting again takes as long as drawing a small figure.
            parameters: Any = mpl.rcParams
            dict.update(parameters, settings)
            return draw(*args, **kwargs)

    return wrapper


@cache
def _settings() -> dict[str, Any]:
    """Matplotlib's defaults with ours."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_RC)
        parameters: Any = mpl.rcParams
        return {name: value for name, value in dict.items(parameters) if not name.startswith("backend")}


def grid(
    columns: int = 1,
    rows: int = 1,
    height: float = 3.2,
    left: float = 0.75,
    top: float = 0.38,
    ratios: tuple[float, ...] | None = None,
) -> tuple[Figure, list[Axes]]:
    """Makes a figure of equal panels.

    Margins are fixed in inches rather than found by a layout engine, which would double the time to draw.

    Args:
        columns: Panels side by side.
        rows: Panels one above the other.
        height: Height of a row in inches.
        left: Room for the labels left of a panel, in inches.
        top: Room above the upper panels, in inches.
        ratios: Heights of the rows to each other; they then stand close and share one axis of x.

    Returns:
        The figure and its panels, row by row.
    """
    total = height * rows
    figure = Figure(figsize=(WIDTH, total))
    space = left + 0.15
    panel = (WIDTH - columns * space) / columns
    figure.subplots_adjust(
        left=left / WIDTH,
        right=1 - 0.15 / WIDTH,
        bottom=0.55 / total,
        top=1 - top / total,
        wspace=space / panel,
        hspace=0.15 if ratios else 1.0 / (height - 1.0),
    )
    axes = figure.subplots(rows, columns, squeeze=False, height_ratios=ratios)
    panels = [panel for row in axes for panel in row]
    for each in panels:
        # Few ticks: they are what takes longest to draw, and what crowds a picture on a phone.
        each.locator_params(nbins=5)
    return figure, panels


def legend_above(axes: Axes, title: str = "", columns: int = 3) -> None:
    """Puts the legend between a panel and its title, where it hides nothing; needs 0.55 inches above."""
    # Beside long names a panel is too narrow for it: there it begins above the names.
    wide = axes.get_position().x0 * WIDTH < _NARROW
    axes.legend(
        loc="lower left" if wide else "lower right",
        bbox_to_anchor=(0 if wide else 1, 1),
        ncols=columns,
        borderaxespad=0.2,
        frameon=False,
        handletextpad=0.4,
        handlelength=1.6,
        columnspacing=1.0,
    )
    axes.set_title(shown(title, 70), pad=22)


def label(axes: Axes, x: str, y: str, title: str = "") -> None:
    """Names both axes with their units, and the panel."""
    axes.set_xlabel(shown(x, 60))
    axes.set_ylabel(_upright(shown(y, 40)))
    if title:
        axes.set_title(shown(title, 70))


def _upright(text: str) -> str:
    """A long label of a vertical axis on two lines, its unit below."""
    name, found, unit = text.rpartition(" [")
    return f"{name}\n[{unit}" if found and len(text) > _UPRIGHT else text


def described(figure: Figure, text: str) -> Figure:
    """Gives a figure the sentence that says what it shows to those who cannot see it."""
    figure.set_label(printable(text))
    return figure


def description(figure: Figure) -> str:
    """The sentence that `described` gave."""
    return str(figure.get_label())


def shown(text: str, length: int = 28) -> str:
    """Makes any text fit to be drawn: one line, no longer than `length`.

    Example:
        >>> shown("a very long name of a model", 12)
        'a very long…'
    """
    line = printable(text)
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"


def row_labels(axes: Axes, labels: list[str]) -> None:
    """Names the rows of a panel from top to bottom."""
    axes.set_yticks(range(len(labels)), ["\n".join(_lines(text)) for text in labels])
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)


def room_for(labels: list[str]) -> float:
    """Inches that the longest of these row labels takes."""
    return 0.35 + 0.085 * max((len(line) for text in labels for line in _lines(text)), default=0)


def _lines(text: str) -> list[str]:
    """A long difference of two models, or a model and its data set or arguments, on two lines."""
    if len(text) <= _ROW_LABEL:
        return [shown(text)]
    for mark, start in ((" − ", "− "), (" on ", "on "), ("(", "(")):
        first, found, second = text.partition(mark)
        if found:
            return [_ends(first), _ends(f"{start}{second}")]
    return [_ends(text)]


def _ends(text: str) -> str:
    """The beginning and the end of a long name: models of one family differ at the end."""
    line = printable(text)
    half = (_ROW_LABEL - 1) // 2
    return line if len(line) <= _ROW_LABEL else f"{line[:half]}…{line[-half:]}"
