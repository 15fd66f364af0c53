"""Figures as the bytes of a file."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from harness.errors import UsageError
from harness.report.figures._style import description

SUFFIXES = {".svg": "svg", ".png": "png", ".pdf": "pdf"}
_DPI = 160


def render(figure: Figure, kind: str = "svg") -> bytes:
    """Writes a figure; equal figures give equal bytes.

    Text stays text in SVG: it can be searched, and a viewer finds glyphs for any script.

    Args:
        figure: What to write.
        kind: "svg", "png" or "pdf".

    Example:
        >>> render(Figure(figsize=(1, 1))).startswith(b"<?xml")
        True
    """
    stream = io.BytesIO()
    settings: Any = {"svg.fonttype": "none", "svg.hashsalt": "harness"}
    with mpl.rc_context(settings), warnings.catch_warnings():
        # The font that measures the text may lack glyphs that the viewer has.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(stream, format=kind, dpi=_DPI, metadata=_metadata(figure, kind))
    return stream.getvalue()


def write_figure(figure: Figure, path: Path) -> None:
    """Writes a figure to a file, whose suffix says how.

    Raises:
        UsageError: An unknown suffix.
    """
    path.write_bytes(render(figure, figure_format(path)))


def figure_format(path: Path) -> str:
    """The format that a file's suffix asks for.

    Raises:
        UsageError: An unknown suffix.

    Example:
        >>> figure_format(Path("roc.SVG"))
        'svg'
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"A figure is written as {', '.join(SUFFIXES)}. Received: '{path}'; use one of these")
    return SUFFIXES[suffix]


def _metadata(figure: Figure, kind: str) -> dict[str, Any]:
    """What the figure shows; no date, so that the bytes depend on nothing else."""
    text = description(figure)
    if kind == "svg":
        return {"Date": None, "Description": text}
    if kind == "pdf":
        return {"CreationDate": None, "Subject": text}
    return {"Software": None, "Description": text}
