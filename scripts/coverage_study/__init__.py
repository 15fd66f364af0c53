"""How often do the intervals cover the truth? The study behind `docs/statistics.md`."""
