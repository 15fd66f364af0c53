"""Figures: each a function from plain tables to a Matplotlib figure, and a catalogue of them for runs."""

from harness.report.figures.catalogue import FIGURES, FigureKind, common_title, draw_kind, figures_of

__all__ = ["FIGURES", "FigureKind", "common_title", "draw_kind", "figures_of"]
