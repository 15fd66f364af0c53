"""Pictures and data inside a page."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class Picture:
    """A figure as an image of the page.

    Attributes:
        source: Its data URI.
        alt: What it shows, for those who cannot see it.
        caption: The line below it.
        width: In CSS pixels.
        height: In CSS pixels.
    """

    source: str
    alt: str
    caption: str
    width: int
    height: int


def picture(figure: Figure, caption: str) -> Picture:
    """Draws a figure into a data URI.

    A script inside an image never runs, whatever the labels of the figure say.

    Args:
        figure: What to draw.
        caption: The line below it.
    """
    from harness.report.figures._style import description
    from harness.report.figures.render import render

    width, height = (round(96 * inches) for inches in figure.get_size_inches())
    content = base64.b64encode(render(figure)).decode()
    return Picture(f"data:image/svg+xml;base64,{content}", description(figure), caption, width, height)


def embedded_json(value: Any) -> str:
    """Writes JSON that no HTML parser can take for the end of the element it stands in.

    Example:
        >>> embedded_json({"label": "</script>"})
        '{"label": "\\\\u003c/script\\\\u003e"}'
    """
    return json.dumps(value, allow_nan=False).translate(_ESCAPES)
