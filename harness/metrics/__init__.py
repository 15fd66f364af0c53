"""Metrics, computed from kept predictions: ours by name, and any scikit-learn scorer."""

from harness.metrics.metric import Metric, Predictions
from harness.metrics.resolve import METRICS, check_metric, default_metrics, resolve_metrics

__all__ = ["METRICS", "Metric", "Predictions", "check_metric", "default_metrics", "resolve_metrics"]
