"""Evaluate Keras models honestly: folds, repeats and seeds, intervals whose coverage is known, runs that resume."""

from harness._version import __version__

__all__ = ["__version__"]
