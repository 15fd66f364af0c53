"""What a network has learned, as pictures: feature maps, filters, weights, and a film of filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness._lazy import lazy_names

if TYPE_CHECKING:
    from harness.visualization.feature_maps import draw_feature_maps
    from harness.visualization.filter_images import FilterImages
    from harness.visualization.filters import draw_filters
    from harness.visualization.weights import draw_weights

_MODULES = {
    "FilterImages": "filter_images",
    "draw_feature_maps": "feature_maps",
    "draw_filters": "filters",
    "draw_weights": "weights",
}

__all__ = ["FilterImages", "draw_feature_maps", "draw_filters", "draw_weights"]

__getattr__ = lazy_names(__name__, _MODULES)
